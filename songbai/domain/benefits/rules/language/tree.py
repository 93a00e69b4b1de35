"""What an expression means once it is checked: every name resolved, every type known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from ..facts import FactKind
from ..months import Day, Month, shifted


@dataclass(frozen=True)
class Fact:
    """A fact, read as of a day of the month."""

    kind: FactKind
    day: Day

    @property
    def key(self) -> str:
        """Its name."""
        return self.kind.key


@dataclass(frozen=True)
class DayOf:
    """A day that depends on the month: ``first_day - 12 months``; or a written date."""

    base: Day | date
    count: int = 0
    unit: str = "days"

    def on(self, month: Month) -> date:
        """The date in a month."""
        base = month.day(self.base) if isinstance(self.base, Day) else self.base
        return shifted(base, self.count, self.unit)


#: What a fact is compared with: a number, fen, a code, or a day.
Constant = int | str | DayOf


@dataclass(frozen=True)
class Holds:
    """A yes-or-no fact by itself."""

    fact: Fact


@dataclass(frozen=True)
class Compare:
    """A fact against a constant or another fact of the same kind."""

    fact: Fact
    sign: str
    right: Constant | Fact


@dataclass(frozen=True)
class OneOf:
    """A fact among constants."""

    fact: Fact
    values: tuple[int | str, ...]


@dataclass(frozen=True)
class Within:
    """A division under one of these code prefixes."""

    fact: Fact
    prefixes: tuple[str, ...]


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    item: Expression


@dataclass(frozen=True)
class And:
    """All of them: one no decides, else one unknown makes it unknown."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """Any of them: one yes decides, else one unknown makes it unknown."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Granted:
    """All conditions of another policy hold; ``rules.standing`` puts them in its place."""

    code: str


Atom = Holds | Compare | OneOf | Within
Expression = Atom | Not | And | Or | Granted


def subtrees(expression: Expression) -> Iterator[Expression]:
    """An expression and everything in it."""
    yield expression
    if isinstance(expression, And | Or):
        for item in expression.items:
            yield from subtrees(item)
    elif isinstance(expression, Not):
        yield from subtrees(expression.item)


def replaced(expression: Expression, leaf: Callable[[Atom | Granted], Expression]) -> Expression:
    """The expression with something else, or the same, for each of its leaves."""
    if isinstance(expression, Not):
        return Not(replaced(expression.item, leaf))
    if isinstance(expression, And | Or):
        return type(expression)(tuple(replaced(item, leaf) for item in expression.items))
    return leaf(expression)


def atoms(expression: Expression) -> Iterator[Atom]:
    """The comparisons of an expression, left to right."""
    for one in subtrees(expression):
        if isinstance(one, Atom):
            yield one


def facts_of(expression: Expression) -> Iterator[Fact]:
    """The facts an expression asks for, left to right, repeated as they occur."""
    for atom in atoms(expression):
        yield atom.fact
        if isinstance(atom, Compare) and isinstance(atom.right, Fact):
            yield atom.right
