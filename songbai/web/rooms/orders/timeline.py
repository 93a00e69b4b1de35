"""The life of an order in words, from its events: what happened, and what comes next."""

from collections.abc import Iterable
from typing import Any

from songbai.core import clock
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.models import Visit
from songbai.web.words import Moment


def timeline(order: Order, events: Iterable[Event], visit: Visit | None) -> list[Moment]:
    """What happened to an order, oldest first, then what it waits for."""
    told = [
        Moment(event.at, words, state="bad" if event.payload.get("doubts") else "done")
        for event in events
        if (words := said(event.kind, _known(event, order, visit), "desk"))
    ]
    if order.settled_at:
        told.append(Moment(order.settled_at, "已结算"))
    return told + _next(order)


def _known(event: Event, order: Order, visit: Visit | None) -> dict[str, Any]:
    """What the desk's words need besides the event."""
    destination = order.destination.name if order.destination else ""
    return {
        **event.payload,
        "number": order.number,
        "channel": order.channel,
        "destination": destination,
        "ends_at": "" if order.returns else destination,
        "cancel_reason": order.cancel_reason,
        "by_itself": event.actor_id is None,
        "in_scanned": visit is not None and visit.in_scanned,
        "in_metres": visit and visit.in_metres,
        "out_scanned": visit is not None and visit.out_scanned,
        "minutes": visit and visit.minutes,
    }


def _next(order: Order) -> list[Moment]:
    month = f"进入 {int(order.month[5:])} 月结算"
    match order.state:
        case OrderState.ACCEPTED:
            return [Moment(None, "等派人", state="now")]
        case OrderState.ASSIGNED:
            return [Moment(None, "等上门", state="now")]
        case OrderState.IN_SERVICE:
            return [Moment(None, "正在服务", state="now")]
        case OrderState.TO_CONFIRM:
            due = order.confirm_due and order.confirm_due.astimezone(clock.SHANGHAI)
            when = f"，{due.day} 日 {clock.shown(due)} 自动过" if due else ""
            return [
                Moment(None, f"等家属确认{when}", state="now"),
                Moment(None, month, state="todo"),
            ]
        case OrderState.DONE:
            return [Moment(None, month, state="todo")]
    return []
