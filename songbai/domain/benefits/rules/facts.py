"""Kinds of facts, and one subject's facts with who said them and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from songbai.core import yaml_file
from songbai.domain.elders.rules import age_on

from .months import Day, Month, birthday

POLICIES = Path(__file__).resolve().parents[4] / "policies"


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
    derived_from: str = ""
    register: str = ""
    """The kind of the register's facts that says it; "": no source delivers it yet."""
    part: str = ""
    """"observed": the day of the register's observation instead of its value."""
    otherwise: str = ""
    """"region": while nobody says it, the division the person is registered in."""
    without: Value = None
    """What it is for whoever has no disability certificate."""

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


#: Most money a fact may hold: ten billion yuan, in fen.
MOST_FEN = 10**12
DERIVED = (
    FactKind("age", "年龄", Kind.WHOLE, high=150, derived_from="birth_date"),
    FactKind("turns", "当月满的岁数", Kind.WHOLE, low=1, high=150, derived_from="birth_date"),
    FactKind("alive", "健在", Kind.BOOL, derived_from="death"),
)
SUBJECTS = {"elder": "老人", "institution": "机构", "trainee": "参训人员"}


def yuan(fen: int) -> str:
    """Fen as people read them: 1000 → 10 元, 1050 → 10.50 元."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d} 元" if rest else f"{whole:,} 元"


@cache
def vocabulary(subject: str) -> dict[str, FactKind]:
    """The facts of a subject by name, those derived among them.

    Raises KeyError for a subject nobody declared.
    """
    raw = yaml_file.read(POLICIES / "facts.yaml")[subject]
    found = {}
    for key, entry in raw.items():
        kind = Kind(entry["kind"])
        codes = {str(code): number for code, (number, _) in entry.get("codes", {}).items()}
        words = {str(code): word for code, (_, word) in entry.get("codes", {}).items()}
        high = MOST_FEN if kind is Kind.FEN else entry.get("high", 0)
        missing = NEVER if kind is Kind.EVENT else entry.get("missing")
        found[key] = FactKind(
            key,
            entry["name"],
            kind,
            entry.get("fixed", False),
            entry.get("low", 0),
            high,
            codes,
            words,
            missing,
            entry.get("says", ""),
            register=entry.get("register", ""),
            part=entry.get("part", ""),
            otherwise=entry.get("otherwise", ""),
            without=entry.get("without"),
        )
    if subject == "elder":
        found |= {kind.key: kind for kind in DERIVED}
    return found


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
    assumed: bool = False
    """Nobody said so; it is what a missing fact means."""


@dataclass(frozen=True)
class Sheet:
    """The facts of one subject; each fact has statements that do not overlap."""

    subject: str
    statements: Mapping[str, tuple[Statement, ...]]
    receiving: frozenset[str] = frozenset()
    """Codes of the policies it is being paid under."""

    def read(self, key: str, which: Day, month: Month) -> Reading:
        """A fact as of a day of the month, derived ones too."""
        fact = vocabulary(self.subject)[key]
        day = month.day(which)
        if fact.derived_from:
            return self._derive(fact, self.read(fact.derived_from, which, month), day, month)
        said = self.statements.get(key, ())
        found = next((s for s in said if fact.fixed or s.holds_on(day)), None)
        at = None if fact.fixed else day
        if found is None:
            return Reading(fact, fact.missing, at, assumed=fact.missing is not None)
        return Reading(fact, found.value, at, found.source, found.observed, found.valid_from)

    def _derive(self, fact: FactKind, base: Reading, day: date, month: Month) -> Reading:
        value: Value = None
        birth = base.value if isinstance(base.value, date) else None
        if fact.key == "alive":
            value = birth is None or birth >= day
            birth = None
        elif birth is not None:
            value = age_on(birth, day)
            if fact.key == "turns":
                reached = max(age_on(birth, month.last_day), 0)
                value = reached if reached and birthday(birth, reached) >= month.first_day else 0
        return Reading(
            fact, value, day, base.source, base.observed, None, birth, assumed=base.assumed
        )


def sheet_of(subject: str = "elder", **values: Value) -> Sheet:
    """A sheet of plain values without sources; for callers that hold current values."""
    return Sheet(subject, {key: (Statement(value),) for key, value in values.items()})
