"""``songbai dispatch solve``: plan one day from a file. Needs neither the apps nor a database."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from songbai.domain.dispatch.solver.search import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``solve INSTANCE.json`` and its options."""
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("warm", help="把排班程序编译好，第一次排班就不用等")
    solve = acts.add_parser("solve", help="为一天的上门服务排路线：读基准算例文件，写方案文件")
    solve.add_argument("instance", type=Path, help="算例文件（HHCRSP JSON）")
    solve.add_argument("--seconds", type=float, default=10.0, help="搜索几秒，默认 10")
    solve.add_argument("--seed", type=int, default=1, help="随机种子")
    solve.add_argument("--cores", type=int, default=0, help="用几个核，默认全部")
    solve.add_argument("--iterations", type=int, help="每核尝试次数；给出后不看时间，结果可重复")
    solve.add_argument("--out", type=Path, help="方案写到这里")
    solve.add_argument("--progress", action="store_true", help="边算边报当前最好的结果")


def solve(options: argparse.Namespace) -> int:
    """Search, write the solution, print cost, parts and time; 2 when the file cannot be read."""
    began = time.monotonic()
    from songbai.domain.dispatch.solver.instance import BadInstance, as_json, load
    from songbai.domain.dispatch.solver.search import Effort, search

    try:
        instance = load(options.instance)
    except (BadInstance, OSError) as error:
        print(f"算例读不了：{error}", file=sys.stderr)
        return 2
    ready = time.monotonic()
    cores = options.cores or len(os.sched_getaffinity(0))
    effort = Effort(options.seconds, options.iterations, cores, options.seed)
    found = search(instance, effort, _tell if options.progress else None)
    spent = time.monotonic()
    if options.out:
        options.out.write_text(json.dumps(as_json(instance, found)), encoding="utf-8")
    cost = found.cost
    print(
        f"cost {cost.value:.3f}  travel {cost.travel / 1000:.3f}  lateness"
        f" {cost.lateness / 1000:.3f}  worst {cost.worst / 1000:.3f}  search {spent - ready:.1f} s"
        f"  whole {time.monotonic() - began:.1f} s  cores {cores}  seed {options.seed}"
    )
    return 0


def _tell(progress: Progress) -> bool:
    print(f"{progress.share:6.1%}  {progress.cost:.3f}", file=sys.stderr)
    return True


def warm() -> int:
    """Compile all kernels."""
    began = time.monotonic()
    from songbai.domain.dispatch.solver.warm import warm as compile_all

    print(f"{compile_all()}  {time.monotonic() - began:.1f} s")
    return 0


def run(options: argparse.Namespace) -> int:
    """The act that was asked for; its exit code."""
    return warm() if options.act == "warm" else solve(options)


def main(arguments: list[str]) -> int:
    """Run from the command line, without loading the apps."""
    parser = argparse.ArgumentParser(prog="songbai dispatch")
    add_arguments(parser)
    return run(parser.parse_args(arguments))
