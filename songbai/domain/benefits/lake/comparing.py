"""Decisions of a run, told against the cycles before: new, stopped, changed, same, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from songbai.domain.benefits.population.at_size import Decided
from songbai.domain.benefits.population.snapshot import columns_for
from songbai.domain.benefits.rules.cycle import Change, Outcome
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy


@dataclass(frozen=True)
class CycleRow:
    """A cycle of the run. ``before`` is the snapshot of the cycle before, 0 without one;
    ``same_conditions``: whoever has the right had it by the law of then, whatever its amount.
    """

    id: int
    policy: str
    district: str
    before: int
    same_policy: bool
    same_conditions: bool


@dataclass(frozen=True)
class BeforeFiles:
    """FROM clauses of an earlier snapshot's files, and the policy codes of its outcomes."""

    facts: str
    outcomes: str
    policies: Sequence[str]


def compare(
    engine: duckdb.DuckDBPyConnection,
    decided: Decided,
    cycles: Sequence[CycleRow],
    before: dict[int, BeforeFiles],
    month: Month,
) -> None:
    """Makes the table ``decisions`` with the columns of ``models.Decision`` but the snapshot."""
    _cycles(engine, decided.policies, cycles)
    _before(engine, decided.policies, before)
    engine.execute(f"CREATE OR REPLACE TEMP TABLE told AS {_told(decided, month)}")
    _causes(engine, decided.policies, before, month)


def _cycles(
    engine: duckdb.DuckDBPyConnection, policies: Sequence[Policy], cycles: Sequence[CycleRow]
) -> None:
    places = {policy.code: place for place, policy in enumerate(policies)}
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE cycles"
        " (cycle_id BIGINT, policy SMALLINT, district INTEGER, before BIGINT, same_policy BOOLEAN,"
        " same_conditions BOOLEAN)"
    )
    engine.executemany(
        "INSERT INTO cycles VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                *(c.id, places[c.policy], int(c.district[:6]), c.before),
                *(c.same_policy, c.same_conditions),
            )
            for c in cycles
        ],
    )


def _before(
    engine: duckdb.DuckDBPyConnection, policies: Sequence[Policy], before: dict[int, BeforeFiles]
) -> None:
    """Who was paid under the cycles before: ``paid`` of person, policy (place now), district."""
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE paid (person BIGINT, policy SMALLINT, district INTEGER,"
        " region BIGINT, amount BIGINT, before BIGINT)"
    )
    places = {policy.code: place for place, policy in enumerate(policies)}
    for snapshot, files in before.items():
        now = " ".join(
            f"WHEN {then} THEN {places[code]}"
            for then, code in enumerate(files.policies)
            if code in places
        )
        if now:
            engine.execute(
                f"INSERT INTO paid SELECT o.person, CAST(CASE o.policy {now} END AS SMALLINT) p,"
                f" o.district, o.region, o.amount, {snapshot} FROM {files.outcomes} o"
                f" JOIN cycles c ON c.policy = CASE o.policy {now} END AND c.district = o.district"
                f" AND c.before = {snapshot} WHERE o.failed = 0 AND o.unknown = 0"
            )


