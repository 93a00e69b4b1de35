"""What is frozen: one row a person, the register's facts in the columns policies read.

``policies/facts.yaml`` says which kind of the register each fact of a policy comes from. A fact
without one is unknown for everybody; the snapshot names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from songbai.core import clock
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.population import Column, columns_for
from songbai.domain.benefits.rules.facts import FactKind, Kind
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.elders.queries.facts import view_of
from songbai.domain.elders.queries.facts.sets import wide_sql
from songbai.domain.elders.queries.facts.sql import STANDS, View, said
from songbai.domain.matching.queries import merged_into

from .engine import RECORD, asked_of_record

#: Kinds the checks need beside those of policies.
CHECKED = ("bank_card", "exclusion")
#: Kinds that are columns of the register itself and do not change from day to day.
_REGISTERED = {"birth_date": "birth_date", "sex": "sex", "death": "died_on"}
_REGISTER = ("id", "region_id", "sex", "birth_date", "died_on", "erased_at", "registered_at")
_SQL_TYPES = {"int8": "TINYINT", "int32": "INTEGER", "int64": "BIGINT", "boolean": "BOOLEAN"}


@dataclass(frozen=True)
class Wanted:
    """What to freeze. ``known_at`` None is now; ``region`` a prefix."""

    region: str
    month: Month
    policies: Sequence[Policy]
    known_at: datetime | None = None

    @property
    def columns(self) -> list[Column]:
        """Facts and who is being paid, in a fixed order."""
        return sorted(columns_for(self.policies), key=lambda column: column.name)

    @property
    def kinds(self) -> list[str]:
        """The register's kinds to read."""
        asked = {c.fact.register for c in self.columns if c.fact is not None}
        extra = {"disability_kind"} if any(_by_certificate(c) for c in self.columns) else set()
        columns = set(_REGISTERED) - (set() if self.known_at is None else {"death"})
        return sorted((asked | extra | set(CHECKED)) - columns - {""})

    @property
    def parts(self) -> list[str]:
        """What to read of a statement beside its value."""
        return ["observed_at"] if any(c.fact and c.fact.part for c in self.columns) else []


def without_source(policies: Iterable[Policy]) -> list[str]:
    """Facts these policies ask for that no source delivers and nothing is assumed of."""
    kinds = [c.fact for c in columns_for(policies) if c.fact is not None]
    return sorted({k.key for k in kinds if not k.register and k.missing is None})


def frozen_sql(engine: duckdb.DuckDBPyConnection, wanted: Wanted, receiving: str) -> str:
    """Reads the record into the engine and gives the query of the rows to freeze.

    Columns: person, region (12 digits), account (of the card's index, null without one), excluded,
    and those of ``columns_for``. ``receiving`` is a table of person and policy code: who is paid.
    Nobody is in it twice: of merged records only the one that is left, and no erased people.
    """
    tables = _wide_tables(engine, wanted)
    merged = ", ".join(map(str, merged_into())) or "NULL"
    base = "wide"
    joins = "".join(
        f" JOIN {table} ON {table}.elder_id = {base}.elder_id"
        for table in sorted(set(tables.values()) - {base})
    )
    paid = [c for c in wanted.columns if c.fact is None]
    for number, column in enumerate(paid):
        joins += (
            f" LEFT JOIN (SELECT DISTINCT person FROM {receiving} WHERE policy = '{column.policy}')"
            f" r{number} ON r{number}.person = {base}.elder_id"
        )
    parts = [
        f"{base}.elder_id AS person",
        f"CAST({base}.region_id AS BIGINT) AS region",
        f"TRY_CAST('0x' || left({base}.bank_card, 15) AS BIGINT) AS account",
        f"coalesce({base}.exclusion, 'none') <> 'none' AS excluded",
        *(
            f"{_value(c.fact, c.type, tables[c.day], wanted)} AS {c.name}"
            for c in wanted.columns
            if c.fact is not None
        ),
        *(f"r{n}.person IS NOT NULL AS {c.name}" for n, c in enumerate(paid)),
    ]
    return (
        f"SELECT {', '.join(parts)} FROM {base}{joins}"
        f" WHERE NOT coalesce({base}.elder_id IN ({merged}), false) ORDER BY person"
    )


