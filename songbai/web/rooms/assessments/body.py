"""The manager of an assessment body: what was assigned to it, who goes, when; certificates."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused, SongbaiError
from songbai.domain.assessments import actions
from songbai.domain.assessments.models import Assessment, AssessorAnswers
from songbai.domain.assessments.queries import get, instrument_of
from songbai.domain.assessments.queries.lists import assessors, body_of, in_state
from songbai.domain.assessments.rules.process import AT_WORK, State
from songbai.web.asked import errors_of, whole_number
from songbai.web.doors import POST, door, signed_in
from songbai.web.rooms.elders.looks import noted

from .attempts import MINUTES, attempt, when_of
from .cards import MASKED, PURPOSE, masked

MOST = 200
EXPIRING = timedelta(days=90)


@door("body", "body/", name="body")
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is at work here, what waits for a time first, and the assessors."""
    found = list(in_state(actor, set(AT_WORK)).prefetch_related("sheets")[:MOST])
    noted(request, [one.elder for one in found], PURPOSE, *MASKED)
    rows = [_row(one) for one in found]
    body = body_of(actor, actor.organisation)
    values = {
        "body": body,
        "to_book": [row for row in rows if row["assessment"].state == State.ASSIGNED],
        "others": [row for row in rows if row["assessment"].state != State.ASSIGNED],
        "staff": list(assessors(actor, body)),
        "today": clock.today(),
        "soon": clock.today() + EXPIRING,
        "here": "body",
    }
    return render(request, "assessor/body.html", values)


def _row(assessment: Assessment) -> dict[str, Any]:
    team = [sheet for sheet in assessment.sheets.all() if sheet.active]
    return {
        "assessment": assessment,
        "who": masked(assessment.elder),
        "instrument": instrument_of(assessment),
        "team": sorted(team, key=lambda sheet: sheet.pk),
        "during": next((sheet.during for sheet in team if sheet.during), None),
        "status": "stopped" if assessment.stopped_at else assessment.state,
    }


@door("body", "body/assessments/<int:assessment_id>/")
def assignment(request: HttpRequest, _: Actor, assessment_id: int) -> HttpResponse:
    """One assessment: the two who go, and when."""
    return _show(request, assessment_id)


def _show(
    request: HttpRequest, assessment_id: int, error: SongbaiError | None = None
) -> HttpResponse:
    actor = signed_in(request)
    found = get(actor, assessment_id)
    noted(request, [found.elder], PURPOSE, *MASKED)
    row = _row(found)
    chosen = {sheet.assessor_id for sheet in row["team"]}
    if error and "assessor" in request.POST:
        chosen = set(_numbers(request.POST.getlist("assessor")))
    values = {
        **row,
        "staff": list(assessors(actor, body_of(actor, actor.organisation))),
        "chosen": chosen,
        "today": clock.today(),
        "first_day": clock.today(),
        "minutes": MINUTES,
        "may_change": found.state in {State.ASSIGNED, State.BOOKED} and not found.stopped_at,
        "typed": request.POST.dict() if error else {},
        "errors": errors_of(error),
        "here": "body",
    }
    return render(request, "assessor/assignment.html", values, status=409 if error else 200)


def _numbers(texts: list[str]) -> list[int]:
    return [number for text in texts if (number := whole_number(text))]


def _attempt(
    request: HttpRequest, assessment_id: int, act: Callable[[Actor], object], done: str
) -> HttpResponse:
    get(signed_in(request), assessment_id)
    return attempt(
        request,
        act,
        lambda error: _show(request, assessment_id, error),
        done,
        "assessor:assignment",
        assessment_id,
    )


@door("body", "body/assessments/<int:assessment_id>/team/", POST)
def team(request: HttpRequest, _: Actor, assessment_id: int) -> HttpResponse:
    """Send two other assessors."""

    def act(actor: Actor) -> list[AssessorAnswers]:
        chosen = _numbers(request.POST.getlist("assessor"))
        if not chosen:
            raise Refused("请选两位评估员。", field="team")
        return actions.choose_team(actor, assessment_id, chosen)

    return _attempt(request, assessment_id, act, "人定好了，他们的手机上能看到。")


@door("body", "body/assessments/<int:assessment_id>/book/", POST, name="body_book")
def book(request: HttpRequest, _: Actor, assessment_id: int) -> HttpResponse:
    """Agree on a time with the family."""

    def act(actor: Actor) -> Assessment:
        start, minutes = when_of(request.POST)
        return actions.book(actor, assessment_id, start, minutes)

    return _attempt(request, assessment_id, act, "约好了，两位评估员和家属都能看到时间。")
