"""What stands for many people at once: one wide row a person, and the digest of the whole view."""

from collections.abc import Sequence
from datetime import timedelta

from songbai.core.accounts.rules import Actor, system_only
from songbai.core.regions.rules import bounds
from songbai.core.sql import value
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
    system_only(actor)
    return str(value(_DIGEST, bounds(region) * 3))


def wide_sql(
    codes: Sequence[str],
    view: View,
    *,
    stored: bool = False,
    duckdb: str = "",
    parts: Sequence[str] = ("source", "observed_at"),
) -> str:
    """SQL of one row for every person (no merged records), for PostgreSQL or DuckDB.

    Columns: elder_id, region_id, sex, birth_date, died_on, erased_at, registered_at, for each kind
    ``<kind>`` (text; the hex of the blind index for secret kinds), and ``<kind>_source`` and
    ``<kind>_observed_at`` (timestamptz) as ``parts`` asks. A person not on a complete list has its
    default, with the list's source and moment; NULL means that nobody has said anything.

    ``duckdb`` writes the text for DuckDB; it is the name under which the record is attached.
    ``stored`` reads the derived view instead of deriving: right for today and all that is known,
    and much faster. Raises UnknownKind.
    """
    tables = f"{duckdb}.public." if duckdb else ""
    wanted = [kind_of(code).code for code in codes]
    chosen = ", ".join(f"'{code}'" for code in wanted)
    if stored:
        secret = any(kind_of(code).secret for code in wanted)
        read = ["elder_id", "kind", "value", *parts, *(["value_index"] if secret else [])]
        known = f"SELECT {', '.join(read)} FROM {tables}elders_currentfact"
        # DuckDB skips blocks without a kind where it reads them itself.
        kept = "NOT MATERIALIZED" if duckdb else "MATERIALIZED"
        start = f"WITH stands AS {kept} ({known} WHERE kind IN ({chosen}))"
    else:
        facts = f"(SELECT * FROM {tables}elders_fact WHERE kind IN ({chosen})) f"
        derived = said(view, facts, lists=f"{tables}elders_closedlist")
        stands = f"SELECT * FROM ({STANDS.format('said')}) x WHERE NOT is_default"
        start = f"{derived}, stands AS MATERIALIZED ({stands})"
    closed = [code for code in wanted if kind_of(code).closed]
    columns = ["e.id AS elder_id", *(f"e.{name}" for name in _PERSON)]
    columns += [column for code in wanted for column in _columns(code, parts)]
    # A join for each kind: one row a person and kind, and much quicker than grouping all of them.
    joins = "\n".join(_kind_join(code, parts, duckdb) for code in wanted)
    lists = _lists_join(closed, view, tables) if closed else ""
    return f"""{start}
SELECT {", ".join(columns)}
FROM {tables}elders_elder e
{joins}
{lists}
WHERE e.merged_into_id IS NULL"""


_PERSON = ("region_id", "sex", "birth_date", "died_on", "erased_at", "registered_at")


def _kind_join(code: str, parts: Sequence[str], duckdb: str) -> str:
    value = "value"
    if kind_of(code).secret:
        value = "lower(hex(value_index))" if duckdb else "encode(value_index, 'hex')"
    picked = ", ".join(["elder_id", f"{value} AS value", *parts])
    return (
        f"LEFT JOIN (SELECT {picked} FROM stands WHERE kind = '{code}') w_{code}"
        f" ON w_{code}.elder_id = e.id"
    )


def _columns(code: str, parts: Sequence[str]) -> list[str]:
    names = {"value": code} | {part: f"{code}_{part}" for part in parts}
    if not kind_of(code).closed:
        return [f"w_{code}.{part} AS {name}" for part, name in names.items()]
    return [
        # Since when a list's default holds nobody says.
        f"w_{code}.{part} AS {name}"
        if part in {"valid_from", "fact_id"}
        else f"coalesce(w_{code}.{part}, lists.{name}) AS {name}"
        for part, name in names.items()
    ]


def _lists_join(codes: Sequence[str], view: View, tables: str) -> str:
    """The newest complete lists of each district, of the source believed first."""
    columns = ", ".join(
        f"l_{code}.value AS {code}, l_{code}.source AS {code}_source,"
        f" l_{code}.as_of AS {code}_observed_at"
        for code in codes
    )
    joins = "\n".join(
        f"LEFT JOIN ({_list(code, view, tables)}) l_{code} ON l_{code}.region_id = d.region_id"
        for code in codes
    )
    return f"""LEFT JOIN (
  SELECT d.region_id, {columns}
  FROM (SELECT DISTINCT region_id FROM {tables}elders_closedlist) d
  {joins}
) lists ON lists.region_id = left(e.region_id, 6) || '000000'"""


def _list(code: str, view: View, tables: str) -> str:
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
    return f"""
  SELECT DISTINCT ON (region_id) region_id, source, as_of,
    CASE source {defaults} END AS value
  FROM {tables}elders_closedlist
  WHERE kind = '{code}' AND as_of < CAST('{end}' AS timestamptz) {known}
  ORDER BY region_id, CASE source {places} END, as_of DESC"""