def _value(fact: FactKind, kind: str, table: str, wanted: Wanted) -> str:
    """A fact's column as the snapshot holds it; ``population.snapshot.written`` says the same."""
    sql_type = _SQL_TYPES.get(kind, "DATE")
    nobody = f"CAST({_literal(fact.missing)} AS {sql_type})"
    if fact.register in _REGISTERED:
        value = _registered(fact, wanted)
    elif fact.part == "observed":
        return f"CAST(timezone('Asia/Shanghai', {table}.{fact.register}_observed_at) AS DATE)"
    elif fact.register:
        value = f"{table}.{fact.register}"
    elif fact.without is not None:
        without = f"CAST({_literal(fact.without)} AS {sql_type})"
        return f"CASE WHEN {table}.disability_kind = 'none' THEN {without} ELSE {nobody} END"
    else:
        return nobody
    if fact.otherwise == "region":
        value = f"coalesce({value}, {table}.region_id)"
    if fact.kind is Kind.CODE:
        cases = " ".join(f"WHEN '{code}' THEN {number}" for code, number in fact.codes.items())
        return f"CAST(CASE {value} {cases} END AS {sql_type})"
    if fact.missing is not None and fact.kind is not Kind.EVENT:
        return f"coalesce(TRY_CAST({value} AS {sql_type}), {nobody})"
    return f"TRY_CAST({value} AS {sql_type})"


def _registered(fact: FactKind, wanted: Wanted) -> str:
    """A column of the register. A death is known only since it was said."""
    if wanted.known_at is not None and fact.register == "death":
        return "wide.death"
    return f"wide.{_REGISTERED[fact.register]}"


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else "NULL"


def _by_certificate(column: Column) -> bool:
    return column.fact is not None and column.fact.without is not None


def _wide_tables(engine: duckdb.DuckDBPyConnection, wanted: Wanted) -> dict[Day, str]:
    """A table of wide rows for each day of the month, by day; most days share one."""
    _hold(engine, wanted)
    today = clock.today()
    if wanted.known_at is not None:
        for day in Day:
            _widen(engine, _name(day), wanted, view_of(wanted.month.day(day), wanted.known_at))
        engine.execute(f"CREATE OR REPLACE TEMP VIEW wide AS FROM {_name(Day.LAST_DAY)}")
        return {day: _name(day) for day in Day}
    found = dict.fromkeys(Day, "wide")
    turning = _turning(engine, wanted, today)
    # Read once it is read where it stands, which spares writing it down.
    _widen(engine, "wide", wanted, view_of(), kept=bool(turning))
    for day in Day:
        if turning and wanted.month.day(day) != today:
            _as_of(engine, wanted, day, turning)
            found[day] = _name(day)
    return found


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
    table = "elders_currentfact" if wanted.known_at is None else "elders_fact"
    for name, key, columns, cut in (
        ("elders_elder", "id", _REGISTER, "true"),
        (table, "elder_id", read if wanted.known_at is None else ["*"], f"kind IN ({kinds})"),
    ):
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


def _turning(engine: duckdb.DuckDBPyConnection, wanted: Wanted, today: date) -> list[str]:
    """Kinds of which statements begin or end between the days read and today; the people and
    kinds are kept as ``turning``.
    """
    days = [*(wanted.month.day(day) for day in Day), today]
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
    view = view_of(wanted.month.day(day))
    derived = f"{said(view, source)} SELECT elder_id, kind, value, observed_at FROM ("
    derived += f"{STANDS.format('said')}) x"
    engine.execute(f"CREATE OR REPLACE TEMP TABLE stood AS FROM {asked_of_record(derived)}")
    replaced, joins = [], ""
    for kind in kinds:
        joins += (
            f" LEFT JOIN (SELECT t.elder_id, s.value FROM turning t LEFT JOIN stood s USING"
            f" (elder_id, kind) WHERE t.kind = '{kind}') o_{kind} ON o_{kind}.elder_id = w.elder_id"
        )
        replaced.append(
            f"CASE WHEN o_{kind}.elder_id IS NULL THEN w.{kind} ELSE o_{kind}.value END AS {kind}"
        )
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {_name(day)} AS"
        f" SELECT w.* REPLACE ({', '.join(replaced)}) FROM wide w{joins}"
    )
