"""How assessment bodies judge, as rows of a table and as points of a funnel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from songbai.domain.assessments.models import Outlier
from songbai.domain.assessments.queries.figures import SEVERE
from songbai.domain.assessments.rules.agreement import BodyFigures, Measure
from songbai.domain.assessments.rules.instrument import load
from songbai.web.frames.bureau.shell import link

from ..assessing import name_of

#: How far each verdict is from the top of the list.
_ORDER = {"outlier": 0, "warning": 1, "inside": 2, "unclear": 3}


@dataclass(frozen=True)
class QualityRow:
    """One body: its figures, the verdict of the funnel, its page where there is one."""

    name: str
    url: str
    figures: BodyFigures
    word: str

    @property
    def agreed_percent(self) -> float | None:
        """Pairs with the same level of a hundred; None without pairs."""
        one = self.figures
        return 100 * one.agreeing / one.pairs if one.pairs else None

    @property
    def limits(self) -> tuple[float, float] | None:
        """Severe results per expected one within which chance explains a body of this size."""
        point = self.figures.funnel
        if point is None or not point.expected:
            return None
        return point.low / point.expected, point.high / point.expected


def rows_of(found: Mapping[int, BodyFigures], names: Mapping[int, str]) -> list[QualityRow]:
    """Rows by verdict, the farthest first, then by how many were assessed."""
    rows = [
        QualityRow(
            names.get(body, f"机构 {body}"),
            link("body", body) if body in names else "",
            one,
            _word(one),
        )
        for body, one in found.items()
    ]
    return sorted(rows, key=_place)


def _place(row: QualityRow) -> tuple[int, float, int]:
    point = row.figures.funnel
    return _ORDER[row.word], -abs(point.z) if point else 0.0, -row.figures.assessed


def _word(one: BodyFigures) -> str:
    point = one.funnel
    if point is None or not point.expected:
        return "unclear"
    return "outlier" if point.is_outlier else "warning" if point.is_warning else "inside"


def outlier_words(outlier: Outlier) -> str:
    """What is out of the ordinary, in one sentence with its figures."""
    instrument, value, usual = load(outlier.instrument), outlier.value, outlier.usual
    said = {
        Measure.DRIFT: f"评出“{instrument.level(SEVERE).name}”及以上的人是同类机构的"
        f" {value:.2f} 倍，偶然解释不了",
        Measure.AGREEMENT: f"两位评估员一致性偏低，加权 κ {value:.2f}（低于 {usual:.1f}）",
        Measure.MINUTES: f"一次评估 {value:.0f} 分钟，别家一般 {usual:.0f} 分钟",
        Measure.UPHELD: f"申诉后改了等级的占 {value:.0%}",
    }
    return f"{name_of(instrument)}：{said[Measure(outlier.measure)]}"


def drawing(rows: list[QualityRow]) -> dict[str, Any]:
    """The funnel for the script: points and limits by how many each body assessed.

    ``{"points": [{"name", "n", "ratio", "word"}], "low": [[n, ratio]], "high": [[n, ratio]]}``
    """
    judged = [row for row in rows if row.limits is not None]
    judged.sort(key=lambda row: row.figures.funnel.assessed if row.figures.funnel else 0)
    points, low, high = [], [], []
    for row in judged:
        point, limits = row.figures.funnel, row.limits
        if point is None or limits is None or point.ratio is None:
            continue
        ratio = round(point.ratio, 3)
        points.append({"name": row.name, "n": point.assessed, "ratio": ratio, "word": row.word})
        low.append([point.assessed, round(limits[0], 3)])
        high.append([point.assessed, round(limits[1], 3)])
    return {"points": points, "low": low, "high": high}
