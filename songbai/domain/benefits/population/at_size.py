"""Deciding a city: everybody's criteria as packed words, outcomes of whom nothing rules out.

A column for each policy would take longer to write than to decide: the bits of all policies share a
few 64-bit words (``Layout`` says where).
"""

from __future__ import annotations

import functools
import operator
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from songbai.domain.benefits.rules.facts import BIRTH, Kind
from songbai.domain.benefits.rules.groups import StackingRule
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Criterion, Phase, Policy

from .decide import draft, finish, is_complete, require
from .expression import answers, compiled
from .snapshot import (
    IN_LIFE,
    KEY,
    Column,
    column,
    column_of,
    columns_for,
    lives,
    policy_facts,
    receiving_column,
)
from .stacking import standing_of

#: Bits of a word that are used; the sign is left alone.
WORD = 62
#: Where each policy's criteria stand, by code: word, shift and how many bits.
Layout = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Decided:
    """A city decided.

    ``criteria``: person, failed0…, unknown0… (see ``layout``), for everybody.
    ``outcomes``: person, policy (place in ``policies``), failed, unknown (``Policy.bits``), amount
    (fen), worth (fen a year, see ``rules.stacking.Standing``), for everybody none of whose criteria
    failed under a policy that is law in the month: yes, open, or ruled out by stacking.
    """

    policies: tuple[Policy, ...]
    layout: Layout
    criteria: ibis.Table
    outcomes: ibis.Table


def decide_city(
    snapshot: ibis.Table, policies: Sequence[Policy], month: Month, complete: Collection[str] = ()
) -> Decided:
    """Expressions of both tables; nothing runs yet.

    ``complete`` names columns without nulls (``complete_columns``). Raises LookupError when the
    snapshot lacks a column.
    """
    require(snapshot, policies)
    snapshot = lives(snapshot, month)
    criteria = criteria_words(snapshot, policies, month, complete)
    held = [policy for policy in policies if policy.in_force(month)]
    parts = [
        _outcomes(place, policy, snapshot, held, month, complete)
        for place, policy in enumerate(policies)
        if policy.in_force(month)
    ]
    outcomes = functools.reduce(lambda a, b: a.union(b, distinct=False), parts or [_none(snapshot)])
    return Decided(tuple(policies), layout_of(policies), criteria, outcomes)


def layout_of(policies: Sequence[Policy]) -> Layout:
    """Policies one after the other, none across two words."""
    places, word, used = {}, 0, 0
    for policy in policies:
        bits = len(policy.criteria)
        if used + bits > WORD:
            word, used = word + 1, 0
        places[policy.code] = word, used, bits
        used += bits
    return places


def criteria_words(
    snapshot: ibis.Table, policies: Sequence[Policy], month: Month, complete: Collection[str] = ()
) -> ibis.Table:
    """``person``, ``failed0`` … and ``unknown0`` …: every criterion of every policy for everybody.

    ``complete`` names columns without nulls, for which unknown need not be asked.
    """
    layout, words = layout_of(policies), defaultdict[str, list[Any]](list)
    for policy in policies:
        word, shift, _ = layout[policy.code]
        for place, criterion in enumerate(policy.criteria, shift):
            bit = ibis.literal(1 << place, type="int64")
            no, open_ = answers(policy, criterion, snapshot, month)
            words[f"failed{word}"].append(ibis.ifelse(no, bit, 0))
            asked = words[f"unknown{word}"]
            if not is_complete(criterion.when, complete):
                asked.append(ibis.ifelse(open_, bit, 0))
    nothing = ibis.literal(0, type="int64")
    packed = {name: functools.reduce(operator.or_, bits, nothing) for name, bits in words.items()}
    return snapshot.select(**{KEY: snapshot[KEY]}, **packed)


