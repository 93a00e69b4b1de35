"""Reading visits, routes and evidence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from songbai.core import clock, scope
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotFound
from songbai.core.found import counted as by_column
from songbai.core.found import found_in
from songbai.core.regions.rules import bounds, inside
from songbai.domain.catalogue.rules import Step
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import open_orders, routes
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.elders.models import Followed
from songbai.domain.elders.queries.withdrawn import to_see_to
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import visible as visible_orders
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.declares import CAREGIVER
from songbai.domain.visits import rules
from songbai.domain.visits.models import Report, Visit
from songbai.domain.visits.rules import Doubt, Finding, Trouble, VisitState


def visible(actor: Actor) -> QuerySet[Visit]:
    """Visits in the actor's scope; of a caregiver her own, not whatever somebody else did there."""
    rows = scope.visible(Visit, actor)
    return rows.filter(account_id=actor.account) if actor.kind is CAREGIVER else rows


def get(actor: Actor, visit_id: int, *, for_update: bool = False) -> Visit:
    """One visit in the actor's scope; its caregiver's name is in its assignment.

    The caregiver's own row is not joined: a family may not see it, and would lose the visit.
    Raises NotFound.
    """
    rows = visible(actor)
    if for_update:
        rows = rows.select_for_update(of=("self",))
    return found_in(
        rows.select_related("elder", "assignment", "order__destination").filter(pk=visit_id)
    )


def of_order(actor: Actor, order: Order) -> Visit | None:
    """The latest visit of an order, if somebody has come."""
    return (
        counted(visible(actor))
        .filter(order=order)
        .select_related("assignment", "elder", "order__destination")
        .prefetch_related("steps")
        .order_by("-id")
        .first()
    )


