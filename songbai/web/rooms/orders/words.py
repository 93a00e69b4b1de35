"""How an order reads: what is in it, who pays, what happened to it and what comes next."""

from collections.abc import Iterable, Mapping
from typing import Any

from songbai.core import clock
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import shares_of
from songbai.domain.orders.rules import OrderState, Share, columns, money_stands
from songbai.domain.visits.models import Visit
from songbai.web.frames.desk import address
from songbai.web.templatetags.songbai import fen
from songbai.web.words import Moment, Person, moments


def items(order: Order) -> str:
    """What was ordered, in the words of the standard, from prefetched lines."""
    return "、".join(line.item.name for line in order.lines.all())


def paid(order: Order) -> list[Share]:
    """What each payer pays of an order: one share for each, in the order of tables."""
    return columns(() if order.state == OrderState.CANCELLED else shares_of(order))


def steps_of(
    order: Order,
    assignment: Assignment | None,
    visit: Visit | None,
    events: Iterable[Event],
    people: Mapping[int, Person],
) -> list[Moment]:
    """What happened to an order: its events, or its own dates where it has no events."""
    told = moments(events, people)
    dates = [
        (order.placed_at, "下单"),
        (assignment and assignment.decided_at, "派人"),
        (visit and visit.in_at, "签到"),
        (visit and visit.out_at, "签退"),
        (order.confirmed_at, "确认"),
    ]
    found = told or [Moment(at, words) for at, words in dates if at]
    # Settling is an act on a provider's month, so the order's events do not tell it.
    found += [Moment(order.settled_at, "结算给服务商")] if order.settled_at else []
    return sorted(found, key=lambda one: one.at or order.placed_at)


def bill_of(order: Order) -> list[tuple[str, str]]:
    """Who pays what of an order and where that stands, as every door reads it; of a cancelled order
    nobody owes anything.
    """
    state = OrderState(order.state)
    return [
        (
            share.payer.words,
            f"{fen(share.amount)} 元，{money_stands(state, share.payer.code, held=order.held)}",
        )
        for share in shares_of(order)
    ]


def whole_of(order: Order) -> str:
    """What an order costs: 225 元; 不用付钱 once it is cancelled."""
    return "不用付钱" if order.state == OrderState.CANCELLED else f"{fen(order.total)} 元"


def screen_of(order: Order) -> str:
    """The address of the desk's screen with an order open, on the order's day."""
    return address(order.window_start.astimezone(clock.SHANGHAI).date(), order=order.pk)


def services(order: Order) -> str:
    """洗澡、打扫屋子, from prefetched lines."""
    return "、".join(line.item.plain for line in order.lines.all())


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
