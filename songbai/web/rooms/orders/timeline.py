"""The life of an order in words, from its events: what happened, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from songbai.core import clock
from songbai.core.events.models import Event
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.models import Visit
from songbai.domain.visits.rules import DOUBT_WORDS, Doubt, distance_words

CHANNELS = {"family": "家属下单", "hotline": "电话下单"}


@dataclass(frozen=True)
class Step:
    """One line of a timeline; ``state`` is done, now, todo or bad."""

    at: datetime | None
    words: str
    state: str = "done"


def timeline(order: Order, events: Iterable[Event], visit: Visit | None) -> list[Step]:
    """What happened to an order, oldest first, then what it waits for."""
    told = [
        Step(event.at, words, "bad" if event.payload.get("doubts") else "done")
        for event in events
        if (words := _words(event, order, visit))
    ]
    if order.settled_at:
        told.append(Step(order.settled_at, "已结算"))
    return told + _next(order)


def _words(event: Event, order: Order, visit: Visit | None) -> str:
    said = event.payload
    match event.kind:
        case "order.placed":
            going = f"去{order.destination.name}" if order.destination else ""
            return _with(f"{CHANNELS.get(order.channel, '下单')}，编号 {order.number}", going)
        case "order.assigned":
            return _with(f"派给{mask_name(said.get('caregiver', ''))}", said.get("override", ""))
        case "assignment.withdrawn":
            return _with(f"不派{mask_name(said.get('caregiver', ''))}了", said.get("override", ""))
        case "assignment.moved":
            return f"{mask_name(said.get('caregiver', ''))}换了上门时间"
        case "assignment.late_expected":
            at = datetime.fromisoformat(said["expected"]).astimezone(clock.SHANGHAI)
            return f"{mask_name(said.get('caregiver', ''))}估计 {at.hour}:{at.minute:02d} 才到"
        case "visit.checked_in":
            return _with(_arrival(visit), _doubts(said))
        case "visit.checked_out":
            return _with(_departure(order, visit), _doubts(said))
        case "order.confirmed":
            who = "家属确认" if event.actor_id else "24 小时到，自动确认"
            return _with(who, f"{said['stars']} 星" if said.get("stars") else "")
        case "order.confirmation_undone":
            return "家属撤回确认"
        case "order.cancelled":
            return _with("取消", order.cancel_reason)
    return ""


def _with(words: str, more: str) -> str:
    return f"{words}，{more}" if more else words


def _doubts(said: dict[str, list[str]]) -> str:
    return "、".join(DOUBT_WORDS[Doubt(doubt)] for doubt in said.get("doubts", []))


def _arrival(visit: Visit | None) -> str:
    if visit is None:
        return "签到"
    how = "扫码签到" if visit.in_scanned else "签到"
    return how if visit.in_metres is None else f"{how}，离家 {distance_words(visit.in_metres)}"


def _departure(order: Order, visit: Visit | None) -> str:
    where = "" if order.returns or order.destination is None else f"在{order.destination.name}"
    if visit is None or visit.minutes is None:
        return f"{where}签退"
    how = "扫码签退" if visit.out_scanned else "签退"
    return f"{where}{how}，服务 {visit.minutes} 分钟"


def _next(order: Order) -> list[Step]:
    month = f"进入 {int(order.month[5:])} 月结算"
    match order.state:
        case OrderState.ACCEPTED:
            return [Step(None, "等派人", "now")]
        case OrderState.ASSIGNED:
            return [Step(None, "等上门", "now")]
        case OrderState.IN_SERVICE:
            return [Step(None, "正在服务", "now")]
        case OrderState.TO_CONFIRM:
            due = order.confirm_due and order.confirm_due.astimezone(clock.SHANGHAI)
            when = f"，{due.day} 日 {due.hour}:{due.minute:02d} 自动过" if due else ""
            return [Step(None, f"等家属确认{when}", "now"), Step(None, month, "todo")]
        case OrderState.DONE:
            return [Step(None, month, "todo")]
    return []
