"""What another rule would cost, and whom: a snapshot decided under both; nothing is written.

Only those are decided whom neither rule rules out, and only the columns that are asked for are
read. The answer is the same as deciding everybody under each rule from scratch.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import ibis

from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Criterion, Policy
from songbai.domain.elders.rules import born_by

from .at_size import criterion_not_failed, mates
from .decide import CANNOT_DECIDE, YES, draft, finish, require, state
from .expression import span
from .snapshot import KEY, column, column_of, columns_for, layered, lives, policy_facts

#: Ages at which a band of the breakdown begins; younger people stand in band 0.
BANDS = (60, 65, 70, 75, 80, 85, 90, 95, 100)
#: Numbers of bands and classes when nobody knows.
UNKNOWN = -1


@dataclass(frozen=True)
class Figures:
    """People and fen under a rule as it is (``…_before``) and as it would be (``…_after``).

    ``more`` and ``less``: paid under both, by the year's fen; ``lost_open``: those of ``lost`` who
    could not be decided any more. A year is twelve of this month with yearly money once.
    """

    before: int = 0
    gained: int = 0
    lost: int = 0
    lost_open: int = 0
    more: int = 0
    less: int = 0
    open_before: int = 0
    open_after: int = 0
    fen_before: int = 0
    fen_after: int = 0
    year_before: int = 0
    year_after: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f) + getattr(other, f) for f in NAMES))

    @property
    def after(self) -> int:
        """People paid under the new rule."""
        return self.before + self.gained - self.lost

    @property
    def same(self) -> int:
        """People whose money stays what it is."""
        return self.before - self.lost - self.more - self.less

    @property
    def touched(self) -> int:
        """People for whom something changes."""
        return self.gained + self.lost + self.more + self.less

    @property
    def fen(self) -> int:
        """Fen more in the month; negative when it gets cheaper."""
        return self.fen_after - self.fen_before

    @property
    def year(self) -> int:
        """Fen more in a year."""
        return self.year_after - self.year_before


NAMES = tuple(f.name for f in fields(Figures))
NOBODY = Figures()


@dataclass(frozen=True)
class Effect:
    """What changes: altogether, by division code, by age band and by hardship class.

    Every breakdown adds up to ``whole``. ``others``: benefits of the same groups, which can change
    because this one does; only what changes is counted, their totals are not.
    """

    whole: Figures
    by_place: Mapping[str, Figures]
    by_age: Mapping[int, Figures]
    by_class: Mapping[int, Figures]
    others: Mapping[str, Figures]


@dataclass(frozen=True)
class Cut:
    """Which people are looked at and how they are broken down.

    ``place``: the column with the division; ``prefix``: only people under it; ``digits``: how many
    digits of the code make a part.
    """

    place: str
    digits: int = 9
    prefix: str = ""


def what_if(
    snapshot: ibis.Table,
    policy: Policy,
    otherwise: Policy,
    policies: Sequence[Policy],
    month: Month,
    cut: Cut,
) -> Effect:
    """The effect of having ``otherwise`` (see ``rules.levers.changed``) in place of ``policy``.

    ``policies`` are all that hold in the month, ``policy`` among them. Raises LookupError when the
    snapshot lacks a column.
    """
    group = mates(policy, policies)
    require(snapshot, group)
    snapshot = lives(snapshot, month)
    people = _left(snapshot, policy, otherwise, month, cut)
    dimensions = {
        "place": people[cut.place] - people[cut.place] % 10 ** (12 - cut.digits),
        "band": _band(people, month),
        "hardship": _hardship(people),
    }
    needed = {column_of(fact) for mate in group for fact in policy_facts(mate)}
    needed |= {c.name for c in columns_for(group) if c.fact is None}
    people = people.select(KEY, *sorted(needed), **{f"by_{k}": v for k, v in dimensions.items()})
    now = [otherwise if mate.code == policy.code else mate for mate in group]
    decided = _worlds(people, {"before": group, "after": now}, month)
    whole = _figures(decided, policy)
    for place, mate in enumerate(m for m in group if m.code != policy.code):
        whole |= {f"{name}_{place}": value for name, value in _figures(decided, mate).items()}
    cube = decided.group_by([f"by_{name}" for name in dimensions]).aggregate(**whole)
    with layered():
        rows = cube.to_pyarrow().to_pylist()
    others = [mate.code for mate in group if mate.code != policy.code]
    return _effect(rows, others)


def _left(
    snapshot: ibis.Table, policy: Policy, otherwise: Policy, month: Month, cut: Cut
) -> ibis.Table:
    """Those whom at least one of the two rules leaves in."""

    def fits(criteria: Iterable[Criterion]) -> Any:
        each = [criterion_not_failed(policy, c, snapshot, month, ()) for c in criteria]
        return functools.reduce(operator.and_, each)

    pairs = list(zip(policy.criteria, otherwise.criteria, strict=True))
    kept = [old for old, new in pairs if old == new]
    moved = [(old, new) for old, new in pairs if old != new]
    conditions = [fits(kept)] if kept else []
    if moved:
        conditions.append(fits(old for old, _ in moved) | fits(new for _, new in moved))
    if cut.prefix:
        low, high = span(cut.prefix)
        conditions += [snapshot[cut.place] >= low, snapshot[cut.place] <= high]
    return snapshot.filter(*conditions)


def _band(people: ibis.Table, month: Month) -> Any:
    """The band by the age on the month's last day."""
    if "birth_date" not in people.columns:
        return ibis.literal(UNKNOWN, type="int16")
    birth = people["birth_date"]
    limits = [ibis.literal(born_by(month.last_day, age), type="date") for age in BANDS]
    below = [(birth > limit, band) for limit, band in zip(limits, (0, *BANDS), strict=False)]
    return ibis.cases((birth.isnull(), UNKNOWN), *below, else_=BANDS[-1]).cast("int16")


