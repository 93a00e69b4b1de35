"""An assessor's list of visits, and one visit: when, whether it rests, what comes next."""

from collections.abc import Callable
from datetime import timedelta

from songbai.core import clock
from songbai.core.errors import FormError
from songbai.core.found import found_in
from songbai.domain.assessments import actions
from songbai.domain.assessments.models import AssessorAnswers
from songbai.domain.assessments.queries import instrument_of, my_sheets
from songbai.domain.assessments.queries.lists import reviews_for
from songbai.domain.assessments.rules.process import AT_WORK, State
from songbai.web.doors import View, door, form, refusal
from songbai.web.rooms.assessments.cards import BOOKED, MINUTES, when_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done

from ..cards import MASKED, REVIEWING, Card, card_of, masked

#: A list for one phone: more visits than this are not kept on it.
MOST = 60


@door("assessor", "")
def day(request: HttpRequest, actor: Actor) -> Shown:
    """What is to be done today, what comes, what is not agreed on yet."""
    open_ = sorted(state.value for state in AT_WORK)
    sheets = my_sheets(actor).filter(assessment__state__in=open_)[:MOST]
    cards = [card_of(actor, sheet, request.path) for sheet in sheets]
    asked = reviews_for(actor)
    noted(request, [one.elder for one in asked], REVIEWING, *MASKED)
    waiting = [(one, masked(one.elder), instrument_of(one.assessment)) for one in asked]
    return {**_sorted(cards), "reviews": waiting, "here": "day"}


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
def visit(request: HttpRequest, actor: Actor, assessment_id: int) -> Shown:
    """One visit with everything that can be done to it now."""
    sheet = sheet_in(actor, assessment_id)
    return {
        "card": card_of(actor, sheet, request.path),
        "team": list(sheet.assessment.sheets.filter(active=True).order_by("id")),
        "minutes": MINUTES,
        "first_day": clock.today(),
        "error": refusal(request),
        "may_book": sheet.assessment.state in {State.ASSIGNED, State.BOOKED},
        "here": "day",
    }


def _sent(address: str) -> Callable[[View], View]:
    """Decorator of a view to which a form of the visit is sent."""
    address = f"assessments/<int:assessment_id>/{address}/"
    return form("assessor", address, mends=FormError, shows=visit)


def _back(request: HttpRequest, sheet: AssessorAnswers, words: str) -> HttpResponse:
    return done(request, words, "assessor:visit", sheet.assessment_id)


@_sent("book")
def book(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """Agree on a time, or on another one."""
    sheet = sheet_in(actor, assessment_id)
    actions.book(actor, assessment_id, *when_of(request.POST))
    return _back(request, sheet, BOOKED)


@_sent("stop")
def stop(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """Let it rest; what was filled stays."""
    sheet = sheet_in(actor, assessment_id)
    actions.stop(actor, assessment_id, request.POST.get("reason", ""))
    return _back(request, sheet, "先停在这里，填过的都在。")


@_sent("go-on")
def go_on(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """Take it up where it was."""
    sheet = sheet_in(actor, assessment_id)
    actions.go_on(actor, assessment_id)
    return _back(request, sheet, "接着办，从上次停的地方开始。")
