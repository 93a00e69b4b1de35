"""Assessments: the work lists, one assessment with its explained result, asking for one."""

from typing import Any

from django.contrib import messages

from songbai.core import clock
from songbai.core.accounts.queries import names_of
from songbai.core.errors import Refused, SongbaiError
from songbai.core.events.queries import history
from songbai.domain.assessments.actions import NewRequest, read_notice
from songbai.domain.assessments.actions import request as ask_for
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.queries import Story, answers_of, instrument_of, of_elder, story
from songbai.domain.assessments.queries.lists import (
    appeals_of,
    bodies,
    due_list,
    in_state,
    reviews_of,
    second_of,
    signatures_of,
    with_visit,
)
from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.process import Channel, State
from songbai.domain.careplans.queries import of_elder as plans_of
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get
from songbai.domain.elders.rules import mask_name
from songbai.web.asked import list_asked
from songbai.web.doors import door, form, posted
from songbai.web.frames.bureau import area, place_of, slice_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import (
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    done,
    key_of,
    redirect,
    whole_number,
)
from songbai.web.words import moments

from ..assessing import (
    answer_blocks,
    askable,
    chosen,
    explained,
    gate_given,
    gate_lines,
    is_verified,
    name_of,
    next_words,
    printed,
    standard_words,
)
from .acts import do, possible
from .lists import LISTS, due_bodies, due_state, due_towns, list_counts, tabs

#: Who an officer asks in the name of.
CHANNELS = (Channel.VILLAGE, Channel.ELDER, Channel.HOSPITAL)


@door("bureau", "assessments/")
def assessments(request: HttpRequest, actor: Actor) -> Shown:
    """The work lists of a place, oldest request first."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    inside = place.prefix if place.prefix != home.prefix else ""
    counts = list_counts(actor, inside)
    show = list_asked(request.GET.get("show", ""), counts)
    waiting = in_state(actor, set(LISTS[show][1]), place.prefix)
    shown = slice_of(with_visit(waiting), request)
    appeals = appeals_of(shown.rows)
    _note(request, [one.elder for one in shown.rows], "查看评估名单")
    return {
        **area(place, home),
        "show": show,
        "heading": LISTS[show][0],
        "tabs": tabs(counts, inside, show),
        "rows": [(one, appeals.get(one.pk)) for one in shown.rows],
        "shown": shown,
    }


@door("bureau", "assessments/due/")
def assessments_due(request: HttpRequest, actor: Actor) -> Shown:
    """Who must be assessed again, by town and body, longest due first."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    overdue = request.GET.get("overdue") == "1"
    names = {body.pk: body.name for body in bodies(actor)}
    body = whole_number(request.GET.get("body", "")) or None
    shown = slice_of(due_list(actor, place.prefix, body=body, overdue=overdue), request)
    _note(request, [one.elder for one in shown.rows], "查看到期该评估的名单")
    inside = place.prefix if place.prefix != home.prefix else ""
    return {
        **area(place, home),
        "overdue": overdue,
        "body": body,
        "body_name": names.get(body or 0, ""),
        "towns": due_towns(actor, place),
        "by_body": due_bodies(actor, inside or place.prefix, names),
        "rows": [(one, due_state(one.due_on or clock.today())) for one in shown.rows],
        "shown": shown,
    }


@form("bureau", "assessments/<int:assessment_id>/", status=422)
def assessment(request: HttpRequest, actor: Actor, assessment_id: int) -> Shown:
    """One assessment with everything about it; POST does what the pressed button says."""
    told = story(actor, assessment_id)
    if posted(request):
        words = do(actor, assessment_id, request.POST.dict())
        return done(request, words, "bureau:assessment", assessment_id)
    found = told.assessment
    _note(request, [found.elder], "查看评估详情")
    events = list(history("assessment", found.pk))
    finished = [sheet for sheet in told.sheets if sheet.finished_at]
    instrument = instrument_of(found)
    return {
        "a": found,
        "next": next_words(found),
        "verified": is_verified(found),
        "days_verified": instrument.process.verified,
        "result": explained(found),
        "sheets": told.sheets,
        "finished": finished,
        "during": next((sheet.during for sheet in told.sheets if sheet.during), None),
        "blocks": answer_blocks(instrument, finished, answers_of(found), told.differences)
        if finished
        else [],
        "differences": len(told.differences) if len(finished) > 1 else 0,
        **_afterwards(told),
        "plan": plans_of(actor, found.elder_id).filter(assessment=found).first(),
        "acts": possible(found),
        "bodies": _able(actor, found),
        "moments": moments(events, names_of([event.actor_id for event in events])),
        "today": clock.today(),
    }


def _afterwards(told: Story) -> dict[str, Any]:
    """What second bodies, signers and whoever disputed the result said."""
    found, appeal = told.assessment, told.appeal
    return {
        "reviews": reviews_of(found),
        "signatures": [
            (mask_name(one.name) if one.kind != "assessor" else one.name, one)
            for one in signatures_of(found)
        ],
        "appeal": appeal,
        "appealed_by": mask_name(appeal.by_name) if appeal else "",
        "second": second_of(found),
    }


def _able(actor: Actor, found: Assessment) -> list[Any]:
    if found.state != State.ACCEPTED:
        return []
    return [one for one in bodies(actor, found.region_id) if found.instrument in one.instruments]


@door("bureau", "assessments/<int:assessment_id>/letter/")
def assessment_letter(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """The result letter as PDF; back to the assessment while there is none."""
    found = story(actor, assessment_id).assessment
    notice = read_notice(actor, assessment_id)
    if notice is None:
        messages.warning(request, "还没有结果，没有告知书。")
        return redirect("bureau:assessment", assessment_id)
    _note(request, [found.elder], "打印评估结果告知书")
    return printed(notice, found)


@form("bureau", "elders/<int:elder_id>/assessments/", status=422, mends=SongbaiError)
def assessment_ask(request: HttpRequest, actor: Actor, elder_id: int) -> Shown:
    """Ask for an assessment of one elder: first which, then by whom and the self-assessment."""
    elder = get(actor, elder_id)
    sent = request.POST or request.GET
    instrument = chosen(sent.get("instrument", ""))
    if posted(request):
        made = _ask(actor, elder, instrument, request)
        return done(request, next_words(made), "bureau:assessment", made.pk)
    _note(request, [elder], "为老人申请评估")
    earlier = list(of_elder(actor, elder.pk).select_related("elder")[:10])
    return {
        "elder": elder,
        "instruments": [(one, name_of(one)) for one in askable()],
        "instrument": instrument,
        "which": name_of(instrument) if instrument else "",
        "standard": standard_words(instrument) if instrument else "",
        "gate": gate_lines(instrument, request.POST.dict()) if instrument else [],
        "gate_verified": instrument is None or instrument.gate is None or instrument.gate.verified,
        "channels": [(one.value, one.words) for one in CHANNELS],
        "rows": earlier,
    }


def _ask(
    actor: Actor, elder: Elder, instrument: Instrument | None, request: HttpRequest
) -> Assessment:
    sent = request.POST.dict()
    if instrument is None:
        raise Refused("请选做哪一种评估。", field="instrument")
    channel = sent.get("channel", "")
    if channel not in CHANNELS:
        raise Refused("请选是谁提出的。", field="channel")
    key = key_of(sent)
    gate = gate_given(instrument, sent)
    reason = sent.get("reason", "")
    return ask_for(actor, NewRequest(elder, instrument.code, Channel(channel), key, reason, gate))


def _note(request: HttpRequest, people: list[Elder], purpose: str) -> None:
    noted(request, people, purpose, "name", "age", "village", "assessment")
