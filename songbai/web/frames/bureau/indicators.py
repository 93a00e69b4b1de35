"""Comparing divisions by an indicator."""

from dataclasses import dataclass

from songbai.core.accounts.rules import Actor
from songbai.web.places import Place
from songbai.web.plugs import Indicator, indicators
from songbai.web.templatetags.songbai import with_unit

from .shell import link


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
