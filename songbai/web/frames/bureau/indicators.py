"""Comparing divisions: indicators with their definition, numerator and denominator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.queries.figures import granted_by_division
from songbai.domain.elders.queries.figures import heads_by_division
from songbai.domain.orders.queries.figures import count_by_division, paid_by_division
from songbai.domain.orders.rules import Payer
from songbai.domain.visits.queries.figures import sum_by_division

from .shell import Place, link

#: For each part of a division: numerator and denominator.
Pairs = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Indicator:
    """A ratio of two computed numbers; ``scale`` 100 makes percent of it."""

    key: str
    name: str
    unit: str
    scale: float
    top: str
    bottom: str
    definition: str
    pairs: Callable[[Actor, Place, str], Pairs]
    monthly: bool = True

    def value(self, top: float, bottom: float) -> float | None:
        """The indicator, None without a denominator."""
        return round(self.scale * top / bottom, 1) if bottom else None


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
            f"{len(rows)} 个地方的{self.indicator.name}，最低{low.name} {low.value}{unit}，"
            f"最高{high.name} {high.value}{unit}，{self.whole.name}平均 {self.whole.value}{unit}"
        )


def _order_rate(actor: Actor, place: Place, month: str) -> Pairs:
    orders = count_by_division(actor, place.prefix, month, place.digits)
    heads = heads_by_division(actor, place.prefix, place.digits)
    return {part: (orders.get(part, 0), h.elders) for part, h in heads.items()}


def _on_time(actor: Actor, place: Place, month: str) -> Pairs:
    sums = sum_by_division(actor, place.prefix, month, place.digits)
    return {part: (s.on_time, s.done) for part, s in sums.items()}


def _credit_use(actor: Actor, place: Place, month: str) -> Pairs:
    given = granted_by_division(actor, place.prefix, month, place.digits)
    paid = paid_by_division(actor, place.prefix, month, place.digits)
    return {
        part: (paid.get(part, {}).get(Payer.CREDIT, 0) / 100, g.fen / 100)
        for part, g in given.items()
    }


def _own_money(actor: Actor, place: Place, month: str) -> Pairs:
    orders = count_by_division(actor, place.prefix, month, place.digits)
    paid = paid_by_division(actor, place.prefix, month, place.digits)
    return {part: (paid.get(part, {}).get(Payer.OWN, 0) / 100, n) for part, n in orders.items()}


def _old_share(actor: Actor, place: Place, month: str) -> Pairs:  # noqa: ARG001  # not monthly
    heads = heads_by_division(actor, place.prefix, place.digits)
    return {part: (h.old, h.elders) for part, h in heads.items()}


INDICATORS = {
    one.key: one
    for one in (
        Indicator(
            "orders",
            "每千名老人订单数",
            "单",
            1000,
            "订单（单）",
            "60 岁以上老人（人）",
            "服务日期在本月、没有取消的订单 ÷ 60 岁以上老人 × 1000",
            _order_rate,
        ),
        Indicator(
            "on_time",
            "按时上门率",
            "%",
            100,
            "按时（次）",
            "上门（次）",
            "签到不晚于约定时间 15 分钟的上门 ÷ 本月已签退的上门",
            _on_time,
        ),
        Indicator(
            "credit_use",
            "额度使用率",
            "%",
            100,
            "订单用掉（元）",
            "本月发放（元）",
            "本月订单里由居家服务额度付的钱（含待确认） ÷ 本月发放的额度",
            _credit_use,
        ),
        Indicator(
            "own",
            "每单自己付",
            "元",
            1,
            "自己付（元）",
            "订单（单）",
            "本月订单里老人自己付的钱 ÷ 订单数",
            _own_money,
        ),
        Indicator(
            "old",
            "80 岁以上占比",
            "%",
            100,
            "80 岁以上（人）",
            "60 岁以上老人（人）",
            "80 岁以上老人 ÷ 60 岁以上老人，按每天夜里的统计",
            _old_share,
            monthly=False,
        ),
    )
}


def compare(actor: Actor, place: Place, month: str, key: str) -> Comparison:
    """An indicator (the first for an unknown key) over the parts of a division.

    Raises NotAllowed.
    """
    indicator = INDICATORS.get(key) or next(iter(INDICATORS.values()))
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
