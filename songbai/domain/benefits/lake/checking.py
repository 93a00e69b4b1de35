"""What somebody must look at before money goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from songbai.domain.benefits.population.snapshot import columns_of
from songbai.domain.benefits.rules.cycle import BLOCKING, Change, ExceptionKind, Outcome
from songbai.domain.benefits.rules.missing import waits_for
from songbai.domain.benefits.rules.policy import TO_ACCOUNT, Policy

from .engine import RECORD, asked_of_record, partition

#: An amount that doubled or halved by at least this many fen is looked at, unless time did it.
JUMP_FEN = 10_000


def check(
    engine: duckdb.DuckDBPyConnection,
    snapshot_id: int,
    facts: str,
    cycles: Sequence[tuple[int, Policy]],
) -> None:
    """Makes the table ``found`` of cycle_id, elder_id, region_id, kind, blocking, facts, about.

    Reads the decisions of the snapshot from the record, ``facts`` from its file, and what the
    register says by now. ``cycles`` are ids with their policies.
    """
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE decided AS SELECT d.*, coalesce(f.region, 0) AS lived,"
        f" f.account, f.excluded, f.death FROM {RECORD}.public.{partition(snapshot_id)} d"
        f" LEFT JOIN (SELECT person, region, account, excluded, {_death(engine, facts)} AS death"
        f" FROM {facts}) f ON f.person = d.elder_id"
    )
    _gather(engine, snapshot_id, facts)
    by_policy: dict[str, list[int]] = {}
    for cycle, policy in cycles:
        by_policy.setdefault(policy.code, []).append(cycle)
    policies = {policy.code: policy for _, policy in cycles}
    parts = [
        *_of_register(),
        *_of_accounts([cycle for cycle, policy in cycles if policy.pay in TO_ACCOUNT]),
        f"{_row(ExceptionKind.SANCTION)} WHERE {_YES} AND d.excluded",
        _twins(),
        _jumps([cycle for cycle, policy in cycles if policy.has_rhythm]),
        *(_disputed(ids, policies[code]) for code, ids in by_policy.items()),
        *(_missing(ids, policies[code]) for code, ids in by_policy.items()),
    ]
    blocking = ", ".join(f"'{kind}'" for kind in BLOCKING)
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE found AS SELECT DISTINCT ON (cycle_id, elder_id, kind)"
        f" cycle_id, elder_id, region_id, kind, kind IN ({blocking}) AS blocking, facts, about"
        f" FROM ({' UNION ALL '.join(parts)})"
    )


_YES = f"d.outcome = {Outcome.YES} AND d.amount > 0"


def _row(kind: ExceptionKind, *, about: str = "''", facts: str = "''") -> str:
    return (
        f"SELECT d.cycle_id, d.elder_id, d.region_id, '{kind}' AS kind, {facts} AS facts,"
        f" {about} AS about FROM decided d"
    )


def _death(engine: duckdb.DuckDBPyConnection, facts: str) -> str:
    known = {row[0] for row in engine.execute(f"DESCRIBE FROM {facts}").fetchall()}
    return "death" if "death" in known else "CAST(NULL AS DATE)"


def _gather(engine: duckdb.DuckDBPyConnection, snapshot_id: int, facts: str) -> None:
    """What the record says by now, each asked once, and the facts of whom nobody can decide."""
    asked = {
        "late": "SELECT id, died_on, CAST(region_id AS bigint) AS lives FROM elders_elder WHERE id"
        f" IN (SELECT elder_id FROM {partition(snapshot_id)} WHERE outcome = {Outcome.YES})",
        "twins": "SELECT elder_id AS one, other_id AS other FROM matching_candidate"
        " WHERE state = 'open' AND other_id IS NOT NULL",
        "disputes": "SELECT elder_id, kind FROM elders_conflict WHERE state = 'open'",
    }
    for name, sql in asked.items():
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {asked_of_record(sql)}")
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE unsure AS SELECT * FROM {facts} WHERE person IN"
        f" (SELECT elder_id FROM decided WHERE outcome = {Outcome.CANNOT_DECIDE})"
    )


def _of_register() -> Iterator[str]:
    """Died or moved to another district by what arrived after the snapshot."""
    joined = f"JOIN late e ON e.id = d.elder_id WHERE {_YES}"
    yield (
        f"{_row(ExceptionKind.DEATH, about='CAST(e.died_on AS VARCHAR)')} {joined}"
        " AND e.died_on IS NOT NULL AND d.death IS NULL"
    )
    yield (
        f"{_row(ExceptionKind.MOVED, about='CAST(e.lives AS VARCHAR)')} {joined}"
        " AND d.lived <> 0 AND e.lives // 1000000 <> d.lived // 1000000"
    )


def _of_accounts(cycles: Sequence[int]) -> Iterator[str]:
    """No account, or one that several people of a cycle share."""
    if not cycles:
        return
    paid = f"{_YES} AND d.cycle_id IN ({_ids(cycles)})"
    yield f"{_row(ExceptionKind.NO_ACCOUNT)} WHERE {paid} AND d.account IS NULL"
    yield (
        f"{_row(ExceptionKind.DOUBLE_ACCOUNT)} WHERE {paid} AND d.account IN (SELECT d.account"
        f" FROM decided d WHERE {paid} GROUP BY d.cycle_id, d.account HAVING count(*) > 1)"
    )


def _twins() -> str:
    """Two records of one cycle that a clerk has still to tell apart."""
    return (
        f"{_row(ExceptionKind.DOUBLE_PERSON)} JOIN (SELECT one, other FROM twins UNION ALL"
        " SELECT other, one FROM twins) p ON p.one = d.elder_id JOIN decided o"
        f" ON o.elder_id = p.other AND o.cycle_id = d.cycle_id AND o.outcome = {Outcome.YES}"
        f" WHERE {_YES}"
    )


def _disputed(cycles: Sequence[int], policy: Policy) -> str:
    """Departments disagree on a fact the policy reads, and nobody has settled it."""
    kinds = {policy.vocabulary[key].register for key in policy.fact_keys} - {""}
    listed = ", ".join(f"'{kind}'" for kind in sorted(kinds)) or "NULL"
    return (
        f"{_row(ExceptionKind.DISPUTED, facts='c.kind')} JOIN disputes c"
        f" ON c.elder_id = d.elder_id WHERE {_YES} AND d.cycle_id IN ({_ids(cycles)})"
        f" AND c.kind IN ({listed})"
    )


def _jumps(resting: Sequence[int]) -> str:
    """``resting``: cycles of money that is not paid every month; what begins again is no jump."""
    said = "concat(d.before // 100, ' 元 → ', d.amount // 100, ' 元')"
    return (
        f"{_row(ExceptionKind.JUMP, about=said)} WHERE {_YES} AND d.change = {Change.CHANGED}"
        f" AND d.cause <> 'time' AND abs(d.amount - d.before) >= {JUMP_FEN}"
        " AND (d.amount >= 2 * d.before OR d.before >= 2 * d.amount)"
        + (f" AND NOT (d.before = 0 AND d.cycle_id IN ({_ids(resting)}))" if resting else "")
    )


def _missing(cycles: Sequence[int], policy: Policy) -> str:
    """Who cannot be decided, with the facts that the open criteria lack."""
    lacks: dict[str, list[str]] = {}
    for name, bit in policy.bits.items():
        for fact in waits_for(policy, name):
            column = columns_of(fact)[0]
            open_ = f"d.unknown & {bit} <> 0 AND m.{column.name} IS NULL"
            lacks.setdefault(fact.kind.given[0].key, []).append(open_)
    names = ", ".join(
        f"CASE WHEN {' OR '.join(open_)} THEN '{key}' END" for key, open_ in lacks.items()
    )
    told = f"left(concat_ws(',', {names or 'NULL'}), 120)"
    return (
        f"{_row(ExceptionKind.MISSING_FACT, facts=told)} JOIN unsure m ON m.person = d.elder_id"
        f" WHERE d.outcome = {Outcome.CANNOT_DECIDE} AND d.cycle_id IN ({_ids(cycles)})"
    )


def _ids(cycles: Sequence[int]) -> str:
    return ", ".join(map(str, cycles))
