"""Planning a day, choosing by hand, taking back."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from songbai.core import clock, geo
from songbai.core.accounts.actions import end_access, grant_access
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Act, Actor, Reach
from songbai.core.errors import NotAllowed, Refused
from songbai.core.events.actions import publish
from songbai.core.travel import travel
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.elders.queries import home_of
from songbai.domain.orders.actions import lock, mark_assigned, mark_unassigned
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import get as get_order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember

from .models import Assignment
from .queries import day_of, job_of, known_workers, open_orders
from .rules import AssignmentState, Candidate, Refusal, candidates, plan_day, reason_words


class NotFree(Refused):
    """这位护理员在这个时间已有安排，或赶不到。请换一个人，或换一个时间。"""

    field = "staff"


class NotQualified(Refused):
    """这位护理员没有这项服务要求的资格，不能派。请换一个人。"""

    field = "staff"


class ReasonMissing(Refused):
    """请写明改派的原因，至少 4 个字。"""

    field = "reason"


class AlreadyTaken(Refused):
    """这一单刚刚被别人派出去了，或已取消。请看最新的队列。"""


@dataclass(frozen=True)
class Planned:
    """What planning a day did."""

    assigned: list[Assignment]
    open: dict[int, Refusal]


@transaction.atomic
def plan(actor: Actor, day: date) -> Planned:
    """Find somebody for every open order of a day in the actor's area, at one press.

    Two dispatchers who press at once take turns. Raises NotAllowed.
    """
    require(actor, Act.DISPATCH_PLAN)
    _take_turn(actor.region or "", day)
    # Locked, so that an order cancelled meanwhile drops out instead of undoing the whole plan.
    orders = list(open_orders(actor, day).select_for_update(of=("self",)))
    board = day_of(actor, day, {order.provider_id for order in orders})
    known = known_workers(orders)
    jobs = [job_of(board, order, known[order.pk]) for order in orders]
    result = plan_day(jobs, board.workers, travel().minutes)
    by_id = {order.pk: order for order in orders}
    assigned = [
        _write(actor, by_id[order_id], choice, result.others[order_id], day)
        for order_id, choice in result.chosen.items()
    ]
    return Planned(assigned, result.open)


@transaction.atomic
def assign(
    actor: Actor,
    order_id: int,
    staff_id: int,
    *,
    starts_at: datetime | None = None,
    reason: str = "",
) -> Assignment:
    """Send a chosen caregiver. Anybody but the first suggestion, or another time, needs a reason.

    Raises NotFound, NotAllowed, AlreadyTaken, NotQualified, NotFree, ReasonMissing.
    """
    require(actor, Act.DISPATCH_PLAN)
    seen = get_order(actor, order_id)
    require(actor, Act.DISPATCH_PLAN, Reach(seen.region_id))
    day = seen.window_start.astimezone(clock.SHANGHAI).date()
    _take_turn(actor.region or "", day)
    order = lock(order_id)
    if order.state not in {OrderState.ACCEPTED, OrderState.ASSIGNED}:
        raise AlreadyTaken
    _withdraw_active(actor, order, reason)
    board = day_of(actor, day, {order.provider_id})
    job = job_of(board, order, known_workers([order])[order.pk])
    options = candidates(job, board.workers, travel().minutes)
    choice = next((option for option in options if option.worker_id == staff_id), None)
    if choice is None or starts_at is not None:
        choice = _by_hand(order, staff_id, starts_at, board.minute)
    is_first = bool(options) and options[0].worker_id == staff_id and starts_at is None
    if not is_first and len(reason.strip()) < 4:
        raise ReasonMissing
    others = [option for option in options if option.worker_id != staff_id][:3]
    return _write(actor, order, choice, others, day, "" if is_first else reason.strip())


@transaction.atomic
def withdraw(actor: Actor, order_id: int, reason: str) -> Order:
    """Take the caregiver off an order that has not begun; it is open again.

    Raises NotFound, NotAllowed, AlreadyTaken, ReasonMissing.
    """
    require(actor, Act.DISPATCH_PLAN)
    get_order(actor, order_id)
    if len(reason.strip()) < 4:
        raise ReasonMissing
    order = lock(order_id)
    if order.state != OrderState.ASSIGNED:
        raise AlreadyTaken
    _withdraw_active(actor, order, reason)
    mark_unassigned(order)
    return order


@transaction.atomic
def free_caregiver(actor: Actor, order_id: int) -> None:
    """An order was cancelled: its caregiver has the time back and no longer reaches the elder.

    Raises NotFound, NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
    order = lock(order_id)
    if order.state == OrderState.CANCELLED:
        _withdraw_active(actor, order, order.cancel_reason or "订单已取消")


