"""Reading the day: open orders, caregivers, routes, and what binds an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypedDict

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.core.geo import Mode, Place
from songbai.domain.dispatch.declares import DISPATCH_READ
from songbai.domain.dispatch.models import Assignment, Wish
from songbai.domain.dispatch.planner.facts import Here, Member, Need, Standing
from songbai.domain.dispatch.rules import WISHED_SEX, AssignmentState, WishKind
from songbai.domain.dispatch.vehicles import Vehicle
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import home_of
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import at_home, ends_away
from songbai.domain.orders.queries import visible as visible_orders
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import Shift
from songbai.domain.providers.rules import VehicleKind


def visible(actor: Actor) -> QuerySet[Assignment]:
    """Assignments in the actor's scope that stand."""
    return scope.visible(Assignment, actor).filter(state=AssignmentState.ACTIVE)


def open_orders(actor: Actor, day: date) -> QuerySet[Order]:
    """Orders of a day for which nobody has been found, by time. Raises NotAllowed."""
    require(actor, DISPATCH_READ)
    return (
        at_home(visible_orders(actor))
        .filter(state=OrderState.ACCEPTED, **clock.on_day("window_start", day))
        .select_related("elder", "provider", "region", "destination")
        .prefetch_related("lines__item")
        .order_by("window_start", "id")
    )


def routes(actor: Actor, day: date) -> QuerySet[Assignment]:
    """All assignments of a day in the actor's scope, by caregiver and time."""
    return (
        visible(actor)
        .filter(**clock.on_day("starts_at", day))
        .select_related("order", "order__destination", "elder", "staff", "region")
        .order_by("staff_id", "starts_at")
    )


