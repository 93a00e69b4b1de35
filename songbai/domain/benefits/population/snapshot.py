"""The columns of a snapshot: names, types, and how facts are written into them.

Codes stand as their numbers of ``policies/facts.yaml``, divisions as 12-digit integers, money as
fen; null is unknown, for an event: has not happened. A fact that can change within a month has a
column for each day a policy reads it on: ``hukou`` for the last day, ``hukou_on_first_day``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from songbai.domain.benefits.rules.facts import (
    BIRTH,
    DEATH,
    FactKind,
    Kind,
    Never,
    Sheet,
    Value,
)
from songbai.domain.benefits.rules.language.tree import Fact
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.benefits.rules.policy import Phase, Policy
from songbai.domain.benefits.rules.rhythms import asks_birth
from songbai.domain.elders.rules import ages

KEY = "person"
#: The birth date ages are counted from, see ``lives``.
IN_LIFE = "birth_date_in_life"
#: 29 February as month times 100 and day.
LEAP_DAY = 229
_TYPES = {
    Kind.BOOL: "boolean",
    Kind.FEN: "int64",
    Kind.DATE: "date",
    Kind.EVENT: "date",
    Kind.CODE: "int8",
    Kind.REGION: "int64",
}


@dataclass(frozen=True)
class Column:
    """A column of a snapshot; ``receiving`` columns have no fact."""

    name: str
    type: str
    fact: FactKind | None
    day: Day
    policy: str = ""


def column_of(fact: Fact) -> str:
    """The column a fact is read from; ages are read from the birth date of ``lives``."""
    if fact.kind.key in {"age", "turns"}:
        return IN_LIFE
    return columns_of(fact)[0].name


def columns_of(fact: Fact) -> list[Column]:
    """The columns a snapshot must have for a fact; the first is what is missing without it."""
    found = []
    for kind in fact.kind.given:
        same = kind.fixed or fact.day is Day.LAST_DAY
        name = kind.key if same else f"{kind.key}_on_{fact.day}"
        found.append(Column(name, _type(kind), kind, fact.day))
    return found


def receiving_column(policy: Policy) -> str:
    """Whether somebody is being paid under a policy already."""
    return f"receiving_{policy.code.replace('-', '_')}"


def column(policy: Policy | str, what: str) -> str:
    """A column of a decision table; ``what`` is failed, unknown or amount."""
    code = policy if isinstance(policy, str) else policy.code
    return f"{code.replace('-', '_')}__{what}"


def columns_for(policies: Iterable[Policy]) -> list[Column]:
    """The columns a snapshot must have for these policies, beside ``person``."""
    found: dict[str, Column] = {}
    for policy in policies:
        for fact in policy_facts(policy):
            for column in columns_of(fact):
                found.setdefault(column.name, column)
        if BIRTH in found:  # which births can be, and the ages reached in life
            death = columns_of(Fact(policy.vocabulary[DEATH], Day.LAST_DAY))[0]
            found.setdefault(DEATH, death)
        if any(c.phase is not Phase.BOTH for c in policy.criteria):
            name = receiving_column(policy)
            found[name] = Column(name, "boolean", None, Day.LAST_DAY, policy.code)
    return list(found.values())


def policy_facts(policy: Policy) -> Iterator[Fact]:
    """Every fact a policy reads, with its day; of money not paid every month whose right asks for
    an age also births and deaths as they are.
    """
    yield from (fact for _, fact in policy.facts_read())
    if policy.has_rhythm and asks_birth(policy):
        yield from (Fact(policy.vocabulary[key], Day.LAST_DAY) for key in (BIRTH, DEATH))


@contextlib.contextmanager
def layered() -> Iterator[None]:
    """Compile layers of an expression as layers of SQL.

    Ibis folds a select over a select into one, writing every formula out as often as it is used;
    with many policies that is most of the work.
    """
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def snapshot_of(sheets: Sequence[Sheet], policies: Sequence[Policy], month: Month) -> ibis.Table:
    """A small snapshot from facts, ``person`` counting from 0; for tests and worked cases."""
    columns = columns_for(policies)
    arrays = {KEY: pa.array(range(len(sheets)), pa.int64())}
    for column in columns:
        if column.fact is None:
            values: list[Value] = [column.policy in sheet.receiving for sheet in sheets]
        else:
            values = [
                written(column.fact, sheet.read(column.fact, column.day, month).value)
                for sheet in sheets
            ]
        arrays[column.name] = pa.array(values, arrow_type(column))
    return ibis.memtable(pa.table(arrays))


def lives(snapshot: ibis.Table, month: Month) -> ibis.Table:
    """The snapshot with ``IN_LIFE``, a birth date that gives the ages reached in life.

    That is the birth date, but for who died before the month ended: one with the age at death on
    all days of the month, unless a birthday of the month was lived to see.
    """
    if not {BIRTH, DEATH} <= set(snapshot.columns):
        return snapshot
    return snapshot.mutate(**{IN_LIFE: birth_in_life(snapshot, month)})


def birth_in_life(snapshot: ibis.Table, month: Month) -> Any:
    """That birth date as it is in a month, see ``lives``."""
    birth, death = snapshot[BIRTH], snapshot[DEATH]
    before = month.day(Day.DAY_BEFORE)
    reached = _age(birth, death)
    turned = (death > day_literal(before)) & (reached > _age(birth, day_literal(before)))
    aged = ibis.date(before.year - reached, ibis.literal(before.month), ibis.literal(1))
    dead = (death < day_literal(month.last_day)).fill_null(False)
    return ibis.cases((dead & ~turned, aged), else_=birth)


def _age(birth: Any, day: Any) -> Any:
    """Completed years as ``elders.rules.age_on`` counts them."""
    year = day.year()
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    born, at = birth.month() * 100 + birth.day(), day.month() * 100 + day.day()
    month, of_month = ages.ages().leap_day
    born = ibis.ifelse((born == LEAP_DAY) & ~leap, month * 100 + of_month, born)
    return year - birth.year() - ibis.ifelse(at < born, 1, 0)


def day_literal(day: date) -> Any:
    """A day as a value of a table."""
    return ibis.literal(day, type="date")


def written(kind: FactKind, value: Value) -> Value:
    """A fact as a snapshot holds it."""
    if value is None or isinstance(value, Never):
        return None
    if kind.kind is Kind.CODE:
        return kind.codes[str(value)]
    return int(str(value)) if kind.kind is Kind.REGION else value


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column."""
    return ibis.dtype(column.type).to_pyarrow()


def _type(kind: FactKind) -> str:
    if kind.kind is Kind.WHOLE:
        return "int8" if kind.high < 128 else "int32"
    return _TYPES[kind.kind]
