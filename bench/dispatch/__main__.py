"""All visible HHCRSP instances beside the peers: ``python -m bench.dispatch``.

Prints for each instance the cost and its ratio to the best published value, mean of the seeds;
every solution passes the independent checker. ``--city`` adds a day of 1,000 patients, ``--day``
the engine that plans days (``as_day``), ``--cores`` gives ours fewer.
"""

import argparse
import csv
import json
import math
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.dispatch import as_day, peers
from bench.dispatch.checker import check
from bench.dispatch.city import city
from songbai.domain.dispatch.solver.instance import parse

HERE = Path(__file__).parents[1] / "hhcrsp"
PEERS: dict[str, Callable[[Any, float], peers.Routes | None]] = {
    "greedy": lambda day, _seconds: peers.greedy(day),
    "ortools": peers.ortools,
    **{f"ortools:{way}": partial(peers.ortools, first_plan=way) for way in peers.FIRST_PLANS},
    "pyvrp": lambda day, seconds: peers.twice(day, seconds, peers.pyvrp),
    "vroom": lambda day, seconds: peers.twice(day, seconds, peers.vroom_solver),
}


def ours(file: Path, data: dict[str, Any], seconds: float, seed: int, cores: int) -> float:
    """Cost of our solution, as the command writes it."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = [sys.executable, "-m", "songbai.cli.main", "dispatch", "solve", str(file)]
        command += ["--seconds", str(seconds), "--seed", str(seed), "--out", out.name]
        command += ["--cores", str(cores)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        verdict = check(data, json.loads(Path(out.name).read_text(encoding="utf-8")))
    if verdict.faults:
        raise AssertionError(f"{file.stem}: {verdict.faults}")
    return verdict.cost


def theirs(name: str, data: dict[str, Any], seconds: float) -> float | None:
    """Cost of a peer's routes; None when it has none that keep the constraints."""
    instance = parse(data, name)
    routes = PEERS[name](instance, seconds)
    if routes is None:
        return None
    verdict = check(data, peers.as_solution(instance, routes))
    return None if verdict.faults else verdict.cost


def measure(
    file: Path, best: float | None, options: argparse.Namespace, names: list[str]
) -> dict[str, float | None]:
    """Costs by solver; prints one line."""
    data = json.loads(file.read_text(encoding="utf-8"))
    seeds = range(1, options.seeds + 1)
    costs: dict[str, float | None] = {
        "songbai": fmean(ours(file, data, options.seconds, seed, options.cores) for seed in seeds)
    }
    if options.day:
        costs["day"] = fmean(
            check(data, as_day.solved(data, options.seconds, seed)).cost for seed in seeds
        )
    costs |= {name: theirs(name, data, options.seconds) for name in names}
    base = best or costs["songbai"] or 1.0
    cells = [
        f"{name} {'none' if cost is None else f'{cost:.2f} ({cost / base:.4f})'}"
        for name, cost in costs.items()
    ]
    print(f"{file.stem[:44]:44}", *cells, sep="  ", flush=True)
    return costs


def main() -> None:
    """Run what was asked for and print the geometric means."""
    parser = argparse.ArgumentParser(prog="python -m bench.dispatch")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="parts of names, or big / small")
    parser.add_argument(
        "--peers", default="greedy,ortools,pyvrp,vroom", help="empty: none; also ortools:SAVINGS …"
    )
    parser.add_argument("--city", action="store_true")
    parser.add_argument("--day", action="store_true", help="beside the engine that plans days")
    parser.add_argument("--cores", type=int, default=0, help="0: all")
    options = parser.parse_args()
    names = [name for name in options.peers.split(",") if name]
    ratios: dict[str, list[float]] = {}
    if options.city:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "city.json"
            file.write_text(json.dumps(city()), encoding="utf-8")
            measure(file, None, options, names)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"memory of ours {peak:.0f} MiB")
        return
    with (HERE / "best.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        if not wanted(row, options.only):
            continue
        best = float(row["best"])
        costs = measure(HERE / "instances" / f"{row['instance']}.json", best, options, names)
        for name, cost in costs.items():
            if cost is not None:
                ratios.setdefault(name, []).append(cost / best)
    for name, found in ratios.items():
        mean = math.exp(fmean(math.log(ratio) for ratio in found))
        print(f"{name}: {len(found)} solved, geometric mean {mean:.4f}, worst {max(found):.4f}")


def wanted(row: dict[str, str], only: str) -> bool:
    """Whether ``--only`` asks for the instance."""
    if only in ("big", "small"):
        return (int(row["patients"]) >= 44) == (only == "big")
    return any(part in row["instance"] for part in only.split(","))


if __name__ == "__main__":
    main()
