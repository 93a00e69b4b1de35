"""How an order reads at the bureau: its row, and what happened to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from songbai.core import clock
from songbai.core.events.models import Event
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.queries import age
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import shares_of
from songbai.domain.orders.rules import OrderState, Share, columns, money_stands
from songbai.domain.visits.models import Visit
from songbai.domain.visits.rules import Doubt
from songbai.web.frames.desk import address
from songbai.web.templatetags.songbai import fen
from songbai.web.words import Moment, Person, moments, village_of


@dataclass(frozen=True)
class OrderRow:
    """An order in a list: who, where, what, by whom, and how much each payer pays."""

    order: Order
    who: str
    age: int
    village: str
    items: str
    caregiver: str
    doubts: list[str]
    paid: list[Share]


def row_of(order: Order) -> OrderRow:
    """A row; caregiver and doubts only where they were fetched (``orders_by_id``)."""
    going, came = getattr(order, "going", []), getattr(order, "came", [])
    return OrderRow(
        order,
        mask_name(order.elder.name),
        age(order.elder),
        village_of(order.region_id),
        "、".join(line.item.name for line in order.lines.all()),
        mask_name(going[0].staff_name) if going else "",
        [Doubt(doubt).words for doubt in came[0].doubts] if came else [],
        columns(() if order.state == OrderState.CANCELLED else shares_of(order)),
    )


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


@dataclass(frozen=True)
class Bill:
    """Who pays what of an order and where that stands, in words; and the whole."""

    rows: list[tuple[str, str]]
    whole: str


def bill_of(order: Order) -> Bill:
    """The bill, as every door reads it; of a cancelled order nobody owes anything."""
    state = OrderState(order.state)
    rows = [
        (
            share.payer.words,
            f"{fen(share.amount)} 元，{money_stands(state, share.payer.code, held=order.held)}",
        )
        for share in shares_of(order)
    ]
    return Bill(rows, whole_of(order))


def whole_of(order: Order) -> str:
    """What an order costs: 225 元; 不用付钱 once it is cancelled."""
    return "不用付钱" if order.state == OrderState.CANCELLED else f"{fen(order.total)} 元"


def screen_of(order: Order) -> str:
    """The address of the desk's screen with an order open, on the order's day."""
    return address(order.window_start.astimezone(clock.SHANGHAI).date(), order=order.pk)


def services(order: Order) -> str:
    """洗澡、打扫屋子, from prefetched lines."""
    return "、".join(line.item.plain for line in order.lines.all())
