"""How fast pages answer with 20 people at work: ``python -m bench.pages [--seconds 60] [--url …]``.

Needs a running demo (``songbai demo``). Prints median, p95 and the ratio to ``/about/``, the page
that asks the database for next to nothing, so that our own work can be told from the machine's.
Two runs: people who pause two to six seconds between pages, and people who never pause.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Make sessions, run both loads, print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sessions = Path(folder) / "sessions.json"
        subprocess.run(
            [sys.executable, "-m", "songbai.cli.main", "shell", "-v0", "-c",
             f"from bench.pages.sessions import write; write({str(sessions)!r})"],
            check=True,
        )  # fmt: skip
        run(options, sessions, Path(folder) / "warm", pause=False, seconds=10)
        for pause in (True, False):
            rows = run(options, sessions, Path(folder) / f"load{pause}", pause=pause)
            report(rows, "with pauses of 2-6 s" if pause else "without any pause", options.users)


def run(
    options: argparse.Namespace, sessions: Path, out: Path, *, pause: bool, seconds: int = 0
) -> list[dict[str, str]]:
    """One locust run; returns its statistics per page. The first one only warms up."""
    subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(HERE / "people.py"), "--headless",
         "--host", options.url, "-u", str(options.users), "-r", "10",
         "-t", f"{seconds or options.seconds}s", "--csv", str(out), "--only-summary",
         "--loglevel", "ERROR"],
        check=False,
        env=os.environ | {"BENCH_SESSIONS": str(sessions), "BENCH_PAUSE": str(int(pause))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with Path(f"{out}_stats.csv").open() as lines:
        return list(csv.DictReader(lines))


def report(rows: list[dict[str, str]], title: str, users: int) -> None:
    """Print one table."""
    base = next((float(r["Median Response Time"]) for r in rows if r["Name"] == "/about/"), 1.0)
    print(f"\n{users} people {title}")
    print(f"{'page':<28}{'requests':>9}{'failed':>8}{'median':>8}{'p95':>7}{'ratio':>8}")
    for row in rows:
        median = float(row["Median Response Time"] or 0)
        print(
            f"{row['Name']:<28}{row['Request Count']:>9}{row['Failure Count']:>8}"
            f"{median:>8.0f}{float(row['95%'] or 0):>7.0f}{median / max(base, 1):>8.1f}"
        )
    total = next(r for r in rows if r["Name"] == "Aggregated")
    print(json.dumps({"requests_per_second": round(float(total["Requests/s"]), 1)}))


if __name__ == "__main__":
    main()