def _take_turn(region: str, day: date) -> None:
    number = zlib.crc32(f"{region[:6]}:{day}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _withdraw_active(actor: Actor, order: Order, reason: str) -> None:
    active = Assignment.objects.filter(order=order, state=AssignmentState.ACTIVE).first()
    if active is None:
        return
    Assignment.objects.filter(pk=active.pk).update(
        state=AssignmentState.WITHDRAWN, override_reason=reason.strip()[:120]
    )
    if active.account_id and not _still_goes_there(active.account_id, order.elder_id):
        end_access(person_id=order.elder_id, why="visit", account_id=active.account_id)
    active.override_reason = reason.strip()[:120]
    _tell(actor, "assignment.withdrawn", order, active)


def _still_goes_there(account_id: int, elder_id: int) -> bool:
    return Assignment.objects.filter(
        elder_id=elder_id, account_id=account_id, state=AssignmentState.ACTIVE
    ).exists()


def _by_hand(order: Order, staff_id: int, starts_at: datetime | None, minute: object) -> Candidate:
    """A choice the planner would not make: travel is not checked, overlap is."""
    staff = StaffMember.objects.filter(
        pk=staff_id, provider_id=order.provider_id, left_on=None
    ).first()
    if staff is None:
        raise NotFree("没有这位护理员，或不是这家服务商的人。")
    if not set(order.skills) <= set(staff.skills):
        raise NotQualified
    start = starts_at or order.window_start
    on_shift = staff.shifts.filter(
        during__contains=DateTimeTZRange(start, start + timedelta(minutes=order.minutes)),
        sick_at=None,
    ).exists()
    if not on_shift:
        raise NotFree("这位护理员这个时间不上班。请换一个人，或换一个时间。")
    begin: int = minute(start)  # type: ignore[operator]
    base = geo.Place(staff.longitude, staff.latitude)
    home = home_of(order.elder)
    return Candidate(
        worker_id=staff.pk,
        worker_name=staff.name,
        start=begin,
        end=begin + order.minutes,
        travel_minutes=travel().minutes(base, home, geo.Mode(staff.mode)),
        km=geo.distance_km(base, home),
        known=False,
        cost=0.0,
    )


def _write(
    actor: Actor,
    order: Order,
    choice: Candidate,
    others: list[Candidate],
    day: date,
    override: str = "",
) -> Assignment:
    midnight, _ = clock.day_bounds(day)
    starts_at = midnight + timedelta(minutes=choice.start)
    staff = StaffMember.objects.get(pk=choice.worker_id)
    assignment = Assignment(
        order=order,
        staff=staff,
        account_id=staff.account_id,
        elder_id=order.elder_id,
        region_id=order.region_id,
        provider_id=order.provider_id,
        staff_name=staff.name,
        starts_at=starts_at,
        during=DateTimeTZRange(starts_at, starts_at + timedelta(minutes=order.minutes)),
        travel_minutes=choice.travel_minutes,
        metres=round(choice.km * 1000),
        reason=reason_words(choice, order.skills, catalogue().skill_words),
        others=[
            {
                "name": other.worker_name,
                "start": other.start,
                "extra": round(other.cost - choice.cost),
            }
            for other in others
        ],
        override_reason=override[:120],
        decided_by_id=actor.account_id,
        decided_at=clock.now(),
    )
    try:
        with transaction.atomic():
            assignment.save()
    except IntegrityError as error:
        if "assignments_do_not_overlap" in str(error):
            raise NotFree from error
        raise AlreadyTaken from error
    mark_assigned(order)
    if staff.account_id:
        grant_access(
            person_id=order.elder_id,
            region=order.region_id,
            why="visit",
            until=starts_at + timedelta(days=3),
            account_id=staff.account_id,
        )
    _tell(actor, "order.assigned", order, assignment)
    return assignment


def _tell(actor: Actor, kind: str, order: Order, assignment: Assignment) -> None:
    publish(
        kind,
        actor,
        subject=("order", order.pk),
        region=order.region_id,
        person_id=order.elder_id,
        organisation_id=order.provider_id,
        topics=(f"account:{assignment.account_id}",) if assignment.account_id else (),
        caregiver=assignment.staff_name,
        reason=assignment.reason,
        override=assignment.override_reason,
    )
