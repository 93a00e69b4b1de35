"""The order a dispatcher has open: facts, why this caregiver, who else, what happened."""

from datetime import timedelta
from typing import Any

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.events.queries import history
from songbai.domain.dispatch.queries import of_order, visible, wishes_of
from songbai.domain.dispatch.queries.doubts import calls, doubt_of
from songbai.domain.dispatch.queries.hands import choice_for
from songbai.domain.dispatch.rules import FULL, WishKind
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import get
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.queries import staff_of
from songbai.domain.providers.rules import VehicleKind
from songbai.domain.visits.queries import of_order as visit_of
from songbai.web.doors import signed_in
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.orders.words import timeline
from songbai.web.views import HttpRequest

from .board import crew_on
from .screen import draft_of

MOST_CANDIDATES = 5


def panel(request: HttpRequest, order_id: int, plan_id: int = 0) -> dict[str, Any]:
    """Context of the open order, and of a draft for it; leaves a trace of the look.

    Raises NotFound.
    """
    actor = signed_in(request)
    order = get(actor, order_id)
    noted(request, [order.elder], "派单", "name", "age", "village", "ability", "risks")
    chosen = of_order(actor, order)
    before = order.state in {OrderState.ACCEPTED, OrderState.ASSIGNED}
    return {
        "order": order,
        "order_day": order.window_start.astimezone(clock.SHANGHAI).date(),
        "chosen": chosen if order.state != OrderState.CANCELLED else None,
        "steps": timeline(order, history("order", order.pk), visit_of(actor, order)),
        "movable": before,
        "pair": _pair(actor, order) if order.caregivers > 1 else "",
        "vehicle": VehicleKind(order.vehicle).words if order.vehicle else "",
        "plan_id": plan_id,
        "absent": doubt_of(order, order.window_start, []) if before else "",
        **(_choices(actor, order) if before else {}),
        **(_planning(actor, order, plan_id) if before else {}),
    }


def _pair(actor: Actor, order: Order) -> str:
    """Who goes together, and how many are missing."""
    names = visible(actor).filter(order=order).order_by("seat").values_list("staff_name", flat=True)
    missing = order.caregivers - len(names)
    words = "、".join(names) or "还没有人"
    return f"{words}，还缺 {missing} 人" if missing else words


def _planning(actor: Actor, order: Order, plan_id: int) -> dict[str, Any]:
    """What a draft does with the order, who works that day, and what the elder asks for."""
    day = order.window_start.astimezone(clock.SHANGHAI).date()
    draft = draft_of(actor, plan_id)
    line = draft.lines.filter(order=order, seat=1).first() if draft else None
    return {
        "drafted": line,
        "plan_id": draft.pk if draft else 0,
        "crew": crew_on(actor, day, order.provider_id),
        "staff": staff_of(actor, order.provider_id),
        "wishes": list(wishes_of(order.elder)),
        "wish_kinds": WishKind.choices(),
    }


def _choices(actor: Actor, order: Order) -> dict[str, Any]:
    choice = choice_for(actor, order)
    midnight, _ = clock.day_bounds(order.window_start.astimezone(clock.SHANGHAI).date())
    least = choice.candidates[0][0].cost if choice.candidates else 0
    there, options = calls([order.elder_id]), []
    for one, reason in choice.candidates[:MOST_CANDIDATES]:
        start = midnight + timedelta(minutes=one.start)
        doubt = doubt_of(order, start, there)
        options.append((one, start, reason, round(one.cost - least), doubt))
    return {
        "options": options,
        "doubt": options[0][-1] if options else doubt_of(order, order.window_start, there),
        "busy": [
            (one.worker_id, f"{one.worker_name}：{reason}")
            for one, reason in choice.candidates[MOST_CANDIDATES:]
        ]
        + [(worker.staff_id, f"{worker.name}：{FULL}") for worker in choice.busy],
        "refusal": choice.refusal,
    }
