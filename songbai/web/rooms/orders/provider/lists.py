"""Rows of the provider's pages, from the domain's reads. Reads only."""

from dataclasses import dataclass
from typing import Any

from songbai.core import clock
from songbai.core.errors import NotFound
from songbai.core.events.queries import history
from songbai.core.regions.queries import children
from songbai.core.regions.rules import Level
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import shares_of
from songbai.domain.orders.queries.of_provider import elder_of, get
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import evidence, latest_of
from songbai.domain.visits.rules import LATE, Doubt, distance_words
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.rooms.orders.words import timeline
from songbai.web.templatetags.songbai import fen
from songbai.web.views import Actor, HttpRequest

#: Shown instead of a person to whom the provider has no access any more.
GONE = "查看期已过"


def who_or_gone(elder: Elder | None) -> str:
    """王*英，84 岁, while the provider may know."""
    return who(elder) if elder else GONE


def town_names(code: str) -> dict[str, str]:
    """Towns of a division's district, by prefix."""
    return {town.code[:9]: town.name for town in children(code[:6], Level.TOWN)}


@dataclass(frozen=True)
class Sign:
    """One icon of the evidence: ``tone`` is "" (holds), "no" (missing) or "bad"."""

    icon: str
    words: str
    tone: str = ""


def signs(visit: Visit) -> list[Sign]:
    """Code, place and work of a visit at a glance."""
    doubts = {Doubt(doubt) for doubt in visit.doubts}
    code = (
        Sign(icon="qrcode", words="扫码签到")
        if visit.in_scanned
        else Sign(icon="qrcode-off", words="没有扫码", tone="no")
    )
    return [code, _place_sign(visit, doubts), _work_sign(visit, doubts)]


def _place_sign(visit: Visit, doubts: set[Doubt]) -> Sign:
    words = f"签到离家 {distance_words(visit.in_metres)}"
    if Doubt.FAR in doubts:
        return Sign(icon="map-pin-exclamation", words=words, tone="bad")
    if Doubt.NOT_THERE in doubts:
        words = f"签退离目的地 {distance_words(visit.out_metres)}"
        return Sign(icon="map-pin-exclamation", words=words, tone="bad")
    if visit.in_metres is None:
        return Sign(icon="map-pin-question", words="没有定位", tone="no")
    return Sign(icon="map-pin", words=words)


def _work_sign(visit: Visit, doubts: set[Doubt]) -> Sign:
    if visit.out_at is None:
        return Sign(icon="progress", words="还在服务", tone="no")
    for doubt in (Doubt.STEPS, Doubt.SHORT, Doubt.OVERLAP, Doubt.UNPROVED):
        if doubt in doubts:
            return Sign(icon="hourglass-low", words=doubt.words, tone="bad")
    return Sign(icon="checklist", words="步骤和时长符合")


@dataclass(frozen=True)
class Row:
    """One order of the list."""

    order: Order
    who: str
    town: str
    caregiver: str
    second: str
    signs: list[Sign]
    shares: str
    late: bool


def rows_of(request: HttpRequest, actor: Actor, orders: list[Order]) -> list[Row]:
    """The rows of a page; leaves a trace of everybody shown."""
    ids = [order.pk for order in orders]
    visits = latest_of(actor, ids)
    sent = {row.order_id: row for row in visible_assignments(actor).filter(order_id__in=ids)}
    elders = [elder for order in orders if (elder := elder_of(order))]
    noted(request, elders, "办理订单", "name", "age", "town")
    towns: dict[str, str] = {}
    for district in {order.region_id[:6] for order in orders}:
        towns |= town_names(district)
    return [
        _row(order, towns.get(order.region_id[:9], ""), sent.get(order.pk), visits.get(order.pk))
        for order in orders
    ]


def _row(order: Order, town: str, sent: Assignment | None, visit: Visit | None) -> Row:
    names, second = "还没派", ""
    if visit is not None:
        names = visit.staff.name
        second = f"{visit.minutes} 分钟" if visit.out_at else f"签到 {clock.shown(visit.in_at)}"
    elif sent is not None and order.state != OrderState.CANCELLED:
        names, second = sent.staff_name, f"{clock.shown(sent.starts_at)} 到"
    return Row(
        order,
        who_or_gone(elder_of(order)),
        town,
        names if order.state != OrderState.CANCELLED or visit else "–",
        second,
        signs(visit) if visit else [],
        ""
        if order.state == OrderState.CANCELLED
        else "，".join(f"{s.payer.pays} {fen(s.amount)}" for s in shares_of(order)),
        bool(sent and order.state == OrderState.ASSIGNED and sent.starts_at + LATE < clock.now()),
    )


def panel(request: HttpRequest, actor: Actor, order_id: int) -> dict[str, Any]:
    """Context of the selected order; leaves a trace of the look.

    Raises NotFound.
    """
    order = get(actor, order_id)
    elder = elder_of(order)
    visit = latest_of(actor, [order.pk]).get(order.pk)
    if elder:
        noted(request, [elder], "核对服务和凭证", "name", "age", "risks")
    found = evidence(visit) if visit and elder else []
    return {
        "order": order,
        "who": who_or_gone(elder),
        "risks": elder.risks if elder else [],
        "caregiver": visit.staff.name if visit else "",
        "steps": timeline(order, history("order", order.pk), visit),
        "findings": found,
        "failed": sum(not finding.holds for finding in found),
    }


def month_asked(text: str) -> str:
    """The month of the address; this month when there is none.

    Raises NotFound for what is not a month.
    """
    if not text:
        return clock.month_of(clock.today())
    try:
        first, _ = clock.month_bounds(text)
    except ValueError as error:
        raise NotFound("没有这个月份。请从列表里选。") from error
    return clock.month_of(first)
