"""What is frozen: one row a person, the register's facts in the columns policies read.

``policies/facts.yaml`` says which kind of the register each fact of a policy comes from. A fact
without one is unknown for everybody; the snapshot names it.
"""

from __future__ import annotations

import duckdb

from songbai.domain.benefits.rules.facts import BIRTH, DEATH, FactKind, Kind
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.rules import ages, born_by

from .wanted import REGISTERED, Wanted
from .wide import stay, wide_tables

_SQL_TYPES = {"int8": "TINYINT", "int32": "INTEGER", "int64": "BIGINT", "boolean": "BOOLEAN"}


def frozen_sql(engine: duckdb.DuckDBPyConnection, wanted: Wanted, receiving: str) -> str:
    """Reads the record into the engine and gives the query of the rows to freeze.

    Columns: person, region (12 digits), account (of the card's index, null without one), excluded,
    and those of ``columns_for``. ``receiving`` is a table of person and policy code: who is paid.
    Nobody is in it twice: of merged records only the one that is left, and no erased people.
    """
    tables = wide_tables(engine, wanted)
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
    return f"SELECT {', '.join(parts)} FROM {base}{joins} ORDER BY person"


def _value(fact: FactKind, kind: str, table: str, wanted: Wanted) -> str:
    """A fact's column as the snapshot holds it; ``population.snapshot.written`` says the same."""
    sql_type = _SQL_TYPES.get(kind, "DATE")
    nobody = f"CAST({_literal(fact.missing)} AS {sql_type})"
    if fact.key == BIRTH:
        return _born(wanted)
    if fact.register in REGISTERED:
        value = _registered(fact, wanted)
    elif fact.part == "observed":
        return f"CAST(timezone('Asia/Shanghai', {table}.{fact.register}_observed_at) AS DATE)"
    elif fact.within:
        found = f"(SELECT s.since FROM {stay(fact.register, fact.within)} s"
        return f"{found} WHERE s.fact_id = {table}.{fact.register}_fact_id)"
    elif fact.part == "since":
        return f"{table}.{fact.register}_valid_from"
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
    return f"wide.{REGISTERED[fact.register]}"


def _born(wanted: Wanted) -> str:
    """A birth that cannot be is no fact, see ``rules.facts.Sheet``."""
    last = wanted.month.last_day
    low = born_by(last, ages.ages().oldest + 1)
    died = _registered(vocabulary("elder")[DEATH], wanted)
    return (
        f"CASE WHEN wide.birth_date > DATE '{low}' AND wide.birth_date <= DATE '{last}'"
        f" AND coalesce(wide.birth_date <= TRY_CAST({died} AS DATE), true)"
        " THEN wide.birth_date END"
    )


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else "NULL"
