"""Wide rows of the people to freeze, as of each day of the month a policy may ask about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

from songbai.core import clock
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.rules.months import Day
from songbai.domain.elders.queries.facts import view_of
from songbai.domain.elders.queries.facts.sets import wide_sql
from songbai.domain.elders.queries.facts.sql import STANDS, View, said, since

from .engine import RECORD, asked_of_record
from .wanted import Wanted

_REGISTER = (
    *("id", "region_id", "sex", "birth_date", "died_on"),
    *("erased_at", "registered_at", "merged_into_id"),
)


def wide_tables(engine: duckdb.DuckDBPyConnection, wanted: Wanted) -> dict[Day, str]:
    """A table of wide rows for each day that is read, by day; most days share one."""
    _hold(engine, wanted)
    for kind, digits in wanted.stays:
        dated = f"(SELECT * FROM held.public.elders_fact WHERE kind = '{kind}') f"
        sql = since(wanted.known_at, dated, digits)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {stay(kind, digits)} AS {sql}")
    known = wanted.known_at
    frozen_on = known.astimezone(clock.SHANGHAI).date() if known else clock.today()
    found = dict.fromkeys(wanted.days, "wide")
    turning = _turning(engine, wanted, frozen_on)
    # Read once it is read where it stands, which spares writing it down.
    kept = bool(turning) or known is not None
    _widen(engine, "wide", wanted, view_of(frozen_on, known), kept=kept)
    for day in wanted.days:
        if turning and wanted.month.day(day) != frozen_on:
            _as_of(engine, wanted, day, turning)
            found[day] = _name(day)
    return found


def stay(kind: str, digits: int) -> str:
    """The table that says since when the division of a statement has stood, by fact."""
    return f"stay_{kind}_{digits}"


def _name(day: Day) -> str:
    return f"wide_{day}"


def _hold(engine: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    """Bring what is needed of the record over, as database ``held``: much quicker than joining
    across. People registered elsewhere come with it when their hukou or residence lies here.
    """
    engine.execute("ATTACH ':memory:' AS held")
    engine.execute("CREATE SCHEMA held.public")
    low, high = bounds(wanted.region)
    here = f"region_id BETWEEN '{low}' AND '{high}'"
    people = ", ".join(map(str, _from_elsewhere(engine, wanted)))
    kinds = ", ".join(f"'{kind}'" for kind in wanted.kinds)
    read = ["elder_id", "kind", "value", "value_index", "region_id", *wanted.parts]
    tables: list[tuple[str, str, Collection[str], str]] = [
        ("elders_elder", "id", _REGISTER, "true")
    ]
    if wanted.known_at is None:
        tables.append(("elders_currentfact", "elder_id", read, f"kind IN ({kinds})"))
        kinds = ", ".join(f"'{kind}'" for kind, _ in wanted.stays)
    if kinds:
        tables.append(("elders_fact", "elder_id", ("*",), f"kind IN ({kinds})"))
    for name, key, columns, cut in tables:
        rows = f"SELECT {', '.join(columns)} FROM {RECORD}.public.{name} WHERE {cut} AND"
        sql = f"{rows} {here}"
        if people:
            sql += f" UNION ALL {rows} NOT {here} AND {key} IN ({people})"
        engine.execute(f"CREATE TABLE held.public.{name} AS {sql}")
    lists = f"SELECT * FROM {RECORD}.public.elders_closedlist"
    engine.execute(f"CREATE TABLE held.public.elders_closedlist AS {lists}")


def _widen(
    engine: duckdb.DuckDBPyConnection, name: str, wanted: Wanted, view: View, *, kept: bool = True
) -> None:
    """Wide rows of everybody held but the erased, as a table or, not ``kept``, as a view."""
    sql = wide_sql(
        wanted.kinds, view, stored=wanted.known_at is None, duckdb="held", parts=wanted.parts
    )
    engine.execute(
        f"CREATE OR REPLACE TEMP {'TABLE' if kept else 'VIEW'} {name}"
        " AS SELECT * EXCLUDE (erased_at, registered_at)"
        f" FROM ({sql}) WHERE erased_at IS NULL"
    )


def _from_elsewhere(engine: duckdb.DuckDBPyConnection, wanted: Wanted) -> list[int]:
    """People registered elsewhere whose hukou or residence lies here."""
    low, high = bounds(wanted.region)
    sql = (
        "SELECT DISTINCT elder_id FROM elders_currentfact WHERE kind IN ('hukou', 'residence')"
        f" AND value BETWEEN '{low}' AND '{high}' AND region_id NOT BETWEEN '{low}' AND '{high}'"
        " ORDER BY 1"
    )
    rows = engine.execute(f"FROM {asked_of_record(sql)}").fetchall()
    return [int(row[0]) for row in rows]


def _turning(engine: duckdb.DuckDBPyConnection, wanted: Wanted, frozen_on: date) -> list[str]:
    """Kinds of which statements begin or end between the days read and the one it is frozen on;
    the people and kinds are kept as ``turning``.
    """
    days = [*(wanted.month.day(day) for day in wanted.days), frozen_on]
    low, high = min(days), max(days)
    kinds = ", ".join(f"'{kind}'" for kind in wanted.kinds)
    sql = (
        f"SELECT DISTINCT elder_id, kind FROM elders_fact WHERE kind IN ({kinds})"
        f" AND (valid_from > '{low}' AND valid_from <= '{high}'"
        f" OR valid_to >= '{low}' AND valid_to < '{high}')"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE turning AS FROM {asked_of_record(sql)}")
    rows = engine.execute("SELECT DISTINCT kind FROM turning ORDER BY 1").fetchall()
    return [str(row[0]) for row in rows]


def _as_of(
    engine: duckdb.DuckDBPyConnection, wanted: Wanted, day: Day, kinds: Collection[str]
) -> None:
    """The wide rows as of another day than today: what turns is derived anew for that day."""
    pairs = engine.execute("SELECT elder_id, kind FROM turning ORDER BY 1, 2").fetchall()
    values = ", ".join(f"({elder}, '{kind}')" for elder, kind in pairs)
    source = (
        f"(SELECT f.* FROM elders_fact f JOIN (VALUES {values}) p(elder_id, kind)"
        " ON p.elder_id = f.elder_id AND p.kind = f.kind) f"
    )
    view = view_of(wanted.month.day(day), wanted.known_at)
    parts = ["value", *wanted.parts]
    derived = f"{said(view, source)} SELECT elder_id, kind, {', '.join(parts)} FROM ("
    derived += f"{STANDS.format('said')}) x"
    engine.execute(f"CREATE OR REPLACE TEMP TABLE stood AS FROM {asked_of_record(derived)}")
    replaced, joins = [], ""
    for kind in kinds:
        joins += (
            f" LEFT JOIN (SELECT t.elder_id, s.* EXCLUDE (elder_id, kind) FROM turning t"
            f" LEFT JOIN stood s USING (elder_id, kind) WHERE t.kind = '{kind}') o_{kind}"
            f" ON o_{kind}.elder_id = w.elder_id"
        )
        for part in parts:
            name = kind if part == "value" else f"{kind}_{part}"
            new = f"o_{kind}.{part}"
            replaced.append(
                f"CASE WHEN o_{kind}.elder_id IS NULL THEN w.{name} ELSE {new} END AS {name}"
            )
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {_name(day)} AS"
        f" SELECT w.* REPLACE ({', '.join(replaced)}) FROM wide w{joins}"
    )
