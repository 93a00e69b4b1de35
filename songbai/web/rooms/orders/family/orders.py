"""The orders of an elder: their story, and what the family may still do."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.paginator import Paginator

from songbai.core import clock
from songbai.core.errors import FormError
from songbai.core.events.models import Event
from songbai.core.events.queries import history
from songbai.core.events.registry import said
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.actions import cancel, confirm, undo_confirmation
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import get, of_elder, purses, shares_of
from songbai.domain.orders.rules import CANCELLABLE, OWN, UNDO, OrderState, Split, split_price
from songbai.domain.visits.actions import deny
from songbai.domain.visits.queries import evidence
from songbai.domain.visits.queries.lists import assignment_of, visit_of
from songbai.web.rooms.elders.household import Household, household, note
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, View, done, door, form
from songbai.web.words import Moment

from ..forms import stars_of


def timeline(order: Order, events: Iterable[Event], reader: Actor) -> list[Moment]:
    """The story of an order, oldest first; events that say nothing new to a family are left out."""
    return [
        Moment(event.at, words, state="bad" if event.kind == "order.cancelled" else "done")
        for event in events
        if (words := said(event.kind, _known(order, event, reader), "family"))
    ]


def _known(order: Order, event: Event, reader: Actor) -> dict[str, Any]:
    """What was said, who did it, and why where nobody but the system did."""
    because = order.cancel_reason if event.actor_id is None else ""
    return {**event.payload, "who": actor_words(event, reader), "because": because}


def actor_words(event: Event, reader: Actor) -> str:
    """您, 系统, or a masked name followed by a space."""
    if event.actor_id is None:
        return "系统"
    return "您" if event.actor_id == reader.account_id else f"{mask_name(event.actor_name)} "


A_PAGE = 20


@door("family", "orders/")
def orders(request: HttpRequest, _: Actor) -> Shown:
    """All orders of the chosen elder: what waits for the family first."""
    home = household(request)
    note(request, home, ["name", "orders"], "家属看订单")
    rows = Paginator(of_elder(home.actor, home.elder), A_PAGE).get_page(request.GET.get("page"))
    return {"household": home, "page": rows}


@door("family", "orders/<int:order_id>/", menu="orders")
def order(request: HttpRequest, actor: Actor, order_id: int) -> Shown:
    """One order from being placed to being paid."""
    found = get(actor, order_id)
    home = household(request, found.elder_id)
    note(request, home, ["name", "orders", "visit"], "家属看订单")
    values = {**_story(home, found), **_possible(found)}
    return {"household": home, **values}


def _story(home: Household, found: Order) -> dict[str, Any]:
    visit = visit_of(home.actor, found)
    served = visit is not None and visit.out_at is not None
    off = found.state == OrderState.CANCELLED
    return {
        "order": found,
        "assignment": assignment_of(home.actor, found) if visit or not off else None,
        "visit": visit,
        "findings": evidence(visit) if visit and served else [],
        "moments": timeline(found, history("order", found.pk), home.actor),
        "shares": shares_of(found) if home.sees_money else [],
        "better": _better(found) if home.sees_money else None,
    }


def _better(found: Order) -> Split | None:
    """Who would pay if it were ordered anew, when money came after it was ordered without any."""
    if found.state not in CANCELLABLE or any(share.payer.code != OWN for share in shares_of(found)):
        return None
    price = [(line.item_id, line.price) for line in found.lines.all()]
    split = split_price(price, purses(found.elder, found.month))
    return split if split.others else None


def _possible(found: Order) -> dict[str, Any]:
    """What the family may do with the order in its present state."""
    state = OrderState(found.state)
    undo_until = found.confirmed_at + UNDO if found.confirmed_at else None
    undoable = state is OrderState.DONE and undo_until is not None and clock.now() < undo_until
    return {
        "may_cancel": state in CANCELLABLE,
        "may_confirm": state is OrderState.TO_CONFIRM,
        "undo_until": undo_until if undoable else None,
    }


def _sent(address: str) -> Callable[[View], View]:
    """Decorator of a view to which a form of the order's page is sent."""
    return form("family", f"orders/<int:order_id>/{address}/", mends=FormError, shows=order)


def _back(request: HttpRequest, found: Order, words: str) -> HttpResponse:
    return done(request, words, "family:order", found.pk)


@_sent("cancel")
def order_cancel(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Cancel an order nobody has begun; what was held goes back."""
    found = get(actor, order_id)
    cancel(actor, found.pk, request.POST.get("reason", ""))
    return _back(request, found, "取消了，不会再有人上门。")


@_sent("confirm")
def order_confirm(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Say that the service was given, and how it was."""
    found = get(actor, order_id)
    confirm(actor, found.pk, stars_of(request.POST), request.POST.get("comment", ""))
    return _back(request, found, "确认了，谢谢您。10 分钟内可以撤回。")


@_sent("deny")
def order_deny(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Say that nobody came, or that it was not done well: somebody looks before anybody pays."""
    found = get(actor, order_id)
    deny(actor, found.pk, request.POST.get("why", ""))
    return _back(request, found, "记下了。街镇会打电话问您，核对以前钱不付。")


@_sent("undo")
def order_undo(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Take a confirmation back within ten minutes."""
    found = get(actor, order_id)
    undo_confirmation(actor, found.pk)
    return _back(request, found, "撤回了。看清楚以后可以再确认。")
