"""What stands for many people at once: one wide row a person, and the digest of the whole view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed
from songbai.core.regions.rules import bounds
from songbai.domain.elders.rules.facts import day_start
from songbai.domain.elders.rules.kinds import DISTRICT, kind_of, kinds

from .sql import STANDS, View, said

#: Columns of the register that follow facts; ciphertexts are left out, their bytes say nothing.
_SHOWN = sorted(kind.column for kind in kinds().values() if kind.column and not kind.secret)
_DIGEST = f"""
SELECT md5(concat_ws('|',
  (SELECT md5(string_agg(md5(concat_ws('|', elder_id, kind, source, value,
     encode(value_index, 'hex'), valid_from, valid_to, extract(epoch FROM observed_at))), ''
     ORDER BY elder_id, kind COLLATE "C"))
   FROM elders_currentfact WHERE region_id BETWEEN %s AND %s),
  (SELECT md5(string_agg(md5(concat_ws('|', id, region_id, initials, encode(phone_index, 'hex'),
     {", ".join(f"coalesce({column}::text, '-')" for column in _SHOWN)})), '' ORDER BY id))
   FROM elders_elder WHERE region_id BETWEEN %s AND %s),
  (SELECT md5(string_agg(md5(concat_ws('|', elder_id, kind, key)), ''
     ORDER BY elder_id, kind COLLATE "C"))
   FROM elders_conflict WHERE state = 'open' AND region_id BETWEEN %s AND %s)))
"""


def digest(actor: Actor, region: str = "") -> str:
    """One word for all of a division: what stands, the register's columns, open conflicts.

    The same facts give the same word, in whatever order and however often they came.
    Raises NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
    low, high = bounds(region)
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [low, high] * 3)
        return str(cursor.fetchone()[0])


def wide_sql(
    codes: Sequence[str],
    view: View,
    *,
    stored: bool = False,
    duckdb: str = "",
    region: str = "",
) -> str:
    """SQL of one row for every registered person, for PostgreSQL or DuckDB.

    Columns: elder_id, region_id, sex, birth_date, died_on, erased_at, registered_at, for each kind
    ``<kind>`` (text; the hex of the blind index for secret kinds), ``<kind>_source`` and
    ``<kind>_observed_at`` (timestamptz). A person not on a complete list has its default, with the
    list's source and moment; NULL means that nobody has said anything.

    ``duckdb`` writes the text for DuckDB; it is the name under which the record is attached.
    ``stored`` reads the derived view instead of deriving: right for today and all that is known,
    and much faster. ``region`` cuts to people of a division. Raises UnknownKind.
    """
    tables = f"{duckdb}.public." if duckdb else ""
    wanted = [kind_of(code).code for code in codes]
    chosen = ", ".join(f"'{code}'" for code in wanted)
    inside = "region_id BETWEEN '{}' AND '{}'".format(*bounds(region)) if region else "true"
    if stored:
        known = f"SELECT * FROM {tables}elders_currentfact WHERE kind IN ({chosen}) AND {inside}"
        start = f"WITH stands AS ({known})"
    else:
        facts = f"(SELECT * FROM {tables}elders_fact WHERE kind IN ({chosen}) AND {inside}) f"
        derived = said(view, facts, lists=f"{tables}elders_closedlist")
        stands = STANDS.format("said")
        start = f"{derived}, stands AS (SELECT * FROM ({stands}) x WHERE NOT is_default)"
    columns = ",\n  ".join(column for code in wanted for column in _columns(code))
    picked = ",\n    ".join(column for code in wanted for column in _picked(code, duckdb))
    joins = "\n".join(_list_join(code, view, tables) for code in wanted if kind_of(code).closed)
    return f"""{start}
SELECT e.id AS elder_id, e.region_id, e.sex, e.birth_date, e.died_on, e.erased_at, e.registered_at,
  {columns}
FROM {tables}elders_elder e LEFT JOIN (
  SELECT elder_id,
    {picked}
  FROM stands GROUP BY elder_id
) w ON w.elder_id = e.id
{joins}
WHERE {f"e.{inside}" if region else "true"}"""


def _picked(code: str, duckdb: str) -> list[str]:
    this = f"FILTER (WHERE kind = '{code}')"
    value = "value"
    if kind_of(code).secret:
        value = "lower(hex(value_index))" if duckdb else "encode(value_index, 'hex')"
    return [
        f"max({value}) {this} AS {code}",
        f"max(source) {this} AS {code}_source",
        f"max(observed_at) {this} AS {code}_observed_at",
    ]


def _columns(code: str) -> list[str]:
    if not kind_of(code).closed:
        return [f"w.{code}", f"w.{code}_source", f"w.{code}_observed_at"]
    return [
        f"coalesce(w.{code}, l_{code}.value) AS {code}",
        f"coalesce(w.{code}_source, l_{code}.source) AS {code}_source",
        f"coalesce(w.{code}_observed_at, l_{code}.as_of) AS {code}_observed_at",
    ]


def _list_join(code: str, view: View, tables: str) -> str:
    """The newest complete list of each district, of the source believed first."""
    kind = kind_of(code)
    defaults = " ".join(
        f"WHEN '{source}' THEN " + ("region_id" if value == DISTRICT else f"'{value}'")
        for source, value in kind.closed.items()
    )
    order = view.trust.get(code, kind.sources)
    places = " ".join(
        f"WHEN '{source}' THEN {order.index(source) if source in order else 99}"
        for source in kind.closed
    )
    end = day_start(view.day + timedelta(days=1)).isoformat()
    known = f"AND recorded_at <= '{view.known_at.isoformat()}'" if view.known_at else ""
    return f"""LEFT JOIN (
  SELECT DISTINCT ON (region_id) region_id, source, as_of,
    CASE source {defaults} END AS value
  FROM {tables}elders_closedlist
  WHERE kind = '{code}' AND as_of < CAST('{end}' AS timestamptz) {known}
  ORDER BY region_id, CASE source {places} END, as_of DESC
) l_{code} ON l_{code}.region_id = left(e.region_id, 6) || '000000'"""
