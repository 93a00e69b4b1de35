"""The manager of an assessment body: what was assigned to it, who goes, when; certificates."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from songbai.core import clock
from songbai.core.errors import FormError, Refused
from songbai.domain.assessments import actions
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.queries import get, instrument_of
from songbai.domain.assessments.queries.lists import assessors, body_of, in_state
from songbai.domain.assessments.rules.process import AT_WORK, State
from songbai.web.doors import View, door, form
from songbai.web.rooms.assessments.cards import BOOKED, MINUTES, when_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, render, whole_number

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
def assignment(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """One assessment: the two who go, and when."""
    found = get(actor, assessment_id)
    noted(request, [found.elder], PURPOSE, *MASKED)
    row = _row(found)
    chosen = {sheet.assessor_id for sheet in row["team"]}
    if "assessor" in request.POST:
        chosen = set(_numbers(request))
    values = {
        **row,
        "staff": list(assessors(actor, body_of(actor, actor.organisation))),
        "chosen": chosen,
        "today": clock.today(),
        "first_day": clock.today(),
        "minutes": MINUTES,
        "may_change": found.state in {State.ASSIGNED, State.BOOKED} and not found.stopped_at,
        "here": "body",
    }
    return render(request, "assessor/assignment.html", values)


def _numbers(request: HttpRequest) -> list[int]:
    chosen = request.POST.getlist("assessor")
    return [number for text in chosen if (number := whole_number(text))]


def _sent(address: str, name: str = "") -> Callable[[View], View]:
    """Decorator of a view to which a form of the assignment is sent."""
    address = f"body/assessments/<int:assessment_id>/{address}/"
    return form("body", address, name=name, mends=FormError, shows=assignment)


@_sent("team")
def team(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """Send two other assessors."""
    chosen = _numbers(request)
    if not chosen:
        raise Refused("请选两位评估员。", field="team")
    actions.choose_team(actor, get(actor, assessment_id).pk, chosen)
    words = "人定好了，他们的手机上能看到。"
    return done(request, words, "assessor:assignment", assessment_id)


@_sent("book", "body_book")
def book(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """Agree on a time with the family."""
    start, minutes = when_of(request.POST)
    actions.book(actor, get(actor, assessment_id).pk, start, minutes)
    return done(request, BOOKED, "assessor:assignment", assessment_id)