def counted(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    """Without the visits that were judged none where somebody else was to come since."""
    none = Q(state=VisitState.NOT_GIVEN)
    return rows.filter(~none | Q(order__state=OrderState.CANCELLED))


def reports(actor: Actor) -> QuerySet[Report]:
    """What caregivers said from the door, in the actor's scope, newest first."""
    rows = scope.visible(Report, actor)
    return rows.select_related("assignment", "order", "elder").order_by("-id")


def open_reports(actor: Actor, region: str = "") -> QuerySet[Report]:
    """Those to which nobody has seen yet, of orders that stand."""
    rows = reports(actor).filter(seen_at=None, **inside(region))
    return rows.exclude(order__state__in=[OrderState.CANCELLED, OrderState.SETTLED])


#: A life turned while somebody is in the house: the desk asks her.
IN_SERVICE = "in_service"


def to_ask(actor: Actor, region: str = "") -> QuerySet[Followed]:
    """Of whom death was reported while a caregiver is in the house, and nobody has asked her yet.

    ``subject_id`` is the order. Raises NotAllowed.
    """
    return to_see_to(actor).filter(what=IN_SERVICE, **inside(region))


def at_doors(actor: Actor, region: str = "") -> int:
    """How much waits at doors for somebody to see to it. Raises NotAllowed."""
    return open_reports(actor, region).count() + to_ask(actor, region).count()


def is_unwell(assignment: Assignment) -> bool:
    """Whether the elder was said to be unwell, and nobody has seen to it."""
    return assignment.reports.filter(kind=Trouble.UNWELL, seen_at=None).exists()


def troubles_of(assignment: Assignment) -> list[Doubt]:
    """What was reported leaves a doubt at the visit, also when it was seen to."""
    return [Trouble(kind).doubt for kind in assignment.reports.values_list("kind", flat=True)]


def overlap_of(visit: Visit, end: datetime) -> list[Doubt]:
    """Whether its caregiver was at another door as well before a visit's end.

    A visit begun earlier and left open says nothing yet: it is held against this one when it ends.
    """
    others = Visit.objects.filter(staff_id=visit.staff_id, in_at__lt=end)
    others = others.exclude(pk=visit.pk).exclude(state=VisitState.NOT_GIVEN)
    meant = Q(out_at__gt=visit.in_at) | Q(out_at=None, in_at__gte=visit.in_at)
    return [Doubt.OVERLAP] if others.filter(meant).exists() else []


def still_at(staff_id: int, but: Assignment, moment: datetime) -> Visit | None:
    """The visit a caregiver has begun on the day of a moment and not ended, save this one."""
    start, end = clock.day_bounds(moment.astimezone(clock.SHANGHAI).date())
    rows = Visit.objects.filter(
        staff_id=staff_id, state=VisitState.SERVING, in_at__gte=start, in_at__lt=end
    )
    return rows.exclude(assignment=but).select_related("elder", "order").order_by("-in_at").first()


def is_away(assignment: Assignment) -> bool:
    """Whether its caregiver can hardly be at the door: too early for it, or at another's."""
    now = clock.now()
    early = not rules.is_awaited(assignment.starts_at, now)
    return early or still_at(assignment.staff_id, assignment, now) is not None


def route(actor: Actor, day: date) -> list[Assignment]:
    """A caregiver's assignments of a day in order, each with its visit if begun.

    Without those that somebody judged not given: ``not_given`` has them.
    """
    return list(
        visible_assignments(actor)
        .filter(**clock.on_day("starts_at", day))
        .exclude(visit__state=VisitState.NOT_GIVEN)
        .select_related("order__destination", "elder", "elder__region", "visit")
        .prefetch_related("order__lines__item", "visit__steps", "reports")
        .order_by("starts_at")
    )


def not_given(actor: Actor, day: date) -> list[Visit]:
    """Visits of a day that somebody judged not given, by time, each with its assignment."""
    start, end = clock.day_bounds(day)
    rows = visible(actor).filter(
        state=VisitState.NOT_GIVEN, assignment__starts_at__gte=start, assignment__starts_at__lt=end
    )
    return list(rows.select_related("assignment").order_by("assignment__starts_at"))


def left_open(actor: Actor, day: date) -> list[Visit]:
    """Visits begun before a day and never checked out, oldest first, each with its assignment."""
    start, _ = clock.day_bounds(day)
    return list(
        visible(actor)
        .filter(state=VisitState.SERVING, assignment__starts_at__lt=start)
        .select_related("assignment")
        .order_by("in_at")
    )


@dataclass(frozen=True)
class DayCounts:
    """How a day stands: nobody found, under way, served, and late or thought to become so.

    ``away``: nobody is sent, the elder is not at home. ``doubtful``: served, but with doubts at
    which nobody has looked; not among ``done``.
    """

    open: int
    away: int
    serving: int
    done: int
    doubtful: int
    late: int


def day_counts(actor: Actor, day: date) -> DayCounts:
    """The orders of a day in the actor's scope, counted."""
    orders = visible_orders(actor).filter(**clock.on_day("window_start", day))
    found: dict[str, int] = dict(
        orders.order_by().values_list("state").annotate(n=Count("id", filter=Q(held=False)))
    )
    late = visible_assignments(actor).filter(
        Q(starts_at__lt=clock.now() - rules.LATE) | Q(expected_at__isnull=False),
        order__state=OrderState.ASSIGNED,
        **clock.on_day("starts_at", day),
    )
    waiting = open_orders(actor, day).count()
    served = (OrderState.TO_CONFIRM, OrderState.DONE, OrderState.SETTLED)
    return DayCounts(
        open=waiting,
        away=found.get(OrderState.ACCEPTED, 0) - waiting,
        serving=found.get(OrderState.IN_SERVICE, 0),
        done=sum(found.get(state, 0) for state in served),
        doubtful=orders.filter(held=True).count(),
        late=late.count(),
    )


@dataclass(frozen=True, slots=True)
class RouteStop:
    """One stop of a day with what a picture of the whole district needs; read by the hundred."""

    order_id: int
    order_state: str
    staff_id: int
    staff_name: str
    staff_region: str
    starts_at: datetime
    ends_at: datetime
    elder_id: int
    region: str
    longitude: float
    latitude: float
    expected_at: datetime | None
    provider_id: int
    returns: bool
    to_longitude: float | None
    to_latitude: float | None

    @property
    def way(self) -> list[tuple[float, float]]:
        """Longitudes and latitudes it leads through: home, a destination, home again."""
        home = (self.longitude, self.latitude)
        if self.to_longitude is None or self.to_latitude is None:
            return [home]
        there = (self.to_longitude, self.to_latitude)
        return [home, there, home] if self.returns else [home, there]


def day_stops(actor: Actor, day: date) -> list[RouteStop]:
    """All stops of a day in the actor's scope, by caregiver and time."""
    rows = routes(actor, day).values_list(
        *("order_id", "order__state", "staff_id", "staff_name", "staff__region_id", "starts_at"),
        *("during__endswith", "elder_id", "region_id", "elder__longitude", "elder__latitude"),
        *("expected_at", "provider_id", "order__returns"),
        *("order__destination__longitude", "order__destination__latitude"),
    )
    return [RouteStop(*row) for row in rows]


def day_routes(actor: Actor, day: date, staff_ids: Iterable[int]) -> list[Assignment]:
    """Some caregivers' assignments of a day, by caregiver and time, with the visit if begun."""
    return list(routes(actor, day).filter(staff_id__in=list(staff_ids)).select_related("visit"))


def latest_of(actor: Actor, order_ids: Iterable[int]) -> dict[int, Visit]:
    """The latest visit of each order, where somebody has come, with its caregiver."""
    rows = counted(visible(actor)).filter(order_id__in=list(order_ids)).select_related("staff")
    return {visit.order_id: visit for visit in rows.order_by("id")}


@dataclass(frozen=True)
class StaffWork:
    """Visits planned for a day, and visits done since the first of its month, without those at
    whose doubts nobody has looked.
    """

    planned: int = 0
    done: int = 0


def staff_work(actor: Actor, day: date) -> dict[int, StaffWork]:
    """The work of every caregiver in the actor's scope, by caregiver."""
    start, end = clock.day_bounds(day)
    month_start = clock.at(day.replace(day=1), 0)
    today = visible_assignments(actor).filter(starts_at__gte=start, starts_at__lt=end)
    over = visible(actor).filter(in_at__gte=month_start, in_at__lt=end)
    over = over.filter(state=rules.VisitState.CHECKED_OUT).exclude(order__held=True)
    planned, done = by_column(today, "staff_id"), by_column(over, "staff_id")
    return {
        staff_id: StaffWork(planned.get(staff_id, 0), done.get(staff_id, 0))
        for staff_id in {*planned, *done}
    }


def asked_steps(visit: Visit) -> list[Step]:
    """The steps of all items ordered, each once."""
    return steps_of(visit.order)


def steps_of(order: Order) -> list[Step]:
    """The steps of an order's items; a code is item code and step code."""
    found: dict[str, Step] = {}
    for line in order.lines.select_related("item"):
        for raw in line.item.steps:
            code = f"{line.item_id}.{raw['code']}"
            found[code] = Step(code, raw["name"], raw["required"], raw["measure"])
    return list(found.values())


def evidence(visit: Visit) -> list[Finding]:
    """The elements of a visit's evidence, each held against what was asked.

    There are six, one more where the elder was taken to a destination and left there, and one more
    each where something was reported from the door and where the family says no. Each doubt stands
    at one of them in words.
    """
    required = [step.code for step in asked_steps(visit) if step.required]
    done = {step.code for step in visit.steps.all() if step.done}
    coded = "对上了老人的码（扫的或输的）" if visit.in_scanned else "没有扫码"
    least = round(visit.order.minutes * rules.SHORTEST_SHARE)
    lasted = "还在服务" if visit.minutes is None else f"{visit.minutes} 分钟"
    made = f"{sum(code in done for code in required)} 步"
    when, planned = clock.shown(visit.in_at), clock.shown(visit.assignment.starts_at)
    elements = [
        ("谁去的", visit.assignment.staff_name, "", [Doubt.OVERLAP]),
        ("服务谁", coded, "", [Doubt.NO_CODE]),
        ("做了什么", made, f"要求 {len(required)} 步", [Doubt.STEPS, Doubt.DANGER]),
        ("什么时候到", when, f"约定 {planned}", [Doubt.LATE, Doubt.EARLY, Doubt.LATE_RECORD]),
        ("服务多久", lasted, f"要求 {least} 分钟", [Doubt.SHORT, Doubt.UNPROVED]),
        ("在哪里", _where(visit), f"要求 {rules.NEAR_METRES} 米内", [Doubt.FAR, Doubt.NO_POSITION]),
    ]
    found = [_finding(visit, *element) for element in elements]
    if not visit.order.returns and visit.order.destination is not None:
        far = "还没签退" if visit.out_at is None else rules.distance_words(visit.out_metres)
        brought = f"{visit.order.destination.name}，{far}"
        near = f"要求 {rules.NEAR_DESTINATION_METRES} 米内"
        about = [Doubt.NOT_THERE, Doubt.NO_POSITION]
        one = _finding(visit, "送到哪里", brought, near, about)
        found.append(replace(one, holds=one.holds and visit.out_at is not None))
    heard = _finding(visit, "上门时报过", "", "", [Doubt.NO_ANSWER, Doubt.UNWELL])
    denied = _finding(visit, "家里怎么说", "没做好", "", [Doubt.DENIED])
    return [*found, *(one for one in (heard, denied) if not one.holds)]


def _finding(visit: Visit, name: str, found: str, asked: str, about: list[Doubt]) -> Finding:
    """One element; what is doubted about it is said in words."""
    words = [doubt.words for doubt in about if doubt in visit.doubts]
    said = [one for one in words if not found or (one not in found and found not in one)]
    return Finding(name, not words, "，".join(filter(None, [found, *said])), asked)


def _where(visit: Visit) -> str:
    """How far from home the caregiver came, and left if that was somewhere else or unseen."""
    came, left = rules.distance_words(visit.in_metres), rules.distance_words(visit.out_metres)
    ends_there = visit.order.returns or visit.order.destination is None
    if visit.out_at is None or not ends_there or Doubt.NO_POSITION not in visit.doubts:
        return came
    return came if came == left else f"来时：{came}；走时：{left}"