def minute_of(day: date, moment: datetime) -> int:
    """Minutes since midnight in Shanghai."""
    return int((moment - clock.at(day, 0)).total_seconds() // 60)


def member_of(day: date, shift: Shift, here: Here | None = None) -> Member:
    """A shift as the planner has it."""
    staff, vehicle = shift.staff, vehicle_of(shift)
    return Member(
        shift_id=shift.pk,
        staff_id=staff.pk,
        name=staff.name,
        provider_id=shift.provider_id,
        skills=frozenset(staff.skills),
        sex=staff.sex,
        starts=minute_of(day, shift.during.lower),
        ends=minute_of(day, shift.during.upper),
        base=vehicle.refill if vehicle else Place(staff.longitude, staff.latitude),
        mode=vehicle.mode if vehicle else Mode(staff.mode),
        here=here,
        vehicle=vehicle,
    )


def vehicle_of(shift: Shift) -> Vehicle | None:
    """The vehicle of a shift as plans have it."""
    found = shift.vehicle
    if found is None:
        return None
    place = Place(found.longitude, found.latitude)
    kind = VehicleKind(found.kind)
    return Vehicle(found.pk, kind, found.capacity, place, found.refill_minutes)


def kind_of(vehicle: str) -> VehicleKind | None:
    """What an order or item says it cannot be done without."""
    return VehicleKind(vehicle) if vehicle else None


def need_of(
    order: Order,
    seat: int,
    window: tuple[int, int],
    known: frozenset[int],
    asked: Asked,
    standing: Standing | None = None,
    failed: frozenset[int] = frozenset(),
) -> Need:
    """One caregiver's part of an order; the first of two brings the vehicle."""
    return Need(
        order_id=order.pk,
        seat=seat,
        provider_id=order.provider_id,
        skills=frozenset(order.skills),
        earliest=window[0],
        latest=window[1],
        minutes=order.minutes,
        place=home_of(order.elder),
        known=known,
        **asked,
        standing=standing,
        vehicle=kind_of(order.vehicle) if seat == 1 else None,
        load=order.load if seat == 1 else 0,
        end=ends_away(order),
        elder_id=order.elder_id,
        failed=failed,
    )


class Asked(TypedDict):
    """Staff refused and preferred, and the sex asked for ("" when anybody may come)."""

    refused: frozenset[int]
    preferred: frozenset[int]
    sex: str


def asked_of(said: Iterable[Wish]) -> Asked:
    """What an elder wishes, as a need has it; the latest word about man or woman counts."""
    wishes = list(said)

    def named(kind: WishKind) -> frozenset[int]:
        return frozenset(w.staff_id for w in wishes if w.kind == kind and w.staff_id)

    sexes = [WISHED_SEX[WishKind(w.kind)] for w in wishes if w.kind in WISHED_SEX]
    return {
        "refused": named(WishKind.REFUSES),
        "preferred": named(WishKind.PREFERS),
        "sex": sexes[-1] if sexes else "",
    }


@dataclass(frozen=True)
class Ties:
    """What binds an order: who has been at the elder's before, what she wishes, and when somebody
    is there for another order (``beside``: that order, when it begins and ends); who came for it
    and was judged not to have given it.
    """

    known: frozenset[int] = frozenset()
    asked: Asked = field(default_factory=lambda: asked_of(()))
    beside: tuple[tuple[int, datetime, datetime], ...] = ()
    failed: frozenset[int] = frozenset()


def failed_by(orders: Iterable[Order]) -> defaultdict[int, set[int]]:
    """For each order, the caregivers who came and were judged not to have given it.

    Nobody else who has begun is ever taken off.
    """
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = Assignment.objects.filter(
        order__in=orders, state=AssignmentState.WITHDRAWN, begun_at__isnull=False
    )
    for order_id, staff_id in rows.values_list("order_id", "staff_id"):
        found[order_id].add(staff_id)
    return found


def known_to(orders: Iterable[Order]) -> dict[int, frozenset[int]]:
    """For each elder, the caregivers who have been there before."""
    elders = {order.elder_id for order in orders}
    pairs = been_at(elders).values_list("elder_id", "staff_id").distinct()
    known: defaultdict[int, set[int]] = defaultdict(set)
    for elder_id, staff_id in pairs:
        known[elder_id].add(staff_id)
    return {elder_id: frozenset(known[elder_id]) for elder_id in elders}


def been_at(elders: set[int]) -> QuerySet[Assignment]:
    """Who has been at these elders'; what was judged not given is cancelled, or withdrawn."""
    return Assignment.objects.filter(
        elder_id__in=elders, state=AssignmentState.ACTIVE, starts_at__lt=clock.now()
    ).exclude(order__state=OrderState.CANCELLED)


def ties_of(orders: list[Order]) -> dict[int, Ties]:
    """The ties of each order's elder."""
    known = known_to(orders)
    wishes = wishes_by_elder(set(known))
    beside, failed = _beside(orders), failed_by(orders)
    return {
        order.pk: Ties(
            known[order.elder_id],
            asked_of(wishes[order.elder_id]),
            tuple(one for one in beside[order.elder_id] if one[0] != order.pk),
            frozenset(failed[order.pk]),
        )
        for order in orders
    }


def _beside(orders: list[Order]) -> dict[int, list[tuple[int, datetime, datetime]]]:
    """By elder of these orders, the visits of the same days for which somebody was sent."""
    found: defaultdict[int, list[tuple[int, datetime, datetime]]] = defaultdict(list)
    for day in {order.window_start.astimezone(clock.SHANGHAI).date() for order in orders}:
        rows = Assignment.objects.filter(
            elder_id__in={order.elder_id for order in orders},
            state=AssignmentState.ACTIVE,
            **clock.on_day("starts_at", day),
        ).values_list("elder_id", "order_id", "during__startswith", "during__endswith")
        for elder_id, order_id, begins, ends in rows:
            found[elder_id].append((order_id, begins, ends))
    return found


def wishes_by_elder(elder_ids: set[int]) -> defaultdict[int, list[Wish]]:
    """What elders ask of whoever comes, as it stands, the oldest first."""
    found: defaultdict[int, list[Wish]] = defaultdict(list)
    for wish in Wish.objects.filter(elder_id__in=elder_ids, ended_at=None).order_by("id"):
        found[wish.elder_id].append(wish)
    return found


def wishes_of(elder: Elder) -> QuerySet[Wish]:
    """What an elder asks of whoever comes, as it stands, the oldest first."""
    return Wish.objects.filter(elder=elder, ended_at=None).order_by("id")


def wish_against(elder: Elder, staff_id: int, sex: str) -> Wish | None:
    """The standing wish that somebody of a sex does not meet."""
    wishes = list(wishes_of(elder))
    named = [w for w in wishes if w.kind == WishKind.REFUSES and w.staff_id == staff_id]
    about_sex = [w for w in wishes if w.kind in WISHED_SEX][-1:]
    unmet = [w for w in about_sex if WISHED_SEX[WishKind(w.kind)] != sex]
    return next(iter(named + unmet), None)


def of_order(actor: Actor, order: Order) -> Assignment | None:
    """The assignment of an order that stands, with its caregiver; the first of two."""
    rows = visible(actor).filter(order=order).select_related("staff")
    return rows.order_by("seat").first()
