"""A past month decided again for everybody, under the law of the time and as it is written now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy

from .deciding import decide
from .facts import frozen_sql
from .wanted import Wanted


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
