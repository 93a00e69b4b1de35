"""Reading the day: open orders, caregivers, routes, candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import TypedDict

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.core.geo import Mode, Place
from songbai.core.travel import travel
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.dispatch.declares import DISPATCH_READ
from songbai.domain.dispatch.models import Assignment, Wish
from songbai.domain.dispatch.planner.apart import Block, parted
from songbai.domain.dispatch.planner.facts import Here, Member, Need, Standing, Stop, busy_until
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.rules import (
    WISHED_SEX,
    AssignmentState,
    Candidate,
    Refusal,
    WishKind,
    candidates,
    reason_words,
    why_open,
)
from songbai.domain.dispatch.vehicles import Vehicle
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import home_of
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import at_home, ends_away
from songbai.domain.orders.queries import visible as visible_orders
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import Shift
from songbai.domain.providers.queries import staff_on
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


@dataclass(frozen=True)
class Day:
    """The day as the planner sees it."""

    date: date
    workers: list[Member]

    @cached_property
    def midnight(self) -> datetime:
        """When the day begins in Shanghai."""
        return clock.day_bounds(self.date)[0]

    def minute(self, moment: datetime) -> int:
        """Minutes since midnight in Shanghai."""
        return int((moment - self.midnight).total_seconds() // 60)


def day_of(
    actor: Actor, day: date, provider_ids: set[int] | None = None, without_order: int | None = None
) -> Day:
    """Caregivers on shift with what already stands in their day.

    ``without_order`` leaves one order's assignment out, to see who else could take it.
    """
    shifts = staff_on(actor, day)
    if provider_ids is not None:
        shifts = shifts.filter(provider_id__in=provider_ids)
    rows = Assignment.objects.filter(
        state=AssignmentState.ACTIVE,
        **clock.on_day("starts_at", day),
        staff_id__in=[shift.staff_id for shift in shifts],
    ).order_by("starts_at")
    if without_order is not None:
        rows = rows.exclude(order_id=without_order)
    standing = rows.values_list(
        *("staff_id", "starts_at", "during__endswith", "elder__longitude", "elder__latitude"),
        *("seat", "order__load", "begun_at", "ended_at"),
        *("order__returns", "order__destination__longitude", "order__destination__latitude"),
        named=True,
    )
    board = Day(day, [])
    stops: dict[int, list[Stop]] = {}
    now = board.minute(clock.now()) if day == clock.today() else None
    for row in standing:
        start = board.minute(row.starts_at)
        begun = board.minute(row.begun_at) if row.begun_at else None
        minutes, ended = board.minute(row.during__endswith) - start, row.ended_at is not None
        away = row.order__destination__longitude, row.order__destination__latitude
        stop = Stop(
            start,
            busy_until(start, minutes, now, begun=begun, ended=ended),
            Place(row.elder__longitude, row.elder__latitude),
            row.order__load if row.seat == 1 else 0,
            None if row.order__returns else Place(*away),
        )
        stops.setdefault(row.staff_id, []).append(stop)
    crew = [replace(member_of(day, one), stops=stops.get(one.staff_id, [])) for one in shifts]
    if now is not None:
        crew = [replace(member, starts=max(member.starts, now + 1)) for member in crew]
    return Day(day, crew)


def member_of(day: date, shift: Shift, here: Here | None = None) -> Member:
    """A shift as the planner has it."""
    staff, vehicle, board = shift.staff, vehicle_of(shift), Day(day, [])
    starts, ends = board.minute(shift.during.lower), board.minute(shift.during.upper)
    return Member(
        shift_id=shift.pk,
        staff_id=staff.pk,
        name=staff.name,
        provider_id=shift.provider_id,
        skills=frozenset(staff.skills),
        sex=staff.sex,
        starts=starts,
        ends=ends,
        base=vehicle.refill if vehicle else Place(staff.longitude, staff.latitude),
        mode=vehicle.mode if vehicle else Mode(staff.mode),
        here=here,
        vehicle=vehicle,
        rest=house().rest if ends - starts > house().rest_after else None,
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


def job_of(board: Day, order: Order, ties: Ties, seat: int = 1) -> Need:
    """One caregiver's part of an order; a window already begun starts now, and nobody is to come
    while somebody else is at the elder's.
    """
    earliest = board.minute(order.window_start)
    if board.date == clock.today():
        earliest = max(earliest, board.minute(clock.now()) + 1)
    own = Block(order.pk, earliest, board.minute(order.window_end), order.minutes)
    windows = parted([own, *(_told(board, *one) for one in ties.beside)])
    earliest, latest = windows.get(order.pk, (own.earliest, own.latest))
    return need_of(order, seat, (earliest, latest), ties.known, ties.asked, failed=ties.failed)


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


def _told(board: Day, order_id: int, begins: datetime, ends: datetime) -> Block:
    begin = board.minute(begins)
    return Block(order_id, begin, begin, board.minute(ends) - begin, fixed=True)


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


@dataclass(frozen=True)
class Choice:
    """Who could do an order, best first with reasons; who is qualified but busy; or why nobody."""

    candidates: list[tuple[Candidate, str]]
    busy: list[Member]
    refusal: Refusal | None


def choose(board: Day, order: Order, ties: Ties) -> Choice:
    """The choice for one order on a board."""
    job = job_of(board, order, ties)
    found = candidates(job, board.workers, travel().minutes)
    able = {candidate.worker_id for candidate in found}
    words = catalogue().skill_words
    return Choice(
        [
            (candidate, reason_words(candidate, order.skills, words, job.vehicle))
            for candidate in found
        ],
        [
            worker
            for worker in board.workers
            if worker.provider_id == order.provider_id
            and worker.staff_id not in able
            and job.suits(worker)
        ],
        None if found else why_open(job, board.workers),
    )


def choice_for(actor: Actor, order: Order) -> Choice:
    """Who could do an order, as if nobody had been sent yet. Raises NotAllowed."""
    require(actor, DISPATCH_READ)
    day = order.window_start.astimezone(clock.SHANGHAI).date()
    board = day_of(actor, day, {order.provider_id}, without_order=order.pk)
    return choose(board, order, ties_of([order])[order.pk])


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