def criterion_not_failed(
    policy: Policy,
    criterion: Criterion,
    table: ibis.Table,
    month: Month,
    complete: Collection[str],
) -> Any:
    """Whether a criterion leaves somebody in: it holds, is unknown, or is not asked."""
    fits = compiled(criterion.when, table, month)
    if not is_complete(criterion.when, complete):
        fits = fits.fill_null(True)
    if criterion.phase is Phase.BOTH:
        return fits
    receiving = table[receiving_column(policy)]
    return fits | (receiving == ibis.literal(criterion.phase is not Phase.GO_ON))


def complete_columns(snapshot: ibis.Table, policies: Sequence[Policy]) -> frozenset[str]:
    """The columns that leave nothing open; counts them on the engine."""
    names = [column.name for column in columns_for(policies)]
    counts = snapshot.aggregate(
        everybody=snapshot.count(), **{name: snapshot[name].count() for name in names}
    )
    row = counts.to_pyarrow().to_pylist()[0]
    counted = {name for name in names if row[name] == row["everybody"]}
    counted |= {IN_LIFE} if BIRTH in counted else set()
    return frozenset(counted | {c.name for c in columns_for(policies) if _never_open(c)})


def _never_open(column: Column) -> bool:
    """Nulls of an event say that it has not happened."""
    return column.fact is not None and column.fact.kind is Kind.EVENT


def _outcomes(
    place: int,
    policy: Policy,
    snapshot: ibis.Table,
    policies: Sequence[Policy],
    month: Month,
    complete: Collection[str],
) -> ibis.Table:
    """The outcomes of one policy."""
    group = mates(policy, policies)
    needed = {column_of(fact) for mate in group for fact in policy_facts(mate)}
    receiving = [c.name for c in columns_for(group) if c.fact is None]
    left = snapshot.filter(
        *(criterion_not_failed(policy, c, snapshot, month, complete) for c in policy.criteria)
    )
    left = left.select(KEY, *sorted(needed), *receiving)
    drafts = draft(left, group, month, complete=complete, passed=policy)
    alone = not stands_with_others(policy)
    decided = _alone(drafts, policy) if alone else finish(drafts, group, worths=True)
    return decided.select(
        person=decided[KEY],
        policy=ibis.literal(place, type="int16"),
        failed=decided[column(policy, "failed")].cast("int64"),
        unknown=decided[column(policy, "unknown")].cast("int64"),
        amount=decided[column(policy, "amount")],
        worth=decided[column(policy, "worth")],
    )


def _none(snapshot: ibis.Table) -> ibis.Table:
    """No outcome: no policy is law in the month."""
    nothing = ibis.literal(0, type="int64")
    return snapshot.filter(ibis.literal(False)).select(  # the value itself
        person=snapshot[KEY],
        policy=ibis.literal(0, type="int16"),
        failed=nothing,
        unknown=nothing,
        amount=nothing,
        worth=nothing,
    )


def stands_with_others(policy: Policy) -> bool:
    """Whether anything outside a policy can change its outcome."""
    return any(group.rule is not StackingRule.ADDITIVE for group in policy.stacking)


def _alone(drafts: ibis.Table, policy: Policy) -> ibis.Table:
    """What ``finish`` gives for one policy in no group: fewer layers, much quicker to compile."""
    was = standing_of(policy, drafts)
    bit = ibis.literal(policy.bits["amount"], type=was.unknown.type())
    sums = {
        column(policy, what): ibis.ifelse(was.unknown != 0, ibis.null("int64"), getattr(was, what))
        for what in ("amount", "worth")
    }
    unknown = was.unknown | ibis.ifelse(was.amount.isnull(), bit, 0)
    return drafts.mutate(**{column(policy, "unknown"): unknown, **sums})


def mates(policy: Policy, policies: Sequence[Policy]) -> list[Policy]:
    """The policy and all whose outcome can change its own, over any number of groups."""
    found, codes = [policy], {policy.code}
    while True:
        groups = {g.group for p in found for g in p.stacking if g.rule is not StackingRule.ADDITIVE}
        more = [
            p for p in policies if p.code not in codes and groups & {g.group for g in p.stacking}
        ]
        if not more:
            return [p for p in policies if p.code in codes]
        found += more
        codes |= {p.code for p in more}
