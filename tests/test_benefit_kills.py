"""A run of benefits dies in each of its stages: resumed, it ends as if nothing had happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from .stage import Stage, eventually

pytestmark = pytest.mark.slow

SET_UP = """
import django; django.setup()
from songbai.domain.benefits.tests.cycles import say
from songbai.domain.elders.models import Elder
for number, elder in enumerate(Elder.objects.filter(region_id="500151001001").order_by("pk")):
    say(elder, "gongan", "hukou", elder.region_id)
    if not number:
        say(elder, "renshe", "bank_card", "6217000000000001")
"""
#: Each stage waits for a table late in its work: for its rows, or to attach a partition to it.
STAGES = {
    "freezing": ("benefits_cycle", "EXCLUSIVE", "2026-08"),
    "deciding": ("benefits_decision", "SHARE UPDATE EXCLUSIVE", "2026-09"),
    "checking": ("benefits_cycleexception", "EXCLUSIVE", "2026-10"),
    "sending to the towns": ("benefits_townpart", "EXCLUSIVE", "2026-11"),
}
ENDS = """
SELECT c.policy, c.region_id, c.state, c.yes, c.cannot_decide, c.fen, c.new, c.same, c.stopped,
  (SELECT array_agg((d.elder_id, d.outcome, d.change, d.failed, d.unknown, d.amount, d.cause)::text
     ORDER BY d.elder_id) FROM benefits_decision d WHERE d.cycle_id = c.id),
  (SELECT array_agg((x.elder_id, x.kind, x.facts, x.state)::text ORDER BY x.elder_id, x.kind)
     FROM benefits_cycleexception x WHERE x.cycle_id = c.id),
  (SELECT array_agg((t.region_id, t.people, t.fen)::text ORDER BY t.region_id)
     FROM benefits_townpart t WHERE t.cycle_id = c.id),
  (SELECT array_agg(s.state ORDER BY s.id) FROM benefits_cyclestep s WHERE s.cycle_id = c.id)
FROM benefits_cycle c WHERE c.month = %s ORDER BY 1, 2
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with two finished runs, the second of which is what others must end like."""
    standing = Stage(Path(tmp_path_factory.mktemp("benefit-kills")))
    try:
        standing.start_database()
        standing.set_up()
        standing.run("-c", SET_UP)
        for month in ("2026-06", "2026-07"):
            benefits(standing, "run", "--region", "500151", "--month", month)
        yield standing
    finally:
        standing.close()


def benefits(stage: Stage, *arguments: str) -> str:
    return stage.run("-m", "songbai.cli.main", "benefits", *arguments)


@contextmanager
def closed_table(stage: Stage, table: str, mode: str) -> Iterator[None]:
    """Nobody writes the table meanwhile; reading goes on."""
    with psycopg.connect(stage.database) as holder:
        holder.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield
        holder.rollback()


def ends(stage: Stage, month: str) -> list[tuple[Any, ...]]:
    return stage.sql(ENDS, month)


def waits_for(stage: Stage, table: str) -> bool:
    [(count,)] = stage.sql(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", table
    )
    return bool(count)


@pytest.mark.parametrize("name", STAGES)
def test_a_run_killed_in_a_stage_is_resumed_and_ends_the_same(stage: Stage, name: str) -> None:
    table, mode, month = STAGES[name]
    command = ("run", "--region", "500151", "--month", month)
    with closed_table(stage, table, mode):
        stage.start("benefits", "benefits", *command)
        eventually(f"{name} waits for its table", 120, lambda: waits_for(stage, table))
        stage.kill("benefits")
    eventually("the record let go", 20, lambda: not waits_for(stage, table))
    said = benefits(stage, "resume")
    assert ("没有被中断" in said) == (name == "freezing")
    benefits(stage, *command)
    assert ends(stage, month) == ends(stage, "2026-07")
    assert len(ends(stage, month)) > 3
    known = {name for (name,) in stage.sql("SELECT name FROM benefits_snapshotfile")}
    lying = {path.name for path in (stage.home / "lake").rglob("*") if path.is_file()}
    assert lying == known
