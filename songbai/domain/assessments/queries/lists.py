"""What is to be done: due lists by town and body, the office's work lists; and what the pages of an
office or a family show beside an assessment itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.core.found import counted, found_in
from songbai.core.regions.rules import inside
from songbai.domain.assessments.declares import ASSESSMENT_READ, ASSESSMENT_REVIEW, BODY, BODY_READ
from songbai.domain.assessments.models import (
    Appeal,
    Assessment,
    Assessor,
    AssessorAnswers,
    Body,
    Review,
    Signature,
)
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
        rows = rows.filter(**inside(actor.region or ""))
    return rows.filter(**inside(region))


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
    rows = Assessment.objects.filter(state__in=sorted(states), **inside(region))
    own = actor.kind is BODY
    rows = rows.filter(body_id=actor.organisation) if own else scope.cut(rows, actor)
    return rows.select_related("elder", "region", "body").order_by("requested_at", "id")


def bodies(actor: Actor, region: str = "") -> QuerySet[Body]:
    """Designated bodies of a division, by name; a manager sees the own one. Raises NotAllowed."""
    require(actor, BODY_READ)
    rows = Body.objects.filter(ended_on=None)
    if actor.kind is BODY:
        return rows.filter(pk=actor.organisation)
    return rows.filter(**inside((region or actor.region or "")[:6])).order_by("name")


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


def counts_by_state(actor: Actor, region: str = "") -> dict[State, int]:
    """How many assessments stand in each state in a division. Raises NotAllowed."""
    found = counted(in_state(actor, set(State), region), "state")
    return {State(state): n for state, n in found.items()}


def with_visit(rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """The same assessments with ``visit``, the booked time; None before there is one."""
    sheets = AssessorAnswers.objects.filter(
        assessment_id=OuterRef("pk"), active=True, during__isnull=False
    ).order_by("id")
    return rows.annotate(visit=Subquery(sheets.values("during")[:1]))


def visit_of(assessment: Assessment) -> datetime | None:
    """When the booked visit begins; the assessment came from a scoped query."""
    sheets = AssessorAnswers.objects.filter(assessment=assessment, active=True)
    during = sheets.filter(during__isnull=False).values_list("during", flat=True).first()
    begin: datetime | None = during.lower if during else None
    return begin


def reviews_of(assessment: Assessment) -> list[Review]:
    """What second bodies said, oldest first; the assessment came from a scoped query."""
    rows = Review.objects.filter(assessment=assessment).select_related("body", "assessor")
    return list(rows.order_by("id"))


def reviews_for(actor: Actor) -> list[Review]:
    """Reviews that wait for this assessor's word, the longest first. Raises NotAllowed."""
    require(actor, ASSESSMENT_REVIEW)
    rows = Review.objects.filter(assessor__account_id=actor.account, done_at=None)
    return list(rows.select_related("assessment", "elder", "elder__region").order_by("id"))


def signatures_of(assessment: Assessment) -> list[Signature]:
    """Who signed, in the order of signing; the assessment came from a scoped query."""
    return list(Signature.objects.filter(assessment=assessment).order_by("id"))


def second_of(assessment: Assessment) -> Assessment | None:
    """The assessment of the appeal against this one, if there is one."""
    return Assessment.objects.filter(appeal_of=assessment).first()


def appeals_of(assessments: list[Assessment]) -> dict[int, Appeal]:
    """Appeals by number of the disputed assessment; these came from a scoped query."""
    found = Appeal.objects.filter(assessment_id__in=[one.pk for one in assessments])
    return {one.assessment_id: one for one in found}


def assessor_of(actor: Actor, body: Body, assessor_id: int) -> Assessor | None:
    """An assessor at work for a body; None for anybody else. Raises NotAllowed."""
    return assessors(actor, body).filter(pk=assessor_id).first()


def staffing(found: list[Body]) -> dict[int, tuple[int, int]]:
    """How many assessors work for each body, and how many of them are medical."""
    rows = Assessor.objects.filter(body__in=found, left_on=None).values_list("body_id", "medical")
    counts: dict[int, tuple[int, int]] = {}
    for body, medical in rows:
        all_of, some = counts.get(body, (0, 0))
        counts[body] = (all_of + 1, some + int(medical))
    return counts
