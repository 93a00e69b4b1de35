"""Every criterion's result for everybody, packed: a bit for no and a bit for unknown.

Writing a column per policy would cost more than deciding. So the bits of all policies share a few
64-bit words (``Layout`` says where), and a criterion that asks for one fact only is not computed
per person: all such criteria of a fact are looked up together from its value. The values that make
a difference are found by asking ``rules.evaluate`` at the borders, so both say the same.
"""

from __future__ import annotations

import functools
import operator
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from songbai.domain.benefits.rules.evaluate import holds
from songbai.domain.benefits.rules.facts import NEVER, FactKind, Kind, Sheet, Statement, Value
from songbai.domain.benefits.rules.language import tree
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.benefits.rules.policy import Criterion, Phase, Policy
from songbai.domain.elders.rules import born_by

from .expression import answers, compiled, number, span
from .snapshot import KEY, column_of, receiving_column

#: Bits of a word that are used; the sign is left alone.
WORD = 62


@dataclass(frozen=True)
class Place:
    """Where a policy's criteria stand: word, shift and how many bits."""

    word: int
    shift: int
    bits: int

    @property
    def mask(self) -> int:
        """The bits of the policy in its word."""
        return ((1 << self.bits) - 1) << self.shift


@dataclass(frozen=True)
class Layout:
    """Where each policy stands, by code, and how many words there are."""

    places: Mapping[str, Place]
    words: int

    def of(self, packed: Any, code: str) -> int:
        """The mask of one policy out of a person's word, as ``Policy.bits`` counts them."""
        place = self.places[code]
        return (int(packed) & place.mask) >> place.shift


def layout_of(policies: Sequence[Policy]) -> Layout:
    """Policies one after the other, none across two words."""
    places, word, used = {}, 0, 0
    for policy in policies:
        bits = len(policy.criteria)
        if used + bits > WORD:
            word, used = word + 1, 0
        places[policy.code] = Place(word, used, bits)
        used += bits
    return Layout(places, word + 1)


@dataclass(frozen=True)
class _Bit:
    policy: Policy
    criterion: Criterion
    word: int
    bit: int


def criteria_words(
    snapshot: ibis.Table, policies: Sequence[Policy], month: Month, complete: Collection[str] = ()
) -> ibis.Table:
    """``person``, ``failed0`` … and ``unknown0`` …: every criterion of every policy for everybody.

    ``complete`` names columns without nulls, for which unknown need not be asked.
    """
    layout = layout_of(policies)
    failed: dict[int, list[Any]] = defaultdict(list)
    unknown: dict[int, list[Any]] = defaultdict(list)
    alone: dict[str, list[_Bit]] = defaultdict(list)
    for bit in _bits(policies, layout):
        columns = {column_of(fact) for fact in tree.facts_of(bit.criterion.when)}
        if len(columns) == 1 and _alone(bit.criterion):
            alone[columns.pop()].append(bit)
            continue
        no, open_ = answers(bit.policy, bit.criterion, snapshot, month)
        failed[bit.word].append(ibis.ifelse(no, _long(bit.bit), 0))
        if not columns <= set(complete):
            unknown[bit.word].append(ibis.ifelse(open_, _long(bit.bit), 0))
    for name, bits in alone.items():
        for word in sorted({bit.word for bit in bits}):
            table = _Table([bit for bit in bits if bit.word == word], month)
            failed[word].append(table.failed(snapshot[name]))
            if table.open_bits and name not in complete:
                unknown[word].append(
                    ibis.ifelse(snapshot[name].isnull(), _long(table.open_bits), 0)
                )
    found: dict[str, Any] = {KEY: snapshot[KEY]}
    for word in range(layout.words):
        found[f"failed{word}"] = _joined(failed[word])
        found[f"unknown{word}"] = _joined(unknown[word])
    return snapshot.select(**found)


def _bits(policies: Sequence[Policy], layout: Layout) -> list[_Bit]:
    found = []
    for policy in policies:
        place = layout.places[policy.code]
        for index, criterion in enumerate(policy.criteria):
            found.append(_Bit(policy, criterion, place.word, 1 << (place.shift + index)))
    return found


def _alone(criterion: Criterion) -> bool:
    """Whether a criterion compares with constants only and is asked of everybody."""
    pairs = any(
        isinstance(getattr(atom, "right", None), tree.Fact) for atom in tree.atoms(criterion.when)
    )
    return criterion.phase is Phase.BOTH and not pairs


