"""Plan one day of an HHCRSP file: ``python -m bench.dispatch.solve INSTANCE.json --seconds 10``.

Prints cost, travel, lateness, worst lateness and times; ends with code 2 when the file cannot be
read.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from bench.dispatch.routes.instance import BadInstance, as_json, load
from bench.dispatch.routes.search import search
from songbai.domain.dispatch.solver.effort import Effort, Progress


def solve(options: argparse.Namespace) -> int:
    """Search, write the solution, print cost, parts and time; 2 when the file cannot be read."""
    began = time.monotonic()
    try:
        instance = load(options.instance)
    except (BadInstance, OSError) as error:
        print(f"cannot read the instance: {error}", file=sys.stderr)
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


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.dispatch.solve")
    parser.add_argument("instance", type=Path, help="an HHCRSP instance as JSON")
    parser.add_argument("--seconds", type=float, default=10.0, help="of search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cores", type=int, default=0, help="all of the machine unless given")
    parser.add_argument("--iterations", type=int, help="tries per core, in place of the time")
    parser.add_argument("--out", type=Path, help="where the plan is written")
    parser.add_argument("--progress", action="store_true", help="tell the best so far")
    return solve(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
