"""Kinds of facts, and one subject's facts with who said them and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from songbai.domain.elders.rules import age_on, birthday, possible_birth

from .months import Day, Month


class Kind(StrEnum):
    """What a fact can be."""

    BOOL = "bool"
    WHOLE = "whole"
    FEN = "fen"
    DATE = "date"
    EVENT = "event"
    CODE = "code"
    REGION = "region"


class Never:
    """The value of an event that has not happened."""

    def __repr__(self) -> str:
        return "NEVER"


NEVER: Final = Never()
#: A fact's value; None is unknown. Codes and regions are str, fen and whole numbers int.
Value = bool | int | date | str | Never | None


@dataclass(frozen=True)
class FactKind:
    """One fact a policy may ask for."""

    key: str
    name: str
    kind: Kind
    fixed: bool = False
    low: int = 0
    high: int = 0
    codes: Mapping[str, int] = field(default_factory=dict, compare=False)
    words: Mapping[str, str] = field(default_factory=dict, compare=False)
    missing: Value = None
    says: str = ""
    bases: tuple[FactKind, ...] = field(default=(), compare=False)
    """What a derived fact is worked out from; the first one is what is missing without it."""
    register: str = ""
    """The kind of the register's facts that says it; "": no source delivers it yet."""
    part: str = ""
    """Instead of the value of the register's statement: "observed", the day of its observation;
    "since", the day from which it says that it holds.
    """
    within: int = 0
    """Of a division's "since": how many digits of the code must have been the same all along."""
    otherwise: str = ""
    """"region": while nobody says it, the division the person is registered in."""
    without: Value = None
    """What it is for whoever has no disability certificate."""

    @property
    def derived_from(self) -> str:
        """The fact it is worked out from, "" for one that is given."""
        return self.bases[0].key if self.bases else ""

    @property
    def given(self) -> tuple[FactKind, ...]:
        """The given facts it stands for: itself, or what it is worked out from."""
        return self.bases or (self,)

    def say(self, value: Value) -> str:
        """A value as people read it."""
        if value is None:
            return "不知道"
        if isinstance(value, Never):
            return "没有"
        if isinstance(value, bool):
            return "是" if value else "否"
        if self.kind is Kind.FEN and isinstance(value, int):
            return yuan(value)
        if self.kind is Kind.CODE:
            return self.words.get(str(value), str(value))
        if self.key in {"age", "turns"}:
            return f"{value} 周岁"
        return str(value)


BIRTH, DEATH = "birth_date", "death"
#: Most money a fact may hold: ten billion yuan, in fen.
MOST_FEN = 10**12
SUBJECTS = {"elder": "老人", "institution": "机构", "trainee": "参训人员"}


def yuan(fen: int) -> str:
    """Fen as people read them: 1000 → 10 元, 1050 → 10.50 元."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d} 元" if rest else f"{whole:,} 元"


@dataclass(frozen=True)
class Statement:
    """What a source said: a value, on which days it holds, who said it and when."""

    value: Value
    source: str = ""
    observed: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day; both ends belong to it."""
        after = self.valid_from is None or self.valid_from <= day
        return after and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Reading:
    """A fact as a policy saw it: value, on which day, from whom."""

    fact: FactKind
    value: Value
    day: date | None
    source: str = ""
    observed: date | None = None
    valid_from: date | None = None
    birth: date | None = None
    died: date | None = None
    """Of an age: the day after which it grew no more."""
    assumed: bool = False
    """Nobody said so; it is what a missing fact means."""


@dataclass(frozen=True)
class Sheet:
    """The facts of one subject; each fact has statements that do not overlap."""

    subject: str
    statements: Mapping[str, tuple[Statement, ...]]
    receiving: frozenset[str] = frozenset()
    """Codes of the policies it is being paid under."""
    until: Month | None = None
    """The last month of which all is known that decides; None: the month asked about."""

    def read(self, fact: FactKind, which: Day, month: Month) -> Reading:
        """A fact as of a day of the month, derived ones too. A birth that cannot be is none."""
        if fact.bases:
            return self._derive(fact, which, month)
        day = month.day(which)
        said = self.statements.get(fact.key, ())
        found = next((s for s in said if fact.fixed or s.holds_on(day)), None)
        at = None if fact.fixed else day
        if found is None:
            return Reading(fact, fact.missing, at, assumed=fact.missing is not None)
        value = found.value
        if fact.key == BIRTH and isinstance(value, date) and not self._born(value, month):
            value = None
        return Reading(fact, value, at, found.source, found.observed, found.valid_from)

    def _born(self, birth: date, month: Month) -> bool:
        died = next((s.value for s in self.statements.get(DEATH, ())), None)
        before = not isinstance(died, date) or birth <= died
        return before and possible_birth(birth, month.last_day)

    def _derive(self, fact: FactKind, which: Day, month: Month) -> Reading:
        """Ages end with life: who dies before a birthday never reaches the age."""
        base, *more = [self.read(kind, which, month) for kind in fact.bases]
        day = month.day(which)
        if fact.key == "alive":
            gone = base.value
            alive = None if gone is None else not isinstance(gone, date) or gone >= day
            return Reading(fact, alive, day, base.source, base.observed, assumed=base.assumed)
        if not isinstance(birth := base.value, date):
            return Reading(fact, None, day, base.source, base.observed)
        died = one if isinstance(one := more[0].value, date) else None
        day = month.last_day if fact.key == "turns" else day
        day = min(day, died or day)
        years = age_on(birth, day)
        if fact.key == "turns" and birthday(birth, years) < month.first_day:
            years = 0
        return Reading(fact, years, day, base.source, base.observed, birth=birth, died=died)


def sheet_of(subject: str = "elder", **values: Value) -> Sheet:
    """A sheet of plain values without sources; for callers that hold current values."""
    return Sheet(subject, {key: (Statement(value),) for key, value in values.items()})
