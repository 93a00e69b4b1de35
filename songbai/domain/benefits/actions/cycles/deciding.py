"""Deciding everybody of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from django.db import transaction

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM, Actor, system_only
from songbai.core.sql import run
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.lake.comparing import BeforeFiles, CycleRow, compare
from songbai.domain.benefits.lake.deciding import decide as decide_tables
from songbai.domain.benefits.models import Cycle, Snapshot, SnapshotFile
from songbai.domain.benefits.population.at_size import Decided
from songbai.domain.benefits.queries.cycles import policies_of, policy_of
from songbai.domain.benefits.rules.cycle import Change, FileKind, Outcome, State
from songbai.domain.benefits.rules.months import Month
from songbai.domain.elders.models import Elder

from . import steps
from .freezing import record_file

_COUNTS = {
    "yes": f"outcome = {Outcome.YES}",
    "cannot_decide": f"outcome = {Outcome.CANNOT_DECIDE}",
    "stacked": f"outcome = {Outcome.STACKED}",
    "new": f"change = {Change.NEW}",
    "changed": f"change = {Change.CHANGED}",
    "stopped": f"change = {Change.STOPPED}",
    "same": f"change = {Change.SAME}",
}
_ROWS = (
    "SELECT {snapshot}::BIGINT AS snapshot_id, elder_id, cycle_id,"
    " lpad(region::VARCHAR, 12, '0') AS region_id, outcome::SMALLINT AS outcome,"
    " change::SMALLINT AS change, failed, unknown, amount, before, cause"
    " FROM decisions ORDER BY elder_id, cycle_id"
)


def decide(actor: Actor, snapshot: Snapshot) -> None:
    """Decide all frozen cycles of a snapshot and tell the changes; once.

    Raises NotAllowed, SnapshotMissing, SnapshotDamaged, WrongState when they are decided already.
    """
    system_only(actor)
    cycles = list(snapshot.cycles.select_related("previous__snapshot").order_by("pk"))
    facts = snapshot.files.get(kind=FileKind.FACTS)
    policies, month = policies_of(snapshot), Month.parse(snapshot.month)
    with lakes.lake() as engine:
        merged(engine)
        decided = decide_tables(engine, lakes.verified(engine, facts), policies, month)
        files = _write(engine, facts.name.removesuffix("facts.parquet"))
        rows = [_row(cycle) for cycle in cycles]
        compare(engine, decided, rows, _before(engine, cycles), month)
        lakes.hand_over(
            engine,
            _ROWS.format(snapshot=snapshot.pk),
            lakes.partition(snapshot.pk),
            "LIKE benefits_decision INCLUDING CONSTRAINTS",
        )
        _keep(actor, snapshot, cycles, files, decided, _counted(engine))


def merged(engine: duckdb.DuckDBPyConnection) -> None:
    """The records that are read as another one, as table ``merged``."""
    engine.execute("CREATE OR REPLACE TEMP TABLE merged (person BIGINT)")
    records = scope.visible(Elder, SYSTEM).exclude(merged_into=None).values_list("pk", flat=True)
    if people := [[record] for record in records]:
        engine.executemany("INSERT INTO merged VALUES (?)", people)


def _write(engine: duckdb.DuckDBPyConnection, name: str) -> dict[FileKind, SnapshotFile]:
    return {
        FileKind.CRITERIA: lakes.write(
            engine, "FROM criteria ORDER BY person", f"{name}criteria.parquet"
        ),
        FileKind.OUTCOMES: lakes.write(
            engine, "FROM outcomes ORDER BY person, policy", f"{name}outcomes.parquet"
        ),
    }


def _row(cycle: Cycle) -> CycleRow:
    before = cycle.previous
    alike = before is None or before.policy_text_id == cycle.policy_text_id
    return CycleRow(
        id=cycle.pk,
        policy=cycle.policy,
        district=cycle.region_id,
        before=before.snapshot_id if before else 0,
        same_policy=alike,
        same_conditions=before is None or policy_of(cycle).asks_the_same(policy_of(before)),
    )


def _before(engine: duckdb.DuckDBPyConnection, cycles: Sequence[Cycle]) -> dict[int, BeforeFiles]:
    found = {}
    for snapshot in {
        c.previous.snapshot_id: c.previous.snapshot for c in cycles if c.previous
    }.values():
        files = {file.kind: file for file in snapshot.files.all()}
        outcomes = files[FileKind.OUTCOMES]
        found[snapshot.pk] = BeforeFiles(
            lakes.verified(engine, files[FileKind.FACTS]),
            lakes.verified(engine, outcomes),
            outcomes.layout["policies"],
        )
    return found


def _counted(engine: duckdb.DuckDBPyConnection) -> dict[int, dict[str, int]]:
    """Counts and fen of each cycle."""
    sums = ", ".join(f"count(*) FILTER (WHERE {when})" for when in _COUNTS.values())
    rows = engine.execute(
        f"SELECT cycle_id, {sums}, coalesce(sum(amount) FILTER"
        f" (WHERE outcome = {Outcome.YES}), 0)::BIGINT FROM decisions GROUP BY cycle_id"
    ).fetchall()
    return {row[0]: dict(zip([*_COUNTS, "fen"], row[1:], strict=True)) for row in rows}


@transaction.atomic
def _keep(
    actor: Actor,
    snapshot: Snapshot,
    cycles: Sequence[Cycle],
    files: dict[FileKind, SnapshotFile],
    decided: Decided,
    counted: dict[int, dict[str, int]],
) -> None:
    """The partition becomes part of the decisions, and the cycles are decided: both or neither."""
    table = lakes.partition(snapshot.pk)
    run(
        f"ALTER TABLE {table} ADD PRIMARY KEY (snapshot_id, elder_id, cycle_id),"
        f" ADD CHECK (snapshot_id = {snapshot.pk})"
    )
    run(f"CREATE INDEX ON {table} (cycle_id, region_id, elder_id)")
    run(f"ALTER TABLE benefits_decision ATTACH PARTITION {table} FOR VALUES IN ({snapshot.pk})")
    run(f"ANALYZE {table}")
    layouts: dict[FileKind, dict[str, object]] = {
        FileKind.CRITERIA: dict(decided.layout),
        FileKind.OUTCOMES: {"policies": [policy.code for policy in decided.policies]},
    }
    for kind, file in files.items():
        record_file(snapshot, kind, file, layouts[kind])
    for cycle in cycles:
        counts = counted.get(cycle.pk, {})
        if (
            Cycle.objects.filter(pk=cycle.pk, state=State.FROZEN).update(
                state=State.DECIDED, **counts
            )
            != 1
        ):
            raise steps.WrongState
    steps.note(actor, cycles, State.DECIDED)
