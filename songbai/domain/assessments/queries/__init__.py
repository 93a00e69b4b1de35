"""Reading assessments, always as somebody."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from songbai.core import scope
from songbai.core.acting import Actor, require
from songbai.core.errors import NotFound
from songbai.core.found import found_in
from songbai.domain.assessments.declares import ASSESSMENT_DO, ASSESSMENT_READ, ASSESSOR
from songbai.domain.assessments.models import (
    Appeal,
    Assessment,
    AssessorAnswers,
    Occurrence,
    Review,
    Tap,
)
from songbai.domain.assessments.rules.answers import Difference, Sheet, decode, differences, merge
from songbai.domain.assessments.rules.answers import Tap as PureTap
from songbai.domain.assessments.rules.due import Event, Happening
from songbai.domain.assessments.rules.instrument import Instrument, load
from songbai.domain.assessments.rules.needs import Suggestion, load_indications, suggest
from songbai.domain.assessments.rules.process import CONCLUDED
from songbai.domain.assessments.rules.scoring import Result, scored
from songbai.domain.elders.declares import FAMILY


def visible(actor: Actor) -> QuerySet[Assessment]:
    """Assessments the actor may see at all; an assessor those of which he has a part."""
    rows = scope.visible(Assessment, actor)
    if actor.kind is not ASSESSOR:
        return rows
    mine = AssessorAnswers.objects.filter(account_id=actor.account, active=True)
    reviewed = Review.objects.filter(assessor__account_id=actor.account)
    return rows.filter(
        Q(pk__in=mine.values("assessment_id")) | Q(pk__in=reviewed.values("assessment_id"))
    )


def get(actor: Actor, assessment_id: int) -> Assessment:
    """One assessment in the actor's scope, with its elder and body.

    Raises NotAllowed, and NotFound for everything outside the scope, whether it exists or not.
    """
    require(actor, ASSESSMENT_READ)
    return found_in(
        visible(actor)
        .select_related("elder", "elder__region", "body", "region")
        .filter(pk=assessment_id)
    )


def of_elder(actor: Actor, elder_id: int) -> QuerySet[Assessment]:
    """All assessments of an elder that the actor may see, newest first. Raises NotAllowed."""
    require(actor, ASSESSMENT_READ)
    return visible(actor).filter(elder_id=elder_id).select_related("body").order_by("-id")


def my_sheets(actor: Actor) -> QuerySet[AssessorAnswers]:
    """An assessor's own sheets, next booking first. Raises NotAllowed."""
    require(actor, ASSESSMENT_DO)
    return (
        AssessorAnswers.objects.filter(account_id=actor.account, active=True)
        .select_related("assessment", "elder", "elder__region", "body")
        .order_by("finished_at", "during", "id")
    )


def sheet_of(actor: Actor, sheet_id: int) -> AssessorAnswers:
    """One of the assessor's own sheets. Raises NotAllowed, NotFound."""
    return found_in(my_sheets(actor).filter(pk=sheet_id))


def merged(sheet: AssessorAnswers) -> Sheet:
    """Everything the devices sent for a sheet, put together."""
    return merge(
        PureTap(tap.record, tap.item, tap.value, tap.device, tap.at, frozenset(tap.replaces))
        for tap in Tap.objects.filter(sheet=sheet).order_by("id")
    )


def disagreements(assessment: Assessment) -> list[Difference]:
    """Where the assessors' finished sheets differ; the assessment came from a scoped query."""
    sheets = AssessorAnswers.objects.filter(assessment=assessment, active=True).order_by("id")
    return differences(sheet.answers for sheet in sheets)


def instrument_of(assessment: Assessment) -> Instrument:
    """The instrument, in the version the assessment was made with."""
    return load(assessment.instrument)


def answers_of(assessment: Assessment) -> dict[str, Any]:
    """The agreed answers as an answer file holds them; empty before they are agreed."""
    if assessment.choices is None:
        return {}
    instrument = instrument_of(assessment)
    return dict(decode(instrument, assessment.choices, assessment.background or {}))


def result_of(assessment: Assessment) -> Result | None:
    """The explained result of the agreed answers; None before they are agreed."""
    if assessment.choices is None:
        return None
    return scored(instrument_of(assessment), answers_of(assessment))


def suggestions_of(assessment: Assessment) -> list[Suggestion]:
    """Services the agreed answers call for; empty before, or without indications."""
    result = result_of(assessment)
    indications = load_indications().get(assessment.instrument)
    if result is None or indications is None:
        return []
    return suggest(instrument_of(assessment), answers_of(assessment), result, indications)


def events_of(elder_id: int) -> list[Event]:
    """What happened to an elder, oldest first; the caller checked the scope."""
    rows = Occurrence.objects.filter(elder_id=elder_id).order_by("day", "id")
    return [Event(Happening(row.kind), row.day) for row in rows]


@dataclass(frozen=True)
class Story:
    """Everything about one assessment that its page shows."""

    assessment: Assessment
    result: Result | None
    sheets: list[AssessorAnswers]
    differences: list[Difference]
    appeal: Appeal | None


def story(actor: Actor, assessment_id: int) -> Story:
    """One assessment with its sheets and where they differed.

    Families see sheets only once a result stands. Raises NotAllowed, NotFound.
    """
    found = get(actor, assessment_id)
    shown = actor.kind is not FAMILY or found.state in CONCLUDED
    rows = AssessorAnswers.objects.filter(assessment=found, active=True).order_by("id")
    return Story(
        assessment=found,
        result=result_of(found) if shown else None,
        sheets=list(rows) if shown else [],
        differences=disagreements(found) if shown else [],
        appeal=Appeal.objects.filter(assessment=found).first(),
    )
