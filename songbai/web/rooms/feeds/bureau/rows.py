"""How a feed reads in a list, and a kept row with its personal cells masked."""

from __future__ import annotations

from dataclasses import dataclass

from songbai.domain.elders.rules import mask_name
from songbai.domain.feeds.models import UnmatchedRow
from songbai.domain.feeds.queries import Standing, plain_cells
from songbai.domain.feeds.rules.schema import Schema, Type
from songbai.domain.feeds.rules.states import DeliveryState, UnmatchedState
from songbai.web.templatetags.songbai import mask_id, mask_phone


@dataclass(frozen=True)
class Line:
    """One feed in the overview: its state in the words of the vocabulary, and why."""

    standing: Standing
    state: str
    note: str

    @property
    def share(self) -> str:
        """Refused rows of the newest written delivery in per cent, one place."""
        return f"{self.standing.refused_share * 100:.1f}"


def line_of(standing: Standing) -> Line:
    """What to say about a feed first."""
    last = standing.last
    if last is not None and last.state == DeliveryState.REFUSED:
        return Line(standing, "refused", last.reason)
    if standing.late_days:
        return Line(
            standing, "late", f"晚了 {standing.late_days} 天，请催{standing.schema.department_name}"
        )
    if last is None:
        return Line(standing, "never", f"{standing.feed.due_on:%m-%d} 前该到")
    if last.state != DeliveryState.WRITTEN:
        return Line(standing, "writing", "正在写入，过一会儿刷新")
    if standing.today > standing.feed.due_on:
        return Line(standing, "waiting", f"该到了，宽限 {standing.schema.due.grace_days} 天")
    return Line(standing, "on_time", "")


def shown_cells(schema: Schema, row: UnmatchedRow) -> list[tuple[str, str]]:
    """The cells of a row by title, personal ones masked; none once it is settled."""
    if row.state != UnmatchedState.OPEN:
        return []
    places: dict[str, str] = row.delivery.layout.get("places", {})
    plain = plain_cells(row)
    return [
        (column.title, _masked(column.type, plain.get(places[column.name], ""), column.is_personal))
        for column in schema.columns
        if column.name in places
    ]


def _masked(kind: Type, text: str, is_personal: bool) -> str:
    if not text or not is_personal:
        return text
    if kind is Type.NAME:
        return mask_name(text)
    if kind is Type.ID_NUMBER:
        return mask_id(text)
    if kind is Type.PHONE:
        return mask_phone(text)
    return f"{text[:2]}****"