def criterion_not_failed(
    policy: Policy,
    criterion: Criterion,
    table: ibis.Table,
    month: Month,
    complete: Collection[str],
) -> Any:
    """Whether a criterion leaves somebody in: it holds, is unknown, or is not asked."""
    fits = compiled(criterion.when, table, month)
    if not {column_of(fact) for fact in tree.facts_of(criterion.when)} <= set(complete):
        fits = fits.fill_null(True)
    if criterion.phase is Phase.BOTH:
        return fits
    receiving = table[receiving_column(policy)]
    return fits | (receiving == ibis.literal(criterion.phase is not Phase.GO_ON))


def _joined(parts: list[Any]) -> Any:
    return functools.reduce(operator.or_, parts) if parts else _long(0)


def _long(value: int) -> Any:
    return ibis.literal(value, type="int64")


class _Table:
    """The criteria of one column: which fail between which borders."""

    def __init__(self, bits: list[_Bit], month: Month) -> None:
        self.bits, self.month = bits, month
        fact = next(tree.facts_of(bits[0].criterion.when))
        self.subject = bits[0].policy.subject
        self.kind: FactKind = fact.kind.given[0]
        self.null_bits, self.open_bits = self.ask(NEVER if self.kind.kind is Kind.EVENT else None)

    def ask(self, value: Value) -> tuple[int, int]:
        """The bits that fail and that are open for a value."""
        sheet = Sheet(self.subject, {self.kind.key: (Statement(value),)})
        found = [(bit.bit, holds(bit.criterion.when, sheet, self.month)) for bit in self.bits]
        failed = sum(bit for bit, result in found if result is False)
        return failed, sum(bit for bit, result in found if result is None)

    def failed(self, column: Any) -> Any:
        """The bits that fail, per person."""
        if self.kind.kind is Kind.BOOL:
            yes, no = self.ask(True)[0], self.ask(False)[0]
            return ibis.cases(
                (column, _long(yes)), (column.isnull(), _long(self.null_bits)), else_=_long(no)
            )
        borders = sorted(
            {
                b
                for bit in self.bits
                for a in tree.atoms(bit.criterion.when)
                for b in self.borders(a)
            }
        )
        below = self.ask(self.value(borders[0], -1))[0]
        steps: list[tuple[Any, int]] = []
        for border in borders:
            above = self.ask(self.value(border))[0]
            if above != below:
                steps.append((border, below))
                below = above
        branches = [(column < self.literal(border), _long(bits)) for border, bits in steps]
        # A null is less than nothing, so it comes to the last branch before the end.
        return ibis.cases(*branches, (column.isnull(), _long(self.null_bits)), else_=_long(below))

    def borders(self, atom: tree.Atom) -> list[Any]:
        """Values at which an atom may change its mind, as the snapshot holds them."""
        if isinstance(atom, tree.Holds):
            return [self.month.day(atom.fact.day)]
        if isinstance(atom, tree.Compare):
            if isinstance(atom.right, tree.DayOf):
                day = atom.right.on(self.month)
                return [day, day + timedelta(days=1)]
            if isinstance(atom.right, tree.Fact):  # never alone, see _alone
                return []
            return self.around(atom.fact, number(atom.fact, atom.right))
        if isinstance(atom, tree.OneOf):
            values = [number(atom.fact, value) for value in atom.values]
            return [border for value in values for border in self.around(atom.fact, value)]
        return [
            border for prefix in atom.prefixes for border in (span(prefix)[0], span(prefix)[1] + 1)
        ]

    def around(self, fact: tree.Fact, value: int) -> list[Any]:
        if not fact.kind.derived_from:
            return [value, value + 1]
        days = (self.month.day(fact.day), self.month.day(Day.DAY_BEFORE), self.month.last_day)
        born = [born_by(day, value + more) for day in days for more in (0, 1)]
        return [day + timedelta(days=1) for day in born if day > date.min]

    def value(self, border: Any, away: int = 0) -> Value:
        """A snapshot value as rules read it."""
        if isinstance(border, date):
            return max(border, date(2, 1, 1)) + timedelta(days=away)
        at = border + away
        if self.kind.kind is Kind.REGION:
            return f"{at:012d}"
        if self.kind.kind is Kind.CODE:
            return next((c for c, n in self.kind.codes.items() if n == at), "")
        return int(at)

    def literal(self, border: Any) -> Any:
        return ibis.literal(border, type="date") if isinstance(border, date) else border
