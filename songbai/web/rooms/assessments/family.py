"""Assessments of an elder: asking for one, its result in plain words, the letter, an appeal."""

from songbai.core import clock
from songbai.core.errors import SongbaiError
from songbai.domain.assessments.actions import NewRequest, appeal, cancel, read_notice
from songbai.domain.assessments.actions import request as ask_for
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.queries import Story, instrument_of, of_elder, story
from songbai.domain.assessments.queries.lists import second_of, visit_of
from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.process import CONCLUDED, Channel, State
from songbai.web.doors import door, form, posted, refusal
from songbai.web.rooms.elders.household import Household, household, note, page
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done, key_of, redirect

from .assessing import (
    MEANT_FOR,
    askable,
    chosen,
    explained,
    gate_given,
    gate_lines,
    is_verified,
    level_words,
    name_of,
    next_words,
    printed,
)

#: Until the visit begins a family may call it off.
EARLY = {State.REQUESTED, State.ACCEPTED, State.ASSIGNED, State.BOOKED}


@door("family", "elders/<int:elder_id>/assessments/", menu="me")
def assessments(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """The elder's assessments, newest first, and which may be asked for."""
    home = household(request, elder_id)
    note(request, home, ["name", "assessment"], "家属看评估")
    rows = of_elder(home.actor, home.elder.pk)[:20]
    return {
        "household": home,
        "rows": [
            (one, name_of(instrument_of(one)), _result(one), is_verified(one)) for one in rows
        ],
        "instruments": [
            (one, name_of(one), MEANT_FOR.get(one.fact or "", "")) for one in askable()
        ],
    }


def _result(one: Assessment) -> str:
    return level_words(one) if State(one.state) in CONCLUDED else ""


@form("family", "elders/<int:elder_id>/assessments/new/", mends=SongbaiError, menu="me")
def assessment_new(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """Ask for an assessment; the self-assessment stands first where there is one."""
    home = household(request, elder_id)
    sent = request.POST if request.method == "POST" else request.GET
    instrument = chosen(sent.get("instrument", ""))
    if instrument is None:
        return redirect("family:assessments", elder_id)
    if posted(request):
        return redirect("family:assessment", _ask(request, home, instrument).pk)
    note(request, home, ["name", "assessment"], "家属申请评估")
    return {
        "household": home,
        "instrument": instrument,
        "which": name_of(instrument),
        "meant_for": MEANT_FOR.get(instrument.fact or "", ""),
        "gate": gate_lines(instrument, request.POST.dict()),
        "gate_verified": instrument.gate is None or instrument.gate.verified,
    }


def _ask(request: HttpRequest, home: Household, instrument: Instrument) -> Assessment:
    key = key_of(request.POST)
    gate = gate_given(instrument, request.POST.dict())
    channel = Channel.ELDER if home.is_self else Channel.PROXY
    reason = request.POST.get("reason", "")
    new = NewRequest(home.elder, instrument.code, channel, key, reason, gate)
    return ask_for(home.actor, new)


@form("family", "assessments/<int:assessment_id>/")
def assessment(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """One assessment in plain words; POST appeals or calls it off."""
    told = story(actor, assessment_id)
    reason, here = request.POST.get("reason", ""), ("family:assessment", assessment_id)
    if posted(request) and request.POST.get("act") == "cancel":
        cancel(actor, assessment_id, reason)
        return done(request, "取消了。以后需要可以再申请。", *here)
    if posted(request):
        appeal(actor, assessment_id, reason)
        return done(request, "申诉收到了，由另一家机构重新评估，不收费。", *here)
    return _show(request, told)


def _show(request: HttpRequest, told: Story) -> HttpResponse:
    found, error = told.assessment, refusal(request)
    home = household(request, found.elder_id)
    note(request, home, ["name", "assessment"], "家属看评估结果")
    stands = State(found.state) in CONCLUDED
    notice = read_notice(home.actor, found.pk) if stands else None
    return page(
        request,
        "family/assessment.html",
        home,
        here="me",
        a=found,
        which=name_of(instrument_of(found)),
        next=next_words(found),
        verified=is_verified(found),
        result=explained(found) if stands else None,
        letter=notice.letter if notice else None,
        visit=visit_of(found),
        appealed=told.appeal,
        second=second_of(found),
        may_appeal=_may_appeal(found),
        may_cancel=State(found.state) in EARLY,
        errors=[{"field": "reason", "message": error.message}] if error else [],
    )


def _may_appeal(found: Assessment) -> bool:
    if found.state == State.PUBLICISED:
        return found.appeal_of_id is None
    in_time = found.appeal_until is not None and clock.today() <= found.appeal_until
    return found.state == State.NOTICED and in_time and found.appeal_of_id is None


@door("family", "assessments/<int:assessment_id>/letter/")
def assessment_letter(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """The result letter as PDF; back to the assessment while there is none."""
    found = story(actor, assessment_id).assessment
    home = household(request, found.elder_id)
    notice = read_notice(actor, assessment_id)
    if notice is None:
        return redirect("family:assessment", assessment_id)
    note(request, home, ["name", "assessment"], "家属看评估结果告知书")
    return printed(notice, found)
