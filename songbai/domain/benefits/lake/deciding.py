"""Everybody decided from a frozen file: criteria of all, outcomes of whom nothing rules out.

A past month decided again for everybody, under the law of the time and as it is written now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import ibis

from songbai.domain.benefits.population import layered
from songbai.domain.benefits.population.at_size import Decided, complete_columns, decide_city
from songbai.domain.benefits.population.snapshot import column_of
from songbai.domain.benefits.rules.language.tree import Fact
from songbai.domain.benefits.rules.missing import missing_by
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy

from .facts import frozen_sql
from .wanted import Wanted, without_source


def decide(
    engine: duckdb.DuckDBPyConnection,
    facts: str,
    policies: Sequence[Policy],
    month: Month,
    *,
    unasked: bool = False,
) -> Decided:
    """Keeps the facts as the table ``facts`` and makes ``criteria`` and ``outcomes``.

    ``outcomes`` has a place beside what ``Decided`` says: district (6 digits), the one of the fact
    that ties a policy to its region; region (12 digits), where the person is registered if that is
    in the district, else the district. Under a policy by application, whoever lacks a fact that a
    source could have delivered has not asked for anything: the criteria say so, and no outcome does
    but with ``unasked``.
    """
    engine.execute(f"CREATE OR REPLACE TEMP TABLE facts AS FROM {facts}")
    snapshot = ibis.duckdb.from_connection(engine).table("facts", database=("temp", "main"))
    decided = decide_city(snapshot, policies, month, complete_columns(snapshot, policies))
    with layered():
        criteria = ibis.to_sql(decided.criteria, dialect="duckdb")
        outcomes = ibis.to_sql(decided.outcomes, dialect="duckdb")
    engine.execute(f"CREATE OR REPLACE TEMP TABLE criteria AS {criteria}")
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE outcomes AS {_placed(outcomes, policies, unasked)}"
    )
    return decided


def _placed(outcomes: str, policies: Sequence[Policy], unasked: bool) -> str:
    asked = " ".join(
        f"WHEN {place} THEN o.unknown & {persons_own(policy)} = 0"
        for place, policy in enumerate(policies)
        if not (policy.proactive or unasked)
    )
    only = f" WHERE CASE o.policy {asked} ELSE true END" if asked else ""
    ties = " ".join(
        f"WHEN {place} THEN f.{tie}"
        for place, policy in enumerate(policies)
        if (tie := tie_of(policy))
    )
    tie = f"CASE o.policy {ties} END" if ties else "NULL"
    return (
        "SELECT person, policy, failed, unknown, amount, worth, district,"
        " CASE WHEN region // 1000000 = district THEN region"
        " ELSE district::BIGINT * 1000000 END AS region FROM ("
        " SELECT o.person, o.policy, o.failed, o.unknown, o.amount, o.worth, f.region,"
        f" CAST(coalesce({tie}, f.region) // 1000000 AS INTEGER) AS district"
        f" FROM ({outcomes}) o JOIN facts f ON f.person = o.person{only})"
    )


def tie_of(policy: Policy) -> str:
    """The column that ties a person to a policy's region; "" for the registered division."""
    if policy.region_by not in {"hukou", "residence"}:
        return ""
    kind = policy.vocabulary[policy.region_by]
    return column_of(Fact(kind, policy.day_of(kind.key)))


def persons_own(policy: Policy) -> int:
    """The bits of open criteria that wait only for facts which a source does deliver."""
    lacking = set(without_source([policy]))
    return sum(
        policy.bits[criterion.id]
        for criterion in policy.criteria
        if not lacking & set(missing_by(policy, criterion.id))
    )


@dataclass(frozen=True)
class Otherwise:
    """Somebody whose sum differs: fen by the law of the time and by the law now; None: open."""

    elder_id: int
    region_id: str
    then: int | None
    now: int | None


def otherwise(
    engine: duckdb.DuckDBPyConnection,
    code: str,
    district: str,
    month: Month,
    laws: tuple[Sequence[Policy], Sequence[Policy]],
) -> list[Otherwise]:
    """Everybody of a district (12 digits) to whom a policy gives another sum, in order.

    From what is known now; ``receiving`` must be a table of the engine (``freezing.receiving``).
    """
    then, now = laws
    sql = frozen_sql(engine, Wanted(district[:6], month, [*then, *now]), "receiving")
    engine.execute(f"CREATE OR REPLACE TEMP TABLE again AS {sql}")
    for name, policies in (("then", then), ("now", now)):
        decide(engine, "again", policies, month, unasked=True)
        place = next(n for n, policy in enumerate(policies) if policy.code == code)
        engine.execute(
            f"CREATE OR REPLACE TEMP TABLE given_{name} AS SELECT person, region, amount"
            f" FROM outcomes WHERE policy = {place} AND district = {int(district[:6])}"
        )
    rows = engine.execute(
        "SELECT person, lpad(coalesce(n.region, t.region)::VARCHAR, 12, '0'),"
        " CASE WHEN t.region IS NULL THEN 0 ELSE t.amount END AS was,"
        " CASE WHEN n.region IS NULL THEN 0 ELSE n.amount END AS is_now"
        " FROM given_then t FULL JOIN given_now n USING (person)"
        " WHERE was IS DISTINCT FROM is_now ORDER BY person"
    ).fetchall()
    return [Otherwise(*row) for row in rows]
