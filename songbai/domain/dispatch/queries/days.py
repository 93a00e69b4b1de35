"""What is known of a day when it is planned, as the planner wants it."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.geo import Place
from songbai.core.regions.rules import inside
from songbai.domain.catalogue.models import Offer
from songbai.domain.dispatch.declares import DISPATCH_READ
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.planner.apart import apart
from songbai.domain.dispatch.planner.facts import Facts, Here, Member, Need, Standing
from songbai.domain.dispatch.queries import (
    asked_of,
    been_at,
    failed_by,
    kind_of,
    known_to,
    member_of,
    minute_of,
    need_of,
    wishes_by_elder,
    wishes_of,
)
from songbai.domain.dispatch.queries.positions import fresh
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import at_home
from songbai.domain.orders.queries import visible as visible_orders
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import MedicalPlace
from songbai.domain.providers.queries import place_of, staff_on

#: Orders that somebody goes to on their day; the rest are cancelled.
ALIVE = [state for state in OrderState if state is not OrderState.CANCELLED]
SERVED = frozenset({OrderState.TO_CONFIRM, OrderState.DONE, OrderState.SETTLED})
BEGUN = SERVED | {OrderState.IN_SERVICE}
NOBODY: frozenset[int] = frozenset()
#: What of an order, and of its elder, a planner sees.
SEEN = (
    *("state", "provider_id", "skills", "caregivers", "minutes", "window_start", "window_end"),
    *("vehicle", "load", "region_id", "elder__longitude", "elder__latitude"),
    *("returns", "destination__longitude", "destination__latitude"),
)


def moment_of(day: date, minute: int) -> datetime:
    """The moment of a minute since midnight in Shanghai."""
    return clock.at(day, 0) + timedelta(minutes=minute)


@dataclass(frozen=True)
class Area:
    """The part of the actor's scope that is planned: a code prefix, and perhaps some providers."""

    region: str = ""
    providers: frozenset[int] | None = None


def facts_of(
    actor: Actor, day: date, area: Area | None = None, despite: Collection[int] = ()
) -> Facts:
    """Shifts, what stands, and open orders of a day in the actor's scope; those of people who are
    away only when somebody is sent all the same, or by ``despite``. Raises NotAllowed.
    """
    require(actor, DISPATCH_READ)
    area = area or Area()
    orders = list(_orders(actor, day, area, despite))
    needs = _needs(day, orders)
    beside = needs
    if area != Area():  # other orders of these elders, which are not planned here
        elders = {order.elder_id for order in orders}
        beside = _needs(day, _orders(actor, day, Area()).filter(elder_id__in=elders))
    now = _now(day)
    members = tuple(members_of(actor, day, area))
    return Facts(day, now, members, tuple(apart(needs, beside, now)))


def _needs(day: date, orders: Iterable[Order]) -> list[Need]:
    """What the orders of a day ask for, one for each caregiver."""
    orders = list(orders)
    sent = Assignment.objects.filter(order__in=orders, state=AssignmentState.ACTIVE)
    standing = {(row.order_id, row.seat): row for row in sent}
    known, wishes = known_to(orders), wishes_by_elder({o.elder_id for o in orders})
    failed = failed_by(orders)
    needs = []
    for order in orders:
        window = minute_of(day, order.window_start), minute_of(day, order.window_end)
        asked = asked_of(wishes[order.elder_id])
        for seat in range(1, order.caregivers + 1):
            row = standing.get((order.pk, seat))
            if row is None and order.state != OrderState.ACCEPTED and seat == 1:
                continue  # begun or done without anybody of ours
            if row is None and order.state not in {OrderState.ACCEPTED, OrderState.ASSIGNED}:
                continue
            stands = _stands(day, order, row) if row else None
            needs.append(
                need_of(
                    *(order, seat, window, known[order.elder_id], asked, stands),
                    failed=frozenset(failed[order.pk]),
                )
            )
    return needs