def _hardship(people: ibis.Table) -> Any:
    """The class the snapshot knows, whichever day of the month it was read on."""
    names = ("hardship_on_first_day", "hardship", "hardship_on_day_before")
    found = next((people[name] for name in names if name in people.columns), None)
    if found is None:
        return ibis.literal(UNKNOWN, type="int16")
    return found.fill_null(UNKNOWN).cast("int16")


def _worlds(people: ibis.Table, rules: Mapping[str, Sequence[Policy]], month: Month) -> ibis.Table:
    """Everybody decided under each set of rules, one after the other.

    For each set and policy: state, fen of the month, fen of a year.
    """
    for name, policies in rules.items():
        keep = [c for c in people.columns if c != KEY]
        drafts = draft(people, policies, month, keep=keep)
        table = finish(drafts, policies, worths=True, keep=keep)
        found: dict[str, Any] = {}
        for policy in policies:
            found[_of(policy, name, "state")] = state(table, policy).cast("int8")
            for what, column_name in (("fen", "amount"), ("year", "worth")):
                value = table[column(policy, column_name)].fill_null(0)
                found[_of(policy, name, what)] = value
        people = table.select(*people.columns, **found)
    return people


def _of(policy: Policy, world: str, what: str) -> str:
    return column(policy, f"{world}_{what}")


def _figures(table: ibis.Table, policy: Policy) -> dict[str, Any]:
    """The aggregates of a policy, by the names of ``Figures``."""

    def read(what: str) -> tuple[Any, Any]:
        return table[_of(policy, "before", what)], table[_of(policy, "after", what)]

    (was, now), (fen, fen_after), (year, year_after) = read("state"), read("fen"), read("year")
    both = (was == YES) & (now == YES)
    lost = (was == YES) & (now != YES)
    conditions = {
        "before": was == YES,
        "gained": (was != YES) & (now == YES),
        "lost": lost,
        "lost_open": lost & (now == CANNOT_DECIDE),
        "more": both & (year_after > year),
        "less": both & (year_after < year),
        "open_before": was == CANNOT_DECIDE,
        "open_after": now == CANNOT_DECIDE,
    }
    sums = {
        "fen_before": fen,
        "fen_after": fen_after,
        "year_before": year,
        "year_after": year_after,
    }
    counted = {name: condition.sum() for name, condition in conditions.items()}
    return counted | {name: value.sum() for name, value in sums.items()}


def _effect(rows: list[dict[str, Any]], others: Sequence[str]) -> Effect:
    def added(by: str) -> dict[int, Figures]:
        found: dict[int, Figures] = {}
        for row in rows:
            figures = _read(row)
            if figures != NOBODY:
                key = UNKNOWN if row[by] is None else row[by]
                found[key] = found.get(key, NOBODY) + figures
        return dict(sorted(found.items()))

    return Effect(
        whole=sum(map(_read, rows), NOBODY),
        by_place={
            "" if code == UNKNOWN else f"{code:012d}": figures
            for code, figures in added("by_place").items()
        },
        by_age=added("by_band"),
        by_class=added("by_hardship"),
        others={
            code: sum((_read(row, f"_{place}") for row in rows), NOBODY)
            for place, code in enumerate(others)
        },
    )


def _read(row: Mapping[str, Any], suffix: str = "") -> Figures:
    return Figures(*(int(row[name + suffix]) for name in NAMES))
