"""An assessor's list of visits, and one visit: when, whether it rests, what comes next."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import SongbaiError
from songbai.core.found import found_in
from songbai.domain.assessments import actions
from songbai.domain.assessments.models import Assessment, AssessorAnswers
from songbai.domain.assessments.queries import instrument_of, my_sheets
from songbai.domain.assessments.queries.lists import reviews_for
from songbai.domain.assessments.rules.process import AT_WORK, State
from songbai.web.asked import errors_of
from songbai.web.doors import POST, door, signed_in
from songbai.web.rooms.elders.looks import noted

from ..attempts import MINUTES, attempt, when_of
from ..cards import MASKED, REVIEWING, Card, card_of, masked

#: A list for one phone: more visits than this are not kept on it.
MOST = 60


@door("assessor", "")
def day(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is to be done today, what comes, what is not agreed on yet."""
    open_ = sorted(state.value for state in AT_WORK)
    sheets = my_sheets(actor).filter(assessment__state__in=open_)[:MOST]
    cards = [card_of(actor, sheet, request.path) for sheet in sheets]
    asked = reviews_for(actor)
    noted(request, [one.elder for one in asked], REVIEWING, *MASKED)
    waiting = [(one, masked(one.elder), instrument_of(one.assessment)) for one in asked]
    shown = {**_sorted(cards), "reviews": waiting, "here": "day"}
    return render(request, "assessor/day.html", shown)


def _sorted(cards: list[Card]) -> dict[str, list[Card]]:
    end = clock.day_bounds(clock.today())[1]
    begun = {State.UNDER_WAY, State.DONE, State.RECONCILED}
    today, coming, waiting = [], [], []
    for card in cards:
        if card.starts_at is None and card.assessment.state not in begun:
            waiting.append(card)
        elif card.assessment.state in begun or (card.starts_at and card.starts_at < end):
            today.append(card)
        else:
            coming.append(card)
    far = clock.now() + timedelta(days=3650)
    for group in (today, coming):
        group.sort(key=lambda card: card.starts_at or far)
    return {"today_cards": today, "coming": coming, "waiting": waiting}


def sheet_in(actor: Actor, assessment_id: int) -> AssessorAnswers:
    """The assessor's own place in an assessment.

    Raises NotAllowed, NotFound.
    """
    return found_in(my_sheets(actor).filter(assessment_id=assessment_id))


@door("assessor", "assessments/<int:assessment_id>/")
def visit(request: HttpRequest, _: Actor, assessment_id: int) -> HttpResponse:
    """One visit with everything that can be done to it now."""
    return _visit(request, assessment_id)


def _visit(
    request: HttpRequest, assessment_id: int, error: SongbaiError | None = None
) -> HttpResponse:
    actor = signed_in(request)
    sheet = sheet_in(actor, assessment_id)
    team = sheet.assessment.sheets.filter(active=True).order_by("id")
    values: dict[str, Any] = {
        "card": card_of(actor, sheet, request.path),
        "team": list(team),
        "minutes": MINUTES,
        "first_day": clock.today(),
        "typed": request.POST.dict() if error else {},
        "error": error,
        "errors": errors_of(error),
        "may_book": sheet.assessment.state in {State.ASSIGNED, State.BOOKED},
        "here": "day",
    }
    return render(request, "assessor/visit.html", values, status=409 if error else 200)


def _attempt(
    request: HttpRequest, assessment_id: int, act: Callable[[Actor], object], done: str
) -> HttpResponse:
    sheet_in(signed_in(request), assessment_id)
    return attempt(
        request,
        act,
        lambda error: _visit(request, assessment_id, error),
        done,
        "assessor:visit",
        assessment_id,
    )


@door("assessor", "assessments/<int:assessment_id>/book/", POST)
def book(request: HttpRequest, _: Actor, assessment_id: int) -> HttpResponse:
    """Agree on a time, or on another one."""

    def act(actor: Actor) -> Assessment:
        start, minutes = when_of(request.POST)
        return actions.book(actor, assessment_id, start, minutes)

    return _attempt(request, assessment_id, act, "约好了，两位评估员和家属都能看到时间。")


@door("assessor", "assessments/<int:assessment_id>/stop/", POST)
def stop(request: HttpRequest, _: Actor, assessment_id: int) -> HttpResponse:
    """Let it rest; what was filled stays."""

    def act(actor: Actor) -> Assessment:
        return actions.stop(actor, assessment_id, request.POST.get("reason", ""))

    return _attempt(request, assessment_id, act, "先停在这里，填过的都在。")


@door("assessor", "assessments/<int:assessment_id>/go-on/", POST)
def go_on(request: HttpRequest, _: Actor, assessment_id: int) -> HttpResponse:
    """Take it up where it was."""

    def act(actor: Actor) -> Assessment:
        return actions.go_on(actor, assessment_id)

    return _attempt(request, assessment_id, act, "接着办，从上次停的地方开始。")
