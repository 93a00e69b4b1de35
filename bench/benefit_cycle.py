"""A month of the whole city's benefits: ``python -m bench.benefit_cycle``.

Uses the record of ``SONGBAI_HOME`` (``songbai demo --build-only --region 50``). Runs one month
first, so that there is something to tell changes against; then times the next, as ``songbai
benefits run`` does it: reading everybody from PostgreSQL, freezing, deciding, telling changes,
writing back, and checking. What it wrote it takes back.
"""

# ruff: noqa: E402  # Django is set up before its models are imported

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
os.environ["SONGBAI_DEMO"] = "1"

from songbai.core import embedded

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = embedded.start()

import django

django.setup()

from django.db import connection, transaction

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.actions.cycles import checking, deciding, run
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.lake import wide
from songbai.domain.benefits.models import Cycle, Snapshot
from songbai.domain.benefits.rules.months import Month

#: Whose time is told, in the order of the work: module, function, words.
LEGS: list[tuple[Any, str, str]] = [
    (wide, "_hold", "read everybody from PostgreSQL"),
    (wide, "_widen", "one wide row a person"),
    (wide, "_turning", "look for turns within the month"),
    (lakes, "write", "write Parquet, with digest"),
    (lakes, "verified", "verify digests"),
    (deciding, "decide_tables", "decide everybody"),
    (deciding, "compare", "tell the changes"),
    (lakes, "hand_over", "write back to PostgreSQL"),
    (deciding, "_keep", "index and attach the partition"),
    (checking, "check_tables", "check"),
]
#: What a run leaves, children first.
TABLES = (
    "benefits_cycleexception", "benefits_townpart", "benefits_cyclestep",
)  # fmt: skip


def timed() -> dict[str, float]:
    """Have every leg count its seconds."""
    seconds: dict[str, float] = defaultdict(float)
    for module, name, words in LEGS:
        setattr(module, name, _counting(getattr(module, name), seconds, words))
    return seconds


def _counting(work: Callable[..., Any], seconds: dict[str, float], words: str) -> Any:
    def counted(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*arguments, **named)
        finally:
            seconds[words] += time.perf_counter() - began

    return counted


def take_back(snapshots: list[int]) -> None:
    """Drop what the runs wrote; only here are triggers quiet."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for pk in snapshots:
            cursor.execute(f"DROP TABLE IF EXISTS {lakes.partition(pk)}")
            cursor.execute("SELECT id FROM benefits_cycle WHERE snapshot_id = %s", [pk])
            cycles = [row[0] for row in cursor.fetchall()] or [0]
            for table in TABLES:
                cursor.execute(f"DELETE FROM {table} WHERE cycle_id = ANY(%s)", [cycles])
            cursor.execute("DELETE FROM benefits_cycle WHERE snapshot_id = %s", [pk])
            cursor.execute(
                "DELETE FROM events_event WHERE subject_kind = 'cycle' AND subject_id = ANY(%s)",
                [cycles],
            )
            cursor.execute(
                "DELETE FROM benefits_snapshotfile WHERE snapshot_id = %s RETURNING name", [pk]
            )
            for (name,) in cursor.fetchall():
                (lakes.folder() / name).unlink(missing_ok=True)
            cursor.execute("DELETE FROM benefits_snapshot WHERE id = %s", [pk])


def write_many(count: int = 3_500_000) -> None:
    """As many rows as a city has when every benefit is given: written, indexed, dropped."""
    table = "benefits_decision_0"
    rows = (
        "SELECT 0::BIGINT AS snapshot_id, i AS elder_id, i % 160 AS cycle_id,"
        " '500151001001' AS region_id, 1::SMALLINT AS outcome, 1::SMALLINT AS change,"
        " 0::BIGINT AS failed, 0::BIGINT AS unknown, 1000::BIGINT AS amount,"
        f" 1000::BIGINT AS before, '' AS cause FROM range({count}) t(i)"
    )
    with lakes.lake() as engine:
        began = time.perf_counter()
        lakes.hand_over(engine, rows, table, "LIKE benefits_decision INCLUDING CONSTRAINTS")
        copied = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (snapshot_id, elder_id, cycle_id)")
            cursor.execute(f"CREATE INDEX ON {table} (cycle_id, region_id, elder_id)")
            indexed = time.perf_counter()
            cursor.execute(f"DROP TABLE {table}")
    print(
        f"\n{count:,} rows: written in {copied - began:.1f} s, indexed in {indexed - copied:.1f} s"
    )


def main() -> None:
    """Two months; the second one told leg by leg."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", default="50")
    parser.add_argument("--month", default="2026-11")
    parser.add_argument("--before", default="2026-10")
    options = parser.parse_args()
    legs = timed()
    started: list[int] = []
    try:
        for month in (options.before, options.month):
            legs.clear()
            began = time.perf_counter()
            stages: dict[str, float] = {}
            cycles = run(SYSTEM, options.region, Month(month), stages=_stages(stages))
            took = time.perf_counter() - began
            snapshot = Snapshot.objects.latest("pk")
            started.append(snapshot.pk)
            _tell(month, snapshot, cycles, took, stages, legs)
    finally:
        take_back(started)
    write_many()


def _stages(seconds: dict[str, float]) -> Any:
    def stage(name: str, work: Callable[[], object]) -> object:
        began = time.perf_counter()
        found = work()
        seconds[name] = time.perf_counter() - began
        return found

    return stage


def _tell(
    month: str,
    snapshot: Snapshot,
    cycles: list[Cycle],
    took: float,
    stages: dict[str, float],
    legs: dict[str, float],
) -> None:
    print(f"\n{month}: {snapshot.rows:,} people, {len(cycles)} cycles, end to end {took:.1f} s")
    for name, seconds in stages.items():
        print(f"  {name:<36} {seconds:6.1f} s")
    for _, _, words in LEGS:
        print(f"    {words:<34} {legs[words]:6.1f} s")
    for what in ("yes", "cannot_decide", "new", "changed", "stopped", "same", "fen"):
        print(f"  {what:<14} {sum(getattr(cycle, what) for cycle in cycles):>16,}")
    with connection.cursor() as cursor:
        for table in (lakes.partition(snapshot.pk), "benefits_cycleexception"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            print(f"  rows in {table}: {cursor.fetchone()[0]:,}")
    for file in snapshot.files.all():
        print(f"  {file.kind:<10} {file.rows:>12,} rows {file.bytes / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