def told_on(
    actor: Actor, day: date, providers: Collection[int], without_order: int | None = None
) -> Facts:
    """Who works for some providers on a day, and what they were sent for; no open orders.

    ``without_order`` leaves one order out, to see who else could take it.
    """
    members = tuple(members_of(actor, day, Area(providers=frozenset(providers))))
    rows = (
        Assignment.objects.filter(
            state=AssignmentState.ACTIVE,
            **clock.on_day("starts_at", day),
            staff_id__in={member.staff_id for member in members},
        )
        .exclude(order_id=without_order or 0)
        .select_related("order__elder", "order__destination")
        .only(
            *("staff_id", "starts_at", "begun_at", "ended_at", "seat", "travel_minutes", "metres"),
            *(f"order__{name}" for name in SEEN),
        )
    )
    needs = tuple(
        need_of(row.order, row.seat, (stands.start, stands.start), NOBODY, asked_of(()), stands)
        for row in rows
        for stands in [_stands(day, row.order, row)]
    )
    return Facts(day, _now(day), members, needs)


def _now(day: date) -> int | None:
    return minute_of(day, clock.now()) if day == clock.today() else None


def basis_of(facts: Facts) -> dict[str, str]:
    """By provider, the digest of who works, with which vehicle, and who was sent.

    A plan made from it holds while it stays.
    """
    found = {}
    for provider_id in facts.providers:
        own = facts.of(provider_id)
        shifts = sorted((m.shift_id, m.vehicle.id if m.vehicle else 0) for m in own.members)
        sent = sorted(need.standing.assignment_id for need in own.needs if need.standing)
        found[str(provider_id)] = hashlib.sha256(f"{shifts} {sent}".encode()).hexdigest()
    return found


def new_need(elder: Elder, offer: Offer, destination: MedicalPlace | None = None) -> Need:
    """An order that is only thought of: one caregiver, no window yet.

    ``destination``: where an item that goes out will take the elder, as far as that is known.
    """
    said = wishes_of(elder)
    known = been_at({elder.pk}).values_list("staff_id", flat=True)
    return Need(
        order_id=0,
        seat=1,
        provider_id=offer.provider_id,
        skills=frozenset(offer.item.skills),
        earliest=0,
        latest=0,
        minutes=offer.item.minutes,
        place=Place(elder.longitude, elder.latitude),
        known=frozenset(known),
        **asked_of(said),
        vehicle=kind_of(offer.item.vehicle),
        load=offer.item.load,
        end=None if destination is None or offer.item.returns else place_of(destination),
    )


def _orders(actor: Actor, day: date, area: Area, despite: Collection[int] = ()) -> QuerySet[Order]:
    sent = Assignment.objects.filter(order=OuterRef("pk"), state=AssignmentState.ACTIVE)
    known = Q(Exists(sent)) | Q(pk__in=list(despite))
    rows = at_home(visible_orders(actor), despite=known).filter(
        state__in=ALIVE,
        **clock.on_day("window_start", day),
        **inside(area.region),
    )
    if area.providers is not None:
        rows = rows.filter(provider_id__in=area.providers)
    return rows.select_related("elder", "destination").only(*SEEN).order_by("id")


def members_of(actor: Actor, day: date, area: Area) -> list[Member]:
    """Who works on a day in an area, by shift."""
    shifts = staff_on(actor, day)
    shifts = shifts.filter(**inside(area.region))
    if area.providers is not None:
        shifts = shifts.filter(provider_id__in=area.providers)
    found = list(shifts)
    now = clock.now()
    seen = fresh({shift.staff_id for shift in found}, now) if day == clock.today() else {}
    here = {
        staff_id: Here(place, minute_of(day, moment)) for staff_id, (place, moment) in seen.items()
    }
    return [member_of(day, shift, here.get(shift.staff_id)) for shift in found]


def _stands(day: date, order: Order, row: Assignment) -> Standing:
    """Who was sent; where the record does not say when a visit began, it began as planned."""
    start = minute_of(day, row.starts_at)
    begun = minute_of(day, row.begun_at) if row.begun_at else None
    ended = minute_of(day, row.ended_at) if row.ended_at else None
    if begun is None and order.state in BEGUN and order.caregivers == 1:
        begun = start
    if ended is None and order.state in SERVED:
        ended = (start if begun is None else begun) + order.minutes
    return Standing(row.pk, row.staff_id, start, begun, ended, row.travel_minutes, row.metres)
