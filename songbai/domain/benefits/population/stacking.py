"""Groups of benefits over columns; says the same as ``rules.stacking`` one by one."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from songbai.domain.benefits.rules.groups import Stacking, StackingRule
from songbai.domain.benefits.rules.language.tree import Fact
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.stacking import groups_of, members_of

from .snapshot import column, column_of


@dataclass(frozen=True)
class Standing:
    """Columns of one policy: masks, fen, and fen a year (see ``rules.stacking.Standing``)."""

    failed: Any
    unknown: Any
    amount: Any
    worth: Any

    @property
    def yes(self) -> Any:
        """Every criterion holds and the amount is known."""
        return (self.failed == 0) & (self.unknown == 0)

    @property
    def open(self) -> Any:
        """It cannot be decided."""
        return (self.failed == 0) & (self.unknown != 0)


@dataclass(frozen=True)
class Member:
    """A policy in a group: its rule there, its bit, money from outside and how it stood before."""

    policy: Policy
    stacking: Stacking
    outside: tuple[Any, ...]
    before: Standing

    @property
    def bit(self) -> int:
        """The bit of stacking in its masks."""
        return self.policy.bits["stacking"]

    def after(self, yields: Any, doubt: Any, amount: Any = None, worth: Any = None) -> Standing:
        """How it stands when it yields or is in doubt."""
        was = self.before
        yields, doubt = yields & (was.failed == 0), doubt & (was.failed == 0) & ~yields
        failed = was.failed | ibis.ifelse(yields, self.bit, 0).cast(was.failed.type())
        unknown = was.unknown | ibis.ifelse(doubt, self.bit, 0).cast(was.unknown.type())
        left = was.amount if amount is None else amount
        worth = was.worth if worth is None else worth
        return Standing(
            failed, unknown, ibis.ifelse(yields, 0, left), ibis.ifelse(yields, 0, worth)
        )


def settle(table: ibis.Table, policies: Sequence[Policy]) -> ibis.Table:
    """The table after all groups: ``failed``, ``unknown`` and ``amount`` of the members changed.

    Each step is a layer of its own, so that what it reads are columns and not ever longer formulas.
    """
    for group, rule in groups_of(policies):
        members = members_of(group, policies)
        if rule is StackingRule.HIGHER_OF:
            found = _higher_of([_member(*member, table) for member in members])
            table = _written(table, found)
        elif rule in ONE_BY_ONE:
            for place in range(len(members)):
                seen = [_member(*member, table) for member in members[: place + 1]]
                table = _written(table, ONE_BY_ONE[rule](seen[-1], [m.before for m in seen[:-1]]))
    return table


def _member(policy: Policy, stacking: Stacking, table: ibis.Table) -> Member:
    facts = (Fact(kind, policy.day_of(kind.key)) for kind in stacking.outside)
    outside = tuple(table[column_of(fact)] for fact in facts)
    return Member(policy, stacking, outside, standing_of(policy, table))


def standing_of(policy: Policy, table: ibis.Table) -> Standing:
    """How a policy stands in a table."""
    failed, unknown, fen = (table[column(policy, name)] for name in ("failed", "unknown", "amount"))
    worth = fen * 12 if policy.all_monthly else table[column(policy, "worth")]
    return Standing(failed, unknown, fen, worth)


def _written(table: ibis.Table, found: dict[str, Standing]) -> ibis.Table:
    return table.mutate(
        **{
            column(code, what): getattr(standing, what)
            for code, standing in found.items()
            for what in ("failed", "unknown", "amount", "worth")
            if column(code, what) in table.columns
        }
    )


def any_of(conditions: Sequence[Any]) -> Any:
    """Whether one of them holds; none does when there are none."""
    return functools.reduce(operator.or_, conditions) if conditions else ibis.literal(False)


def _exclusive(member: Member, earlier: list[Standing]) -> dict[str, Standing]:
    holder = any_of(
        [(other > 0).fill_null(False) for other in member.outside]
        + [other.yes & (other.worth > 0) for other in earlier]
    )
    doubt = any_of([o.isnull() for o in member.outside] + [o.open for o in earlier])
    return {member.policy.code: member.after(holder, doubt)}


def _higher_of(members: list[Member]) -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    for place, member in enumerate(members):
        was = member.before
        beaten, open_ = [], []
        for index, other in enumerate(members):
            if index == place:
                continue
            theirs = other.before
            more = theirs.worth >= was.worth if index < place else theirs.worth > was.worth
            beaten.append(theirs.yes & was.yes & (theirs.worth > 0) & more)
            open_.append(theirs.open)
        for amount in member.outside:
            beaten.append(was.yes & ((amount > 0) & (amount * 12 >= was.worth)).fill_null(False))
            open_.append(amount.isnull())
        beats = any_of([b.fill_null(False) for b in beaten])
        found[member.policy.code] = member.after(beats, any_of(open_))
    return found


def _after_deduction(member: Member, earlier: list[Standing]) -> dict[str, Standing]:
    return _less(member, earlier, ibis.literal(0, type="int64"))


def _capped(member: Member, earlier: list[Standing]) -> dict[str, Standing]:
    return _less(member, earlier, member.stacking.most * 12 - member.before.worth.fill_null(0))


def _less(member: Member, earlier: list[Standing], free: Any) -> dict[str, Standing]:
    was, times = member.before, member.policy.times_a_year
    doubt = any_of([o.isnull() for o in member.outside] + [o.open for o in earlier])
    taken = functools.reduce(
        operator.add,
        [o.fill_null(0).cast("int64") * 12 for o in member.outside]
        + [ibis.ifelse(o.yes, o.worth, 0).fill_null(0) for o in earlier],
        ibis.literal(0, type="int64"),
    )
    taken = ibis.ifelse(taken > free, taken - free, 0)
    counts = was.yes & (doubt == ibis.literal(False))
    gone = counts & (taken > 0) & (taken >= was.worth)
    share = divided(taken, times)
    less = ibis.ifelse(was.amount > share, was.amount - share, 0)
    left = ibis.ifelse(counts, less, was.amount)
    worth = ibis.ifelse(counts, was.worth - share * times, was.worth)
    return {member.policy.code: member.after(gone.fill_null(False), doubt, left, worth)}


def divided(whole: Any, by: int) -> Any:
    """Whole parts. Subtracting the rest first is exact on engines that divide in floats."""
    return ((whole - whole % by) / by).cast("int64")


ONE_BY_ONE: dict[StackingRule, Callable[[Member, list[Standing]], dict[str, Standing]]] = {
    StackingRule.EXCLUSIVE: _exclusive,
    StackingRule.AFTER_DEDUCTION: _after_deduction,
    StackingRule.CAPPED: _capped,
}
