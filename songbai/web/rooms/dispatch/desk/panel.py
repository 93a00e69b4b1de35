"""The order a dispatcher has open: facts, why this caregiver, who else, what happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.events.queries import history
from songbai.domain.dispatch.queries import choice_for, of_order, visible, wishes_of
from songbai.domain.dispatch.rules import FULL, WishKind
from songbai.domain.elders.queries import note_read, village_words
from songbai.domain.elders.rules import tags
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import absent_on, get
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.queries import staff_of
from songbai.domain.providers.rules import VehicleKind
from songbai.domain.visits.queries import of_order as visit_of
from songbai.web.rooms.elders.words import who
from songbai.web.rooms.orders.timeline import timeline
from songbai.web.rooms.orders.words import bill_of, services

from .board import crew_on
from .screen import draft_of

MOST_CANDIDATES = 5


@dataclass(frozen=True)
class Option:
    """Somebody who could go: masked name, when, why, and minutes more than the first."""

    staff_id: int
    name: str
    start: datetime
    reason: str
    extra: int


def panel(actor: Actor, order_id: int, where: str, plan_id: int = 0) -> dict[str, Any]:
    """Context of the open order, and of a draft for it; leaves a trace of the look.

    Raises NotFound.
    """
    order = get(actor, order_id)
    elder = order.elder
    note_read(
        actor,
        [elder],
        fields=["name", "age", "village", "ability", "risks"],
        purpose="派单",
        where=where,
    )
    chosen = of_order(actor, order)
    before = order.state in {OrderState.ACCEPTED, OrderState.ASSIGNED}
    return {
        "order": order,
        "order_day": order.window_start.astimezone(clock.SHANGHAI).date(),
        "who": who(elder),
        "tags": tags(elder.hardship, elder.living, elder.ability_level),
        "village": village_words(elder),
        "services": services(order),
        "bill": bill_of(order),
        "chosen": chosen if order.state != OrderState.CANCELLED else None,
        "steps": timeline(order, history("order", order.pk), visit_of(actor, order)),
        "movable": before,
        "pair": _pair(actor, order) if order.caregivers > 1 else "",
        "vehicle": VehicleKind(order.vehicle).words if order.vehicle else "",
        "plan_id": plan_id,
        "absent": _absent(order) if before else "",
        **(_choices(actor, order) if before else {}),
        **(_planning(actor, order, plan_id) if before else {}),
    }


def _absent(order: Order) -> str:
    """That nobody is said to be at home then."""
    return absent_on(order.elder, order.window_start, to_doctor=order.destination_id is not None)


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
    return {
        "options": [
            Option(
                candidate.worker_id,
                candidate.worker_name,
                midnight + timedelta(minutes=candidate.start),
                reason,
                round(candidate.cost - least),
            )
            for candidate, reason in choice.candidates[:MOST_CANDIDATES]
        ],
        "busy": [
            (candidate.worker_id, f"{candidate.worker_name}：{reason}")
            for candidate, reason in choice.candidates[MOST_CANDIDATES:]
        ]
        + [(worker.staff_id, f"{worker.name}：{FULL}") for worker in choice.busy],
        "refusal": choice.refusal,
    }
