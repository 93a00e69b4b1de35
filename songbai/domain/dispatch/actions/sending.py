"""Sending somebody chosen by hand, and taking back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from songbai.core import clock, geo, scope
from songbai.core.acting import SYSTEM, Actor, Reach, require, system_only
from songbai.core.found import found_in
from songbai.core.reasons import reason_in, too_short
from songbai.core.travel import travel
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.dispatch.declares import DISPATCH_PLAN
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.planner.facts import Facts, Need
from songbai.domain.dispatch.queries import ties_of, vehicle_of, wish_against
from songbai.domain.dispatch.queries.days import minute_of, moment_of
from songbai.domain.dispatch.queries.doubts import doubt_of
from songbai.domain.dispatch.queries.hands import board_of, job_of
from songbai.domain.dispatch.rules import Candidate, reason_words
from songbai.domain.dispatch.vehicles import carries, only_with
from songbai.domain.elders.queries import home_of
from songbai.domain.orders.actions import lock
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import get as get_order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember

from .common import (
    AgainstWish,
    AlreadyTaken,
    NotFree,
    NotQualified,
    Sent,
    WithoutVehicle,
    asked,
    reopen,
    row_of,
    standing,
    take_turn,
    tell,
    withdraw_all,
    write,
)


@transaction.atomic
def assign(
    actor: Actor,
    order_id: int,
    staff_id: int,
    *,
    starts_at: datetime | None = None,
    reason: str = "",
    despite: int | None = None,
    knowing: bool = False,
) -> Assignment:
    """Send a chosen caregiver. Anybody but the first suggestion, or another time, needs a reason.

    Whom a wish of the elder refuses is sent only ``despite`` that wish, named by its id, for a
    reason; the family is told. Where the elder is away, or somebody else is there then, only
    ``knowing`` it, for a reason.
    An order for two that has one caregiver gets the second; otherwise whoever stands is replaced.
    Raises NotFound, NotAllowed, AlreadyTaken, NotQualified, NotFree, WithoutVehicle,
    AgainstWish, Doubtful, Departed, ReasonMissing.
    """
    order, day = _locked(actor, order_id)
    seat = _seat_of(order, staff_id)
    withdraw_all(actor, order, reason, seat)
    board = board_of(actor, day, {order.provider_id})
    job = job_of(board.facts, order, ties_of([order])[order.pk], seat)
    options = board.offers(job)
    choice = next((option for option in options if option.worker_id == staff_id), None)
    if choice is None or starts_at is not None:
        choice = _by_hand(order, job, staff_id, starts_at, board.facts)
    start = moment_of(day, choice.start)
    doubt = doubt_of(order, start)
    because = asked(doubt, reason, knowing=knowing)
    staff = scope.visible(StaffMember, actor).get(pk=staff_id)
    wish = wish_against(order.elder, staff_id, staff.sex)
    if wish and (despite != wish.pk or too_short(reason)):
        raise AgainstWish(wish)
    if starts_at is not None or not options or options[0].worker_id != staff_id:
        because = reason_in(reason, "请写明改派的原因，至少 4 个字。")
    sent = Sent(
        staff_id,
        start,
        choice.travel_minutes,
        round(choice.km * 1000),
        reason_words(choice, order.skills, catalogue().skill_words, job.vehicle),
        _instead(options, choice),
        because,
        seat,
    )
    found = row_of(actor, order, sent, staff)
    write([found])
    told = {"against": wish.words if wish else "", "doubt": doubt}
    tell(
        actor, "order.assigned", order, found, **{name: said for name, said in told.items() if said}
    )
    return found


def _locked(actor: Actor, order_id: int) -> tuple[Order, date]:
    """An order that waits for somebody, locked, and its day, whose turn is taken.

    Raises NotFound, NotAllowed, AlreadyTaken.
    """
    require(actor, DISPATCH_PLAN)
    seen = get_order(actor, order_id)
    require(actor, DISPATCH_PLAN, Reach(seen.region_id))
    day = seen.window_start.astimezone(clock.SHANGHAI).date()
    take_turn(day, [seen.provider_id])
    order = lock(order_id)
    if order.state not in {OrderState.ACCEPTED, OrderState.ASSIGNED}:
        raise AlreadyTaken
    return order, day


def _instead(options: Sequence[Candidate], choice: Candidate) -> list[dict[str, Any]]:
    """The best others, with how much more they cost."""
    others = [
        {"name": o.worker_name, "start": o.start, "extra": round(o.cost - choice.cost)}
        for o in options
        if o.worker_id != choice.worker_id
    ]
    return others[:3]


@transaction.atomic
def withdraw(actor: Actor, order_id: int, reason: str) -> Order:
    """Take the caregiver off an order that has not begun; it is open again.

    Raises NotFound, NotAllowed, AlreadyTaken, ReasonMissing.
    """
    require(actor, DISPATCH_PLAN)
    seen = get_order(actor, order_id)
    reason_in(reason, "请写明改派的原因，至少 4 个字。")
    take_turn(seen.window_start.astimezone(clock.SHANGHAI).date(), [seen.provider_id])
    order = lock(order_id)
    if order.state != OrderState.ASSIGNED:
        raise AlreadyTaken
    withdraw_all(actor, order, reason)
    reopen(order)
    return order


@transaction.atomic
def free_caregiver(actor: Actor, order_id: int) -> None:
    """An order was cancelled: its caregiver has the time back and no longer reaches the elder.

    Raises NotFound, NotAllowed.
    """
    system_only(actor)
    order = lock(order_id)
    if order.state == OrderState.CANCELLED:
        withdraw_all(actor, order, order.cancel_reason or "订单已取消")


def note_not_given(actor: Actor, order: Order) -> None:
    """Somebody looked: no care was given. Whoever was sent is taken off what waits for another."""
    if order.state == OrderState.ACCEPTED:
        withdraw_all(actor, order, "核对过，没有做")


def call_back(actor: Actor, row: Assignment, why: str) -> None:
    """Nobody is at home: a caregiver who has not begun is taken off and told; the program's."""
    order = lock(row.order_id)
    withdraw_all(actor, order, why, row.seat)
    reopen(order)


