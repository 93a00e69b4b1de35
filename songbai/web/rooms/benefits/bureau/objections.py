"""Objections: the work list, one with what was decided then and now, and its answer."""

from collections.abc import Iterable
from datetime import date

from songbai.core import clock, working_days
from songbai.core.errors import FormError
from songbai.domain.benefits.actions import answer, take
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.queries.objections import answered, get, to_answer
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import (
    Channel,
    Ground,
    State,
)
from songbai.domain.elders.queries import survivor_of
from songbai.web.frames.bureau.shell import page
from songbai.web.rooms.elders.looks import people_slice
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, door, form, posted, private

from .. import explaining


@door("bureau", "objections/")
def objections(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits for an answer, the nearest deadline first; or what was answered."""
    done = request.GET.get("show") == "done"
    rows = answered(actor) if done else to_answer(actor)
    shown = people_slice(request, rows, "看待复核的异议", "name", "objections")
    return page(
        request,
        "objections",
        "objections",
        done=done,
        shown=shown,
        today=clock.today(),
        doubt="" if done else _doubt([row.due_on for row in shown.rows]),
        rows=[(row, Ground(row.ground).words) for row in shown.rows],
    )


@form("bureau", "objections/<int:objection_id>/", mends=FormError)
def objection(request: HttpRequest, actor: Actor, objection_id: int) -> HttpResponse:
    """One objection: what was decided, what follows now, and the answer."""
    found = get(actor, objection_id)
    if posted(request) and request.POST.get("act") == "take":
        take(actor, found.pk)
        return done(request, "受理了。查清以后在这里答复。", "bureau:objection", found.pk)
    if posted(request):
        answer(actor, found.pk, request.POST.get("found", ""), where=request.path)
        return done(request, "答复了，家属在手机上看得到。", "bureau:objection", found.pk)
    elder = survivor_of(actor, found.elder)
    told = explain(actor, elder, Month(found.month), purpose="复核异议", where=request.path)
    entry = told.of(found.policy)
    return private(
        page(
            request,
            "objection",
            "objections",
            one=found,
            elder=elder,
            ground=Ground(found.ground).words,
            channel=Channel(found.channel).words,
            then_words=explaining.result_words(found.then_result, found.then_fen),
            now_words=explaining.result_words(found.now_result, found.now_fen),
            effect=explaining.effect_words(found),
            card=explaining.card(elder, entry, entry.now) if entry else None,
            late=found.answered_at is None and found.due_on < clock.today(),
            doubt=_doubt([found.due_on]),
            is_open=found.state == State.OPEN,
            mine=found.state == State.TAKEN and found.taken_by_id == actor.account_id,
        )
    )


def _doubt(days: Iterable[date]) -> str:
    """What is not known of the calendar of the latest of these deadlines."""
    return working_days.doubt(max(days, default=date.min))
