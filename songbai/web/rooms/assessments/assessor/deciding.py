"""After both have handed in: settling differences side by side, then the signature; and a second
body's word on an assessment that was drawn: it stands, or items are in doubt.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages

from songbai.core.errors import FormError, NotFound, Refused, SongbaiError
from songbai.domain.assessments import actions
from songbai.domain.assessments.actions import review as say
from songbai.domain.assessments.models import Review
from songbai.domain.assessments.queries import answers_of, instrument_of, story
from songbai.domain.assessments.queries.lists import reviews_for
from songbai.domain.assessments.rules.answers import Difference, ImpossibleAnswers
from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.process import State
from songbai.web.asked import errors_of
from songbai.web.rooms.assessments.assessing import answer_blocks, explained, value_words
from songbai.web.rooms.assessments.assessor.days import sheet_in
from songbai.web.rooms.assessments.assessor.screens import name_of, question_of
from songbai.web.rooms.assessments.cards import MASKED, REVIEWING, card_of, masked
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import (
    FORM,
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    done,
    door,
    form,
    posted,
    redirect,
    render,
)

RELATIONS = ("本人", "配偶", "子女", "其他亲属", "照护者", "村（社区）干部")


@dataclass(frozen=True)
class Apart:
    """One question on which the sheets differ, with all that can be agreed on: as the form sends
    it, in words, and who found it so.
    """

    code: str
    name: str
    offers: tuple[tuple[str, str, tuple[str, ...]], ...]
    values: tuple[Any, ...]
    chosen: str = ""


@door("assessor", "assessments/<int:assessment_id>/agree/", FORM)
def agree(request: HttpRequest, actor: Actor, assessment_id: int) -> HttpResponse:
    """The two sheets side by side where they differ; agreeing makes the result."""
    sheet = sheet_in(actor, assessment_id)
    told = story(actor, assessment_id)
    names = tuple(one.name for one in told.sheets)
    apart = [
        _apart(instrument_of(sheet.assessment), one, names, request.POST.get(one.code, ""))
        for one in told.differences
    ]
    error = None
    if request.method == "POST":
        try:
            actions.reconcile(actor, assessment_id, _agreed(apart))
        except (FormError, ImpossibleAnswers) as refused:
            error = refused
        else:
            messages.success(request, "商定了。请信息提供者看过结果，签个字。")
            return redirect("assessor:sign", assessment_id)
    values = {
        "card": card_of(actor, sheet, request.path),
        "names": names,
        "sheets": told.sheets,
        "apart": apart,
        "ready": sheet.assessment.state == State.DONE,
        "errors": _errors(apart, error),
    }
    return render(request, "assessor/agree.html", values, status=409 if error else 200)


def _apart(
    instrument: Instrument, difference: Difference, names: tuple[str, ...], typed: str
) -> Apart:
    """All options of an item, or the answers found to a background question."""
    code = difference.code
    item = instrument.items.get(code)
    if item and item.options:
        values = [json.loads(choice.value) for choice in question_of(item).choices]
    else:
        values = [v for n, v in enumerate(difference.values) if v not in difference.values[:n]]
    offers = tuple(
        (
            str(place),
            value_words(instrument, code, value),
            tuple(n for n, v in zip(names, difference.values, strict=True) if _same(v, value)),
        )
        for place, value in enumerate(values)
    )
    return Apart(code, name_of(instrument, code), offers, tuple(values), typed)


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _agreed(apart: list[Apart]) -> dict[str, Any]:
    """What was chosen; what was not chosen is left out, and the action names it."""
    known = {str(place): place for one in apart for place in range(len(one.values))}
    return {
        one.code: one.values[known[one.chosen]]
        for one in apart
        if one.chosen in known and known[one.chosen] < len(one.values)
    }


def _errors(
    apart: list[Apart], error: SongbaiError | ImpossibleAnswers | None
) -> list[dict[str, str]]:
    if error is None:
        return []
    if isinstance(error, actions.StillDifferent):
        names = {one.code: one.name for one in apart}
        return [
            {"field": f"q-{p.item}", "message": f"{names.get(p.item, p.item)}：还没有商定"}
            for p in error.problems
        ]
    if isinstance(error, ImpossibleAnswers):
        return [{"field": "", "message": problem.problem} for problem in error.problems]
    return errors_of(error)


@form("assessor", "assessments/<int:assessment_id>/sign/", mends=FormError)
def sign(request: HttpRequest, actor: Actor, assessment_id: int) -> Shown:
    """The result as agreed, and the signature of who gave the information."""
    sheet = sheet_in(actor, assessment_id)
    if posted(request):
        name, relation = request.POST.get("name", ""), request.POST.get("relation", "")
        mark = request.POST.get("mark", "")
        actions.sign(actor, assessment_id, name=name, relation=relation, mark=mark)
        words = "签好了。评估结果交给民政部门，会书面告知老人和家属。"
        return done(request, words, "assessor:visit", assessment_id)
    told = story(actor, assessment_id)
    instrument = instrument_of(told.assessment)
    return {
        "card": card_of(actor, sheet, request.path),
        "instrument": instrument,
        "result": told.result,
        "level": instrument.level(told.result.final_level) if told.result else None,
        "first_level": instrument.level(told.result.initial_level) if told.result else None,
        "scores": [
            (section.name, told.result.scores.get(section.code), section.max)
            for section in instrument.sections
        ]
        if told.result
        else [],
        "total_max": instrument.highest_total(),
        "ready": told.assessment.state == State.RECONCILED,
        "relations": RELATIONS,
    }


DONE = {"1": "复核好了：同意这个结果。", "0": "复核好了：有疑问，退回两位评估员重评。"}


@form("assessor", "reviews/<int:review_id>/", mends=FormError)
def review(request: HttpRequest, actor: Actor, review_id: int) -> HttpResponse:
    """Both sheets, the result with its reasons; agree, or name what is in doubt."""
    asked = _asked(actor, review_id)
    agrees = request.POST.get("agrees", "")
    if posted(request):
        if agrees not in DONE:
            raise Refused("请按“同意”或“有疑问”。")
        doubted = () if agrees == "1" else tuple(request.POST.getlist("doubted"))
        note = request.POST.get("note", "")
        say(actor, asked.assessment_id, agrees=agrees == "1", doubted=doubted, note=note)
        return done(request, DONE[agrees], "assessor:day")
    return _show(request, actor, asked)


def _asked(actor: Actor, review_id: int) -> Review:
    found = next((one for one in reviews_for(actor) if one.pk == review_id), None)
    if found is None:
        raise NotFound
    return found


def _show(request: HttpRequest, actor: Actor, asked: Review) -> HttpResponse:
    told = story(actor, asked.assessment_id)
    found = told.assessment
    noted(request, [found.elder], REVIEWING, *MASKED)
    instrument = instrument_of(found)
    values = {
        "a": found,
        "asked": asked,
        "who": masked(found.elder),
        "instrument": instrument,
        "result": explained(found),
        "sheets": told.sheets,
        "blocks": answer_blocks(instrument, told.sheets, answers_of(found), told.differences),
        "doubted": request.POST.getlist("doubted"),
        "note": request.POST.get("note", ""),
        "here": "day",
    }
    return render(request, "assessor/review.html", values)