def _seat_of(order: Order, staff_id: int) -> int:
    """The seat a caregiver takes: her own, an empty one, else the last."""
    taken = dict(standing(order.pk).values_list("staff_id", "seat"))
    if staff_id in taken:
        return int(taken[staff_id])
    free = set(range(1, order.caregivers + 1)) - set(taken.values())
    return min(free) if free else int(order.caregivers)


def _by_hand(
    order: Order,
    job: Need,
    staff_id: int,
    starts_at: datetime | None,
    facts: Facts,
) -> Candidate:
    """A choice the planner would not make: travel is not checked, overlap is."""
    staff = found_in(
        scope.visible(StaffMember, SYSTEM).filter(
            pk=staff_id, provider_id=order.provider_id, left_on=None
        ),
        NotFree("没有这位护理员，或不是这家服务商的人。"),
    )
    if not set(order.skills) <= set(staff.skills):
        raise NotQualified
    start = starts_at or order.window_start
    shift = found_in(
        staff.shifts.select_related("vehicle").filter(
            during__contains=DateTimeTZRange(start, start + timedelta(minutes=order.minutes)),
            sick_at=None,
        ),
        NotFree("这位护理员这个时间不上班。请换一个人，或换一个时间。"),
    )
    vehicle = vehicle_of(shift)
    if job.vehicle and not carries(vehicle, job.vehicle, job.load):
        raise WithoutVehicle(f"{only_with(job.vehicle)}。请换一个带车的人，或先把车给她的班次。")
    begin = minute_of(facts.day, start)
    base = vehicle.refill if vehicle else geo.Place(staff.longitude, staff.latitude)
    mode = vehicle.mode if vehicle else geo.Mode(staff.mode)
    here = _place_before(facts, staff.pk, begin, base)
    home = home_of(order.elder)
    return Candidate(
        worker_id=staff.pk,
        worker_name=staff.name,
        start=begin,
        end=begin + order.minutes,
        travel_minutes=travel().minutes(here, home, mode),
        km=geo.distance_km(here, home),
        known=False,
        cost=0.0,
    )


def _place_before(facts: Facts, staff_id: int, minute: int, base: geo.Place) -> geo.Place:
    """Where somebody is at a minute of the day: where her last visit ended, else ``base``."""
    ended = [
        (need.standing.start + need.minutes, need.leaves)
        for need in facts.needs
        if need.standing
        and need.standing.staff_id == staff_id
        and need.standing.start + need.minutes <= minute
    ]
    return max(ended, key=lambda one: one[0])[1] if ended else base
