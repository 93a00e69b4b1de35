"""Decisions of all policies for all people of a snapshot, as one Ibis expression."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import ibis

from songbai.domain.benefits.rules.facts import BIRTH, DEATH, FactKind
from songbai.domain.benefits.rules.groups import StackingRule
from songbai.domain.benefits.rules.language.tree import Expression, Fact, facts_of
from songbai.domain.benefits.rules.months import Month, shifted
from songbai.domain.benefits.rules.policy import ByDeath, Component, Policy, Row
from songbai.domain.benefits.rules.rhythms import (
    DEAD,
    ENDED,
    LOST,
    earned,
    rests,
    right,
    sure,
    to_see,
)
from songbai.domain.benefits.rules.stacking import instead_words

from .expression import answers, compiled, opposite
from .snapshot import (
    IN_LIFE,
    KEY,
    birth_in_life,
    column,
    column_of,
    columns_for,
    layered,
    lives,
    receiving_column,
)
from .stacking import divided, settle, standing_of

#: Rules under which a benefit gives way whole to another.
BEATEN = frozenset({StackingRule.EXCLUSIVE, StackingRule.HIGHER_OF})
#: What ``state`` says.
NO, YES, CANNOT_DECIDE = 0, 1, 2


def state(decided: ibis.Table, policy: Policy | str) -> Any:
    """0 no, 1 yes, 2 cannot be decided."""
    failed, unknown = decided[column(policy, "failed")], decided[column(policy, "unknown")]
    return ibis.cases((failed != 0, NO), (unknown != 0, CANNOT_DECIDE), else_=YES)


def decide_population(
    snapshot: ibis.Table, policies: Sequence[Policy], month: Month, *, rows: bool = False
) -> ibis.Table:
    """One row per person: ``person`` and for each policy three columns (see ``column``).

    ``failed`` and ``unknown`` are bit masks (``Policy.bits``: a bit per criterion, then the amount,
    then stacking); ``amount`` is fen after stacking, 0 for no, null when it cannot be decided.
    With ``rows`` a fourth, ``row``: the place from 0 of the row taken in the first component's
    table, null when none is. Raises LookupError when the snapshot lacks a column.
    """
    require(snapshot, policies)
    drafts = draft(lives(snapshot, month), policies, month, rows=rows)
    return finish(drafts, policies, rows=rows)


def labels(snapshot: ibis.Table, policy: Policy, month: Month) -> dict[int, str]:
    """By person whom a policy pays by itself: the label of the row taken in the first component's
    table.
    """
    rows = policy.amounts[0].rows
    with layered():
        decided = decide_population(snapshot, [policy], month, rows=True)
        place = decided[column(policy, "row")]
        taken = decided.filter((state(decided, policy) == YES) & place.notnull())
        found = taken.select(KEY, row=place).to_pyarrow()
    places = zip(found[KEY].to_pylist(), found["row"].to_pylist(), strict=True)
    return {person: rows[place].label for person, place in places}


def coming(
    snapshot: ibis.Table, code: str, policies: Sequence[Policy], month: Month
) -> dict[int, list[int]]:
    """People by the fen that a policy pays beside the others when it is paid again, in this month
    or a later one.
    """
    next_ = [one.paid_next(month) if one.code == code else one for one in policies]
    found: dict[int, list[int]] = {}
    with layered():
        decided = decide_population(snapshot, next_, month)
        fen = decided[column(code, "amount")].fill_null(0)
        for row in decided.select(KEY, fen=fen).to_pyarrow().to_pylist():
            found.setdefault(row["fen"], []).append(row[KEY])
    return found


def instead(
    snapshot: ibis.Table, code: str, policies: Sequence[Policy], month: Month
) -> dict[str, list[int]]:
    """By the words that say why, the people to whom this one is paid because another that stands
    before it never comes to be paid.
    """
    mine = next(policy for policy in policies if policy.code == code)
    groups = {group.group for group in mine.stacking if group.rule in BEATEN}
    found: dict[str, list[int]] = {}
    for other in policies:
        mates = groups & {group.group for group in other.stacking}
        if other.code == code or not mates or not any(rests(part, month) for part in other.amounts):
            continue
        living = [one.never_lapses() if one is other else one for one in policies]
        with layered():
            now, else_ = (decide_population(snapshot, some, month) for some in (policies, living))
            failed, unknown = (now[column(code, what)] for what in ("failed", "unknown"))
            beaten = else_.filter(else_[column(code, "failed")] != 0).select(KEY)
            paid = now.filter((failed == 0) & (unknown == 0)).semi_join(beaten, KEY)
            people = paid.select(KEY).to_pyarrow()[KEY].to_pylist()
        for why, some in lapsed(snapshot, other, month, people).items():
            found[instead_words(other.name, why)] = some
    return found


def lapsed(
    snapshot: ibis.Table, policy: Policy, month: Month, people: Collection[int]
) -> dict[str, list[int]]:
    """People to whom something of a policy never comes to be paid, by the words that say why."""
    dead = set()
    if DEATH in snapshot.columns and people:
        gone = snapshot.filter(snapshot[DEATH].notnull() & snapshot[KEY].isin(list(people)))
        dead = set(gone.select(KEY).to_pyarrow()[KEY].to_pylist())
    ends = any(policy.ends(part, month) for part in policy.amounts)
    found: dict[str, list[int]] = {}
    for person in people:
        why = DEAD if person in dead else ENDED if ends else LOST
        found.setdefault(why, []).append(person)
    return found


def require(snapshot: ibis.Table, policies: Sequence[Policy]) -> None:
    """Raises LookupError naming the columns a snapshot lacks."""
    needed = {KEY, *(column.name for column in columns_for(policies))}
    lacking = sorted(needed - set(snapshot.columns))
    if lacking:
        raise LookupError(f"快照缺少这些列：{'、'.join(lacking)}")


def draft(
    snapshot: ibis.Table,
    policies: Sequence[Policy],
    month: Month,
    *,
    rows: bool = False,
    complete: Collection[str] = (),
    passed: Policy | None = None,
    keep: Collection[str] = (),
) -> ibis.Table:
    """Masks and amounts of each policy by itself, with the outside money stacking needs.

    ``complete`` names columns without nulls; nobody in the table fails a criterion of ``passed``;
    the columns ``keep`` stay as they are.
    """
    found: dict[str, Any] = {name: snapshot[name] for name in (KEY, *keep)}
    for policy in policies:
        failed, unknown = masks(policy, snapshot, month, complete, failing=policy is not passed)
        found[column(policy, "failed")] = failed
        found[column(policy, "unknown")] = unknown
        found[column(policy, "amount")] = amount(policy, snapshot, month, complete)
        if not policy.all_monthly:
            found[column(policy, "worth")] = worth(policy, snapshot, month, complete)
        if rows:
            found[column(policy, "row")] = _row_taken(policy, snapshot, month)
        for group in policy.stacking:
            for kind in group.outside:
                name = column_of(Fact(kind, policy.day_of(kind.key)))
                found[name] = snapshot[name]
    return snapshot.select(**found)


def masks(
    policy: Policy,
    table: ibis.Table,
    month: Month,
    complete: Collection[str] = (),
    *,
    failing: bool = True,
) -> tuple[Any, Any]:
    """What failed and what is unknown, a bit per criterion."""
    kind = "int32" if len(policy.bits) < 31 else "int64"
    nothing = ibis.literal(0, type=kind)
    failed, unknown = ibis.literal(policy.ended_bit(month), type=kind), nothing
    for criterion in policy.criteria:
        bit = ibis.literal(policy.bits[criterion.id], type=kind)
        no, open_ = answers(policy, criterion, table, month)
        if failing:
            failed = failed | ibis.ifelse(no, bit, nothing)
        if not is_complete(criterion.when, complete):
            unknown = unknown | ibis.ifelse(open_, bit, nothing)
    return failed, unknown


def amount(policy: Policy, table: ibis.Table, month: Month, complete: Collection[str] = ()) -> Any:
    """Fen by the tables alone; null when a missing fact leaves it open or no row fits."""
    if policy.at_disposal is not None:
        return ibis.literal(policy.at_disposal, type="int64")
    parts = [_component(policy, part, table, month, complete) for part in policy.amounts]
    return _at_most(functools.reduce(operator.add, parts), policy.cap)


def worth(policy: Policy, table: ibis.Table, month: Month, complete: Collection[str] = ()) -> Any:
    """Fen a year, as ``amount``: see ``rules.stacking.Standing``."""
    if policy.at_disposal is not None:
        return ibis.literal(policy.at_disposal * 12, type="int64")
    paid = policy.paid_now(month)
    parts = [
        _component(paid, part, table, month, complete)
        * ibis.ifelse(_lapsed(policy, was, table, month), 0, was.times_a_year)
        for part, was in zip(paid.amounts, policy.amounts, strict=True)
    ]
    return _at_most(functools.reduce(operator.add, parts), policy.cap and policy.cap * 12)


def _at_most(whole: Any, cap: int | None) -> Any:
    # Not least(): engines leave nulls out of it, and unknown would become the cap.
    return whole if cap is None else ibis.ifelse(whole > cap, cap, whole)


def _component(
    policy: Policy,
    component: Component,
    table: ibis.Table,
    month: Month,
    complete: Collection[str],
) -> Any:
    nothing = ibis.null("int64")
    branches: list[tuple[Any, Any]] = []
    last: Any = ibis.literal(0, type="int64") if component.gap_is_zero else nothing
    for row in component.rows:
        value = _price(policy, component, row, table, month)
        if row.when is None:
            last = value
            break
        fits = compiled(row.when, table, month)
        if not is_complete(row.when, complete):
            branches.append((fits.isnull(), nothing))
        branches.append((fits, value))
    return ibis.cases(*branches, else_=last) if branches else last


def is_complete(when: Expression, complete: Collection[str]) -> bool:
    """Whether an expression reads only columns without nulls."""
    return {column_of(fact) for fact in facts_of(when)} <= set(complete)


def _row_taken(policy: Policy, table: ibis.Table, month: Month) -> Any:
    """Which row of the first component fits."""
    branches: list[tuple[Any, Any]] = []
    for place, row in enumerate(policy.amounts[0].rows):
        taken = ibis.literal(place, type="int8")
        if row.when is None:
            return ibis.cases(*branches, else_=taken) if branches else taken
        fits = compiled(row.when, table, month)
        branches += [(fits.isnull(), ibis.null("int8")), (fits, taken)]
    return ibis.cases(*branches, else_=ibis.null("int8"))


def _price(policy: Policy, component: Component, row: Row, table: ibis.Table, month: Month) -> Any:
    def read(kind: FactKind) -> Any:
        return table[column_of(Fact(kind, policy.day_of(kind.key)))].cast("int64")

    if component.percent_of is not None:
        base = read(component.percent_of)
        for kind in component.less:
            base -= read(kind)
        share = ibis.ifelse(base > 0, base, 0) * row.amount
        return ibis.ifelse(base.isnull(), ibis.null("int64"), divided(share, 10_000))
    rate = ibis.literal(row.amount, type="int64")
    whole = rate if component.times is None or not row.amount else rate * read(component.times)
    if not component.months_until(month):
        if not component.ahead:
            return whole
        return ibis.ifelse(_lapsed(policy, component, table, month), whole * 0, whole)
    if component.by_death is ByDeath.NOTHING:
        return whole * 0
    death = table[DEATH]
    died = (death >= ibis.literal(month.first_day)) & (death <= ibis.literal(month.last_day))
    if (day := to_see(policy, component, month)) is not None:
        died &= death < ibis.literal(day)
    between = component.months_between
    months = (
        between if component.by_death is ByDeath.WHOLE else _months(policy, component, table, month)
    )
    return ibis.ifelse(died.fill_null(False), divided(whole * months, between), whole * 0)


def _lapsed(policy: Policy, component: Component, table: ibis.Table, month: Month) -> Any:
    """Whether it is known that a later month does not pay what stands in this one."""
    never = ibis.literal(policy.ends(component, month))
    if not rests(component, month):
        return ibis.literal(False)
    paying, day = component.paying(month), to_see(policy, component, month)
    if not policy.ends(component, month):
        for when in sure(policy):
            names = {column_of(fact) for fact in facts_of(when)}
            facts = {
                name: birth_in_life(table, paying) if name == IN_LIFE else table[name]
                for name in names
            }
            never |= opposite(compiled(when, facts, paying)).fill_null(False)
    leaves = component.by_death is not ByDeath.NOTHING
    if leaves:
        until = paying.first_day
        if policy.ends(component, month) and policy.valid_to is not None:
            until = min(until, shifted(policy.valid_to, 1, "days"))
        of_death = _died(table, month.first_day, until)
        never &= opposite(of_death)
    if day is not None:
        never |= _died(table, None, month.first_day if leaves else day)
    return never


def _died(table: ibis.Table, since: date | None, before: date) -> Any:
    """Whether somebody died on one of these days."""
    died = table[DEATH] < ibis.literal(before)
    if since is not None:
        died &= table[DEATH] >= ibis.literal(since)
    return died.fill_null(False)


def _months(policy: Policy, component: Component, table: ibis.Table, month: Month) -> Any:
    """The months that count for who died in this one, from the facts as they are in it."""
    asked = {one: right(policy, receiving=one) for one in (False, True)}
    names = {column_of(fact) for when in asked.values() for fact in facts_of(when)}
    # Death came later: ages were those of the living.
    before = {name: table[BIRTH if name == IN_LIFE else name] for name in names}
    count = ibis.literal(0, type="int64")
    for one in earned(policy, component, month):
        facts = table if one == month else before
        stood, goes_on = (compiled(asked[key], facts, one) for key in (False, True))
        if asked[False] != asked[True]:
            stood = ibis.ifelse(table[receiving_column(policy)], goes_on, stood)
        count += stood.cast("int64")
    return count


def finish(
    drafts: ibis.Table,
    policies: Sequence[Policy],
    *,
    rows: bool = False,
    worths: bool = False,
    keep: Collection[str] = (),
) -> ibis.Table:
    """Drafts with the amount's bit set and all groups settled; ``keep`` as in ``draft``.

    With ``worths`` another column, ``worth``: fen a year, see ``rules.stacking.Standing``.
    """
    found: dict[str, Any] = {}
    for policy in policies:
        was = standing_of(policy, drafts)
        # An amount nobody can tell leaves the policy open.
        lacks = (was.failed == 0) & was.amount.isnull()
        bit = ibis.ifelse(lacks, policy.bits["amount"], 0).cast(was.unknown.type())
        if not policy.all_monthly:
            found[column(policy, "worth")] = ibis.ifelse(was.failed != 0, 0, was.worth)
        found[column(policy, "unknown")] = was.unknown | bit
        found[column(policy, "amount")] = ibis.ifelse(was.failed != 0, 0, was.amount)
    table = settle(drafts.mutate(**found), policies)
    found = {name: table[name] for name in (KEY, *keep)}
    for policy in policies:
        now = standing_of(policy, table)
        found[column(policy, "failed")] = now.failed
        found[column(policy, "unknown")] = now.unknown
        for what in ("amount", "worth") if worths else ("amount",):
            found[column(policy, what)] = ibis.cases(
                (now.failed != 0, ibis.literal(0, type="int64")),
                (now.unknown != 0, ibis.null("int64")),
                else_=getattr(now, what),
            )
        if rows:
            found[column(policy, "row")] = table[column(policy, "row")]
    return table.select(**found)
