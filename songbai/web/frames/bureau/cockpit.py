"""What the overview shows: the cards of a place with their history, divisions compared by an
indicator, what waits today.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.web.frames.bureau.shell import WORK_SECONDS, kept, link
from songbai.web.places import Place
from songbai.web.plugs import Indicator, Kpi, Task, cards, indicators, tasks
from songbai.web.templatetags.songbai import with_unit

T = TypeVar("T")
#: History may be ten minutes old: only its last week still grows.
HISTORY_SECONDS = 600
#: The numbers of a month may be a minute old; the page says when they were computed.
FIGURE_SECONDS = 60
WEEKS = 8


def cards_of(actor: Actor, place: Place, month: str) -> tuple[list[Kpi], datetime]:
    """The cards of a division for a month, at most a minute old, and when they were computed.

    Raises NotAllowed.
    """

    def compute() -> tuple[list[Kpi], datetime]:
        return [card(actor, place, month) for card in cards], clock.now()

    return kept(actor, f"cards:{place.prefix}:{month}", FIGURE_SECONDS, compute)


def mondays() -> list[date]:
    """The Mondays of the last eight whole weeks."""
    today = clock.today()
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]


def weekly(actor: Actor, place: Place, read: Callable[[Actor, str, datetime], T]) -> T:
    """What a query says of a division's last weeks, at most ten minutes old.

    Raises what the query raises.
    """
    since = clock.at(mondays()[0], 0)
    name = f"weekly:{read.__module__}:{place.prefix}"
    return kept(actor, name, HISTORY_SECONDS, lambda: read(actor, place.prefix, since))


def by_week(found: Mapping[date, int]) -> list[float]:
    """One number for each of the last weeks, by its Monday; the empty beginning is left out."""
    return from_first([float(found.get(day, 0)) for day in mondays()])


def from_first(values: list[float]) -> list[float]:
    """Without the empty beginning: before the platform began there is no history."""
    first = next((i for i, value in enumerate(values) if value), len(values))
    return values[first:]


def month_name(month: str) -> str:
    """本月, 10 月."""
    return "本月" if month == clock.month_of(clock.today()) else f"{int(month[5:])} 月"


def work_of(actor: Actor, region: str) -> list[Task]:
    """What is to be done in a division, at most half a minute old; lines without work are left out.

    Raises NotAllowed.
    """

    def compute() -> list[Task]:
        return [task for plugged in tasks for task in plugged(actor, region) if task.count]

    return kept(actor, f"work:{region}", WORK_SECONDS, compute)


def work_count(actor: Actor) -> int:
    """How many things wait in the officer's own area. Raises NotAllowed."""
    return things_in(work_of(actor, actor.region or ""))


def things_in(work: Iterable[Task]) -> int:
    """How many things somebody must do, each counted once."""
    return sum(task.count for task in work if not task.told)


@dataclass(frozen=True)
class Row:
    """One division's indicator with the numbers it is made of."""

    name: str
    short: str
    value: float | None
    top: float
    bottom: float
    url: str


@dataclass(frozen=True)
class Comparison:
    """An indicator over the parts of a division, from low to high; parts without one come last."""

    indicator: Indicator
    rows: list[Row]
    whole: Row

    @property
    def valued(self) -> list[Row]:
        """The parts that have a value."""
        return [row for row in self.rows if row.value is not None]

    @property
    def sentence(self) -> str:
        """The result in words, for a chart's name."""
        rows = self.valued
        if not rows:
            return f"{self.indicator.name}：这个月还没有可以算的数"
        low, high, unit = rows[0], rows[-1], self.indicator.unit
        return (
            f"{len(rows)} 个地方的{self.indicator.name}，"
            f"最低{low.name} {with_unit(low.value, unit)}，"
            f"最高{high.name} {with_unit(high.value, unit)}，"
            f"{self.whole.name}平均 {with_unit(self.whole.value, unit)}"
        )


def compare(actor: Actor, place: Place, month: str, key: str) -> Comparison:
    """An indicator (the first for an unknown key) over the parts of a division.

    Raises NotAllowed.
    """
    known = {one.key: one for one in indicators}
    indicator = known.get(key) or next(iter(indicators))
    pairs = indicator.pairs(actor, place, month)
    rows = []
    for division in place.divisions():
        top, bottom = pairs.get(division.code[: place.digits], (0, 0))
        rows.append(
            Row(
                division.name,
                division.short,
                indicator.value(top, bottom),
                top,
                bottom,
                link("town", division.code, month=month),
            )
        )
    rows.sort(key=lambda row: (row.value is None, row.value or 0, row.name))
    top, bottom = sum(r.top for r in rows), sum(r.bottom for r in rows)
    whole = Row(place.name, place.region.short, indicator.value(top, bottom), top, bottom, "")
    return Comparison(indicator, rows, whole)


def breaks_of(values: list[float]) -> list[float]:
    """Up to four rising limits between five classes of about equal size, whole from 20 up."""
    ordered = sorted(values)
    if not ordered:
        return []
    digits = 0 if ordered[-1] >= 20 else 1
    limits = {round(ordered[len(ordered) * step // 5], digits) for step in range(1, 5)}
    return sorted(limit for limit in limits if limit > ordered[0])