def _told(decided: Decided, month: Month) -> str:
    yes = f"outcome = {Outcome.YES}"
    bits = enumerate(policy.ended_bit(month) for policy in decided.policies)
    ended = f"CASE p.policy {' '.join(f'WHEN {place} THEN {bit}' for place, bit in bits)} END"
    return f"""
WITH now AS (
  SELECT o.person, o.policy, o.failed, o.unknown, o.region, o.amount, o.worth, c.cycle_id,
    c.before AS old,
    c.same_policy, c.same_conditions, p.amount AS before,
    CASE WHEN o.failed <> 0 THEN {Outcome.STACKED} WHEN o.unknown <> 0 THEN {Outcome.CANNOT_DECIDE}
      ELSE {Outcome.YES} END AS outcome
  FROM outcomes o JOIN cycles c ON c.policy = o.policy AND c.district = o.district
    LEFT JOIN paid p ON p.person = o.person AND p.policy = o.policy AND p.district = o.district
  UNION ALL
  SELECT p.person, p.policy, coalesce({_mask(decided, "failed")}, 0) | {ended} AS no,
    coalesce({_mask(decided, "unknown")}, 0) AS open,
    CASE WHEN f.region // 1000000 = p.district THEN f.region ELSE p.region END,
    CASE WHEN no = 0 AND open <> 0 THEN NULL ELSE 0 END, 0, c.cycle_id, c.before, c.same_policy,
    c.same_conditions,
    p.amount,
    CASE WHEN no = 0 AND open <> 0 THEN {Outcome.CANNOT_DECIDE} ELSE {Outcome.STOPPED} END
  FROM paid p JOIN cycles c ON c.policy = p.policy AND c.district = p.district
    ANTI JOIN outcomes o
      ON o.person = p.person AND o.policy = p.policy AND o.district = p.district
    LEFT JOIN criteria k ON k.person = p.person
    LEFT JOIN facts f ON f.person = p.person
)
SELECT *, CASE
    WHEN {yes} AND before IS NULL THEN {Change.NEW}
    WHEN {yes} AND (before = amount OR amount = 0 AND worth > 0) THEN {Change.SAME}
    WHEN {yes} THEN {Change.CHANGED}
    WHEN before IS NOT NULL THEN {Change.STOPPED}
    ELSE {Change.NONE} END AS change
FROM now"""


def _mask(decided: Decided, what: str) -> str:
    """The bits of a row's policy out of the criteria words ``k``."""
    cases = []
    for place, policy in enumerate(decided.policies):
        word, shift, bits = decided.layout[policy.code]
        cases.append(f"WHEN {place} THEN (k.{what}{word} >> {shift}) & {(1 << bits) - 1}")
    return f"CASE p.policy {' '.join(cases)} END"


def _causes(
    engine: duckdb.DuckDBPyConnection,
    policies: Sequence[Policy],
    before: dict[int, BeforeFiles],
    month: Month,
) -> None:
    """``decisions``: what was told, with the cause of each change."""
    kept = "cycle_id, person AS elder_id, region, outcome, change, failed, unknown, amount, before"
    still = (Change.NONE, Change.SAME)
    settled = ", ".join(str(int(c)) for c in still)
    parts = [f"SELECT {kept}, '' AS cause FROM told WHERE change IN ({settled})"]
    fresh = f"change NOT IN ({settled})"
    parts.append(f"SELECT {kept}, 'first' FROM told WHERE {fresh} AND old = 0")
    for snapshot, files in before.items():
        known = {row[0] for row in engine.execute(f"DESCRIBE FROM {files.facts}").fetchall()}
        parts.append(
            f"SELECT {kept.replace('person', 't.person', 1).replace('region', 't.region', 1)},"
            f" {_cause(policies, known, month)} FROM told t"
            f" LEFT JOIN facts f ON f.person = t.person"
            f" LEFT JOIN {files.facts} b ON b.person = t.person"
            f" WHERE {fresh} AND old = {snapshot}"
        )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE decisions AS {' UNION ALL '.join(parts)}")


def _cause(policies: Sequence[Policy], known: set[str], month: Month) -> str:
    cases = []
    for place, policy in enumerate(policies):
        if not policy.in_force(month):
            cases.append(f"WHEN {place} THEN 'ended'")
            continue
        facts = {column.name: column.fact for column in columns_for([policy]) if column.fact}
        differs = " ".join(
            f"WHEN f.{name} IS DISTINCT FROM b.{name} THEN '{kind.key}'"
            for name, kind in facts.items()
            if name in known
        )
        stacking = policy.bits["stacking"]
        cases.append(
            f"WHEN {place} THEN CASE {differs} WHEN t.failed & {stacking} <> 0 THEN 'stacking'"
            f" WHEN NOT t.same_policy AND (t.change = {Change.CHANGED} OR NOT t.same_conditions)"
            " THEN 'policy' ELSE 'time' END"
        )
    return (
        "CASE WHEN f.person IS NULL THEN CASE WHEN t.person IN (FROM merged) THEN 'merged'"
        " ELSE 'gone' END"
        " WHEN b.person IS NULL THEN 'registered'"
        f" ELSE CASE t.policy {' '.join(cases)} END END"
    )
