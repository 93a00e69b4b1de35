"""What is to be done: due lists by town and body, and the office's work lists."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.found import found_in
from songbai.core.regions.rules import bounds
from songbai.domain.assessments.declares import ASSESSMENT_READ, BODY, BODY_READ
from songbai.domain.assessments.models import Assessment, Assessor, Body
from songbai.domain.assessments.rules.process import State

#: What is not done this long after it was due is overdue.
GRACE = timedelta(days=30)


@dataclass(frozen=True)
class DueCount:
    """How many assessments are due, and how many of them are overdue."""

    due: int = 0
    overdue: int = 0


def _current(actor: Actor, region: str) -> QuerySet[Assessment]:
    """Results that hold now, in a division and in the actor's scope; both by range of codes."""
    rows = Assessment.objects.filter(current=True)
    if actor.kind is BODY:
        rows = rows.filter(body_id=actor.organisation)
    else:
        low, high = bounds(actor.region or "")
        rows = rows.filter(region_id__gte=low, region_id__lte=high)
    low, high = bounds(region)
    return rows.filter(region_id__gte=low, region_id__lte=high)


def due_list(
    actor: Actor,
    region: str = "",
    *,
    body: int | None = None,
    overdue: bool = False,
    until: date | None = None,
) -> QuerySet[Assessment]:
    """Results whose successor is due by a day (today), longest due first.

    For an officer by division, for the manager of a body its own. Raises NotAllowed.
    """
    require(actor, BODY_READ)
    last = until or clock.today()
    if overdue:
        last = clock.today() - GRACE - timedelta(days=1)
    rows = _current(actor, region).filter(due_on__lte=last)
    if body is not None:
        rows = rows.filter(body_id=body)
    return rows.select_related("elder", "region", "body").order_by("due_on", "id")


def _counted(rows: QuerySet[Assessment], by: str) -> dict[str, DueCount]:
    today = clock.today()
    found = (
        rows.filter(due_on__lte=today)
        .values(by)
        .annotate(due=Count("id"), overdue=Count("id", filter=Q(due_on__lt=today - GRACE)))
        .order_by(by)
    )
    return {str(row[by]): DueCount(row["due"], row["overdue"]) for row in found}


def due_by_division(actor: Actor, region: str, digits: int = 9) -> dict[str, DueCount]:
    """Due and overdue by the first ``digits`` of the code. Raises NotAllowed."""
    require(actor, BODY_READ)
    rows = _current(actor, region).annotate(part=Left("region_id", digits))
    return _counted(rows, "part")


def due_by_body(actor: Actor, region: str = "") -> dict[int, DueCount]:
    """Due and overdue by the body that gave the last result. Raises NotAllowed."""
    require(actor, BODY_READ)
    rows = _current(actor, region).filter(body__isnull=False)
    return {int(body): count for body, count in _counted(rows, "body_id").items()}


def in_state(actor: Actor, states: set[State], region: str = "") -> QuerySet[Assessment]:
    """Assessments that stand in one of these states, oldest request first. Raises NotAllowed."""
    require(actor, ASSESSMENT_READ)
    low, high = bounds(region)
    rows = Assessment.objects.filter(
        state__in=sorted(states), region_id__gte=low, region_id__lte=high
    )
    if actor.kind is BODY:
        rows = rows.filter(body_id=actor.organisation)
    elif not actor.is_system:
        if actor.region is None:
            return rows.none()
        low, high = bounds(actor.region)
        rows = rows.filter(region_id__gte=low, region_id__lte=high)
    return rows.select_related("elder", "region", "body").order_by("requested_at", "id")


def bodies(actor: Actor, region: str = "") -> QuerySet[Body]:
    """Designated bodies of a division, by name; a manager sees the own one. Raises NotAllowed."""
    require(actor, BODY_READ)
    rows = Body.objects.filter(ended_on=None)
    if actor.kind is BODY:
        return rows.filter(pk=actor.organisation)
    low, high = bounds((region or actor.region or "")[:6])
    return rows.filter(region_id__gte=low, region_id__lte=high).order_by("name")


def body_of(actor: Actor, body_id: int) -> Body:
    """One body. Raises NotAllowed, NotFound."""
    return found_in(bodies(actor).filter(pk=body_id))


def assessors(actor: Actor, body: Body, *, expiring: bool = False) -> QuerySet[Assessor]:
    """Assessors of a body with what waits for each, by name; ``expiring``: certificate within
    90 days. Raises NotAllowed."""
    require(actor, BODY_READ)
    waiting = Q(sheets__active=True, sheets__finished_at=None)
    rows = Assessor.objects.filter(body=body, left_on=None)
    if expiring:
        rows = rows.filter(certificate_until__lte=clock.today() + timedelta(days=90))
    return rows.annotate(waiting=Count("sheets", filter=waiting)).order_by("name", "id")
