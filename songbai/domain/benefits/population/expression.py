"""An expression of the policy language as an Ibis expression over a snapshot.

SQL's three values are Kleene's: null is unknown, ``and``, ``or`` and ``not`` need no help.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping
from typing import Any

import ibis

from songbai.domain.benefits.rules.evaluate import SIGNS
from songbai.domain.benefits.rules.facts import Kind
from songbai.domain.benefits.rules.language import tree
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.benefits.rules.policy import Criterion, Phase, Policy
from songbai.domain.elders.rules import born_by

from .snapshot import column_of, day_literal, receiving_column

#: An Ibis value of yes, no or null; Ibis has no types to check.
Bool = Any


def compiled(
    expression: tree.Expression, table: Mapping[str, Any] | ibis.Table, month: Month
) -> Bool:
    """The expression over a table's columns; null where a missing fact leaves it open."""
    if isinstance(expression, tree.Not):
        return opposite(compiled(expression.item, table, month))
    if isinstance(expression, tree.Holds | tree.Compare | tree.OneOf | tree.Within):
        return _atom(expression, table, month)
    if isinstance(expression, tree.Granted):
        return ibis.null("boolean")
    if not expression.items:
        return ibis.literal(isinstance(expression, tree.And))
    join = operator.and_ if isinstance(expression, tree.And) else operator.or_
    return functools.reduce(join, [compiled(item, table, month) for item in expression.items])


def answers(
    policy: Policy, criterion: Criterion, table: ibis.Table, month: Month
) -> tuple[Bool, Bool]:
    """Who fails a criterion, and of whom nobody can say, among those it is asked of."""
    holds = compiled(criterion.when, table, month)
    no, open_ = ~holds, holds.isnull()
    if criterion.phase is Phase.BOTH:
        return no, open_
    receiving = table[receiving_column(policy)]
    asked = receiving if criterion.phase is Phase.GO_ON else opposite(receiving)
    return asked & no, asked & open_


def opposite(holds: Bool) -> Bool:
    """The negation. Not ``~``: Ibis writes ``(~x).isnull()`` as ``NOT x IS NULL``, which engines
    read as ``NOT (x IS NULL)``.
    """
    return holds == ibis.literal(False)


def _atom(
    atom: tree.Holds | tree.Compare | tree.OneOf | tree.Within, table: ibis.Table, month: Month
) -> Bool:
    column = table[column_of(atom.fact)]
    key = atom.fact.key
    if isinstance(atom, tree.Holds):
        if key == "alive":
            return column.isnull() | (column >= day_literal(month.day(atom.fact.day)))
        return column
    if isinstance(atom, tree.Within):
        return functools.reduce(
            operator.or_,
            [(column >= low) & (column <= high) for low, high in spans_of(atom.prefixes)],
        )
    if isinstance(atom, tree.OneOf):
        values = [number(atom.fact, value) for value in atom.values]
        if key in {"age", "turns"}:
            each = [_years(atom.fact, column, "==", value, month) for value in values]
            return functools.reduce(operator.or_, each)
        # Engines skip blocks by it, by a chain of "or" they do not. Spark cannot read
        # "x IN (…) IS NULL"; the "and" brings brackets.
        return column.isin(values) & ibis.literal(value=True)
    return _comparison(atom, column, table, month)


def _comparison(atom: tree.Compare, column: Any, table: ibis.Table, month: Month) -> Bool:
    sign = SIGNS[atom.sign]
    if isinstance(atom.right, tree.Fact):
        other = table[column_of(atom.right)]
        found = sign(column, other)
        if atom.right.kind.kind is Kind.EVENT:
            found = ibis.ifelse(other.isnull(), False, found)
    elif isinstance(atom.right, tree.DayOf):
        found = sign(column, day_literal(atom.right.on(month)))
    elif atom.fact.key in {"age", "turns"}:
        return _years(atom.fact, column, atom.sign, int(atom.right), month)
    else:
        found = sign(column, number(atom.fact, atom.right))
    if atom.fact.kind.kind is Kind.EVENT:
        found = ibis.ifelse(column.isnull(), False, found)
    return found


def _years(fact: tree.Fact, birth: Any, sign: str, years: int, month: Month) -> Bool:
    """Completed years against a number, as birth dates: no date arithmetic per person."""
    if fact.key == "turns":
        before = born_by(month.day(Day.DAY_BEFORE), years)
        turned = (birth > day_literal(before)) & (
            birth <= day_literal(born_by(month.last_day, years))
        )
        return opposite(turned) if sign == "!=" else turned
    least = day_literal(born_by(month.day(fact.day), years))
    more = day_literal(born_by(month.day(fact.day), years + 1))
    return {
        ">=": lambda: birth <= least,
        "<": lambda: birth > least,
        ">": lambda: birth <= more,
        "<=": lambda: birth > more,
        "==": lambda: (birth <= least) & (birth > more),
        "!=": lambda: (birth > least) | (birth <= more),
    }[sign]()


def span(prefix: str) -> tuple[int, int]:
    """Lowest and highest 12-digit code under a prefix."""
    return int(prefix.ljust(12, "0")), int(prefix.ljust(12, "9"))


def spans_of(prefixes: Iterable[str]) -> list[tuple[int, int]]:
    """The spans of some prefixes, neighbours joined."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(map(span, prefixes)):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def number(fact: tree.Fact, value: int | str) -> int:
    """A constant as the snapshot holds it."""
    return fact.kind.codes[value] if isinstance(value, str) else value
