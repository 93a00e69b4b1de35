"""The cards of the overview: a number, what it is made of, its history, and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.queries.figures import granted_by_month
from songbai.domain.elders.queries.figures import heads
from songbai.domain.orders.queries import figures as orders
from songbai.domain.providers.queries.figures import beds_in
from songbai.domain.visits.queries import figures as visits
from songbai.domain.visits.queries.lists import Show

from .shell import Place, kept, link, months

#: History may be ten minutes old: only its last week still grows.
HISTORY_SECONDS = 600
#: The numbers of a month may be a minute old; the page says when they were computed.
FIGURE_SECONDS = 60
WEEKS = 8


@dataclass(frozen=True)
class Spark:
    """A line of at least three computed numbers, oldest first, and what they are."""

    values: list[float]
    words: str

    @property
    def points(self) -> list[tuple[float, float]]:
        """Corners of the line in a box of 90 × 26."""
        low, high = min(self.values), max(self.values)
        step = 84 / (len(self.values) - 1)
        return [
            (round(2 + i * step, 1), round(22 - 18 * (v - low) / (high - low), 1))
            if high > low
            else (round(2 + i * step, 1), 13.0)
            for i, v in enumerate(self.values)
        ]

    @property
    def line(self) -> str:
        """The corners as SVG reads them."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def label(self) -> str:
        """Name and numbers, for a screen reader."""
        return f"{self.words}：" + "、".join(f"{value:g}" for value in self.values)


@dataclass(frozen=True)
class Kpi:
    """One card. ``left`` and ``right`` are the context below the number, each with its rows."""

    name: str
    value: str
    unit: str
    url: str
    left: str
    left_url: str = ""
    right: str = ""
    right_url: str = ""
    bad: bool = False
    spark: Spark | None = None


@dataclass(frozen=True)
class Cards:
    """The cards, when they were computed, and when the elders were counted (None: not yet)."""

    kpis: list[Kpi]
    read_at: datetime
    counted_at: datetime | None


@dataclass(frozen=True)
class History:
    """Whole weeks of the last eight, and whole months of the last eight."""

    orders: list[float]
    stars: list[float]
    visits: list[float]
    credits: list[float]


def history(actor: Actor, place: Place) -> History:
    """What the small lines show; weeks and months without anything at the start are left out.

    Raises NotAllowed.
    """
    today = clock.today()
    this = today - timedelta(days=today.weekday())
    mondays = [this - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    since = clock.at(mondays[0], 0)
    weeks = {week.monday: week for week in orders.weekly(actor, place.prefix, since)}
    went = dict(visits.weekly(actor, place.prefix, since))
    given = granted_by_month(actor, place.prefix, months(WEEKS + 1)[:0:-1])
    return History(
        orders=_from_first([float(weeks[d].orders) if d in weeks else 0.0 for d in mondays]),
        stars=[round(w.stars, 2) for d, w in weeks.items() if d < this and w.stars is not None],
        visits=_from_first([float(went.get(day, 0)) for day in mondays]),
        credits=_from_first([granted.fen / 100 for granted in given.values()]),
    )


def _from_first(values: list[float]) -> list[float]:
    """Without the empty beginning: before the platform began there is no history."""
    first = next((i for i, value in enumerate(values) if value), len(values))
    return values[first:]


def cards_of(actor: Actor, place: Place, month: str) -> Cards:
    """The cards, at most a minute old. Raises NotAllowed."""
    name = f"cards:{place.prefix}:{month}"
    return kept(actor, name, FIGURE_SECONDS, lambda: cards(actor, place, month))


def cards(actor: Actor, place: Place, month: str) -> Cards:
    """All cards of a division for a month.

    Raises NotAllowed.
    """
    past = kept(actor, f"history:{place.prefix}", HISTORY_SECONDS, lambda: history(actor, place))
    people = heads(actor, place.prefix)
    return Cards(
        [
            _elders(place, people.elders, people.old_share, counted=people.counted_at is not None),
            _beds(place, people.elders),
            _credits(actor, place, month, past),
            _visits(actor, place, month, past),
            _orders(actor, place, past),
            _stars(actor, place, month, past),
        ],
        clock.now(),
        people.counted_at,
    )


def _spark(values: list[float], words: str) -> Spark | None:
    return Spark(values, words) if len(values) > 2 else None


def _elders(place: Place, n: int, old: float | None, *, counted: bool) -> Kpi:
    here = {"region": place.prefix}
    return Kpi(
        "60 岁以上老人",
        f"{n:,}" if counted else "还没统计",
        "人" if counted else "",
        link("elders", **here),
        f"80 岁以上 {old:.1f}%" if old is not None else "每天夜里统计一次",
        link("elders", **here, age=80) if old is not None else "",
    )


def _beds(place: Place, elders: int) -> Kpi:
    beds = beds_in(place.prefix)
    return Kpi(
        "养老机构床位",
        f"{beds.beds:,}",
        "张",
        link("beds", region=place.prefix),
        f"每千人 {1000 * beds.beds / elders:.1f} 张" if elders else f"{beds.places} 家机构",
        right=f"空 {beds.free:,}",
    )


def _credits(actor: Actor, place: Place, month: str, past: History) -> Kpi:
    given = granted_by_month(actor, place.prefix, [month])[month]
    large = given.fen >= 1_000_000
    return Kpi(
        f"{_month_words(month)}发放额度",
        f"{given.fen / 1_000_000:,.1f}" if large else f"{given.fen / 100:,.0f}",
        "万元" if large else "元",
        link("credits", region=place.prefix, month=month),
        f"{given.grants:,} 人在享受",
        spark=_spark(past.credits, "前几个月每月发放，元"),
    )


def _visits(actor: Actor, place: Place, month: str, past: History) -> Kpi:
    went = visits.month_sum(actor, place.prefix, month)
    here = {"region": place.prefix, "month": month}
    return Kpi(
        f"{_month_words(month)}上门服务",
        f"{went.done:,}",
        "次",
        link("orders", **here, show=Show.VISITED),
        f"按时率 {went.share:.1f}%" if went.share is not None else "还没有上门",
        link("orders", **here, show=Show.ON_TIME) if went.done else "",
        spark=_spark(past.visits, "前几周每周上门，次"),
    )


def _orders(actor: Actor, place: Place, past: History) -> Kpi:
    here = {"region": place.prefix}
    late = visits.late_now(actor, place.prefix).count()
    return Kpi(
        "现在没服务完的订单",
        f"{orders.in_progress(actor, place.prefix).count():,}",
        "单",
        link("orders", **here, show=Show.PROGRESS),
        "到点还没人到",
        link("orders", **here, show=Show.LATE),
        f"{late} 单",
        link("orders", **here, show=Show.LATE),
        bad=late > 0,
        spark=_spark(past.orders, "前几周每周订单，单"),
    )


def _stars(actor: Actor, place: Place, month: str, past: History) -> Kpi:
    rated = orders.ratings(actor, place.prefix, month)
    return Kpi(
        f"{_month_words(month)}家属打分",
        f"{rated.mean:.2f}" if rated.mean is not None else "还没有",
        "分" if rated.mean is not None else "",
        link("orders", region=place.prefix, month=month, show=Show.RATED),
        f"{rated.count:,} 单有打分，满分 5 分" if rated.count else "家属确认时可以打分",
        spark=_spark(past.stars, "前几周平均分"),
    )


def _month_words(month: str) -> str:
    return "本月" if month == clock.month_of(clock.today()) else f"{int(month[5:])} 月"
