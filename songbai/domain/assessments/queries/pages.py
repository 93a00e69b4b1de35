"""What the pages of an office or a family show beside an assessment itself."""

from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery

from songbai.core.acting import Actor, require
from songbai.domain.assessments.declares import ASSESSMENT_REVIEW
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

from .lists import assessors, in_state


def counts_by_state(actor: Actor, region: str = "") -> dict[State, int]:
    """How many assessments stand in each state in a division. Raises NotAllowed."""
    rows = in_state(actor, set(State), region).order_by()
    found = rows.values("state").annotate(n=Count("id"))
    return {State(row["state"]): row["n"] for row in found}


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
