"""The self-check, and whether a letter is genuine."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from songbai.core import clock
from songbai.core.errors import UnknownRegion
from songbai.core.regions.queries import region
from songbai.domain.benefits.rules import telling
from songbai.domain.benefits.rules.decision import Decision
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.self_check import (
    AWAY,
    UNKNOWN,
    Check,
    Question,
    WrongAnswer,
    could_have,
    places_of,
    policies_of,
    questions,
    value_of,
)
from songbai.domain.benefits.rules.telling import Telling
from songbai.web.doors import at, private
from songbai.web.templatetags.songbai import month_words

from . import letters as benefit_letters
from .explaining import place_name

CITY = settings.PORTAL_REGION[:2]


@dataclass(frozen=True)
class Could:
    """One policy's answer: could have it, still open, or not now."""

    decision: Decision
    telling: Telling
    could: bool


@at("portal", "self-check/")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def self_check(request: HttpRequest) -> HttpResponse:
    """Ask, or say what could be had; everything known so far comes with the form."""
    sent = request.POST
    district = sent.get("district", "")
    if request.method != "POST" or district not in dict(districts()):
        return _draw(request, {"districts": districts(), "chosen": settings.PORTAL_REGION[:6]})
    month = Month(clock.month_of(clock.today()))
    policies = tuple(policies_of(in_force(law().policies, month), district))
    answers, problem = _answers(sent, month)
    check = Check(policies, month, answers)
    question = questions()[sent["asks"]] if problem else check.next()
    values: dict[str, Any] = {
        "district": district,
        "district_name": dict(districts())[district],
        "answers": answers.items(),
        "number": len(answers) + 1,
    }
    if question is None:
        return _draw(request, {**values, "done": True, **_results(check, answers)})
    shown = {"question": question, "options": _options(check, question), "problem": problem}
    return _draw(request, {**values, **shown}, status=422 if problem else 200)


def _draw(request: HttpRequest, values: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(
        request, "portal/self_check.html", {"here": "self_check", **values}, status=status
    )
    add_never_cache_headers(response)
    return response


def districts() -> list[tuple[str, str]]:
    """Districts of the city with a policy of their own, by code; then the rest of the city."""
    codes = {code[:6] for policy in law().policies for code in policy.regions if len(code) >= 6}
    found = []
    for code in sorted({*codes, settings.PORTAL_REGION[:6]}):
        try:
            found.append((code, region(code).name))
        except UnknownRegion:
            continue
    return [*found, (CITY, "其他区县")]


def _answers(sent: QueryDict, month: Month) -> tuple[dict[str, str], str]:
    """What was answered so far, and what is wrong with the newest answer."""
    known = questions()
    answers = {
        key.removeprefix("a-"): str(value)[:40]
        for key, value in sent.items()
        if key.startswith("a-") and key.removeprefix("a-") in known
    }
    if sent.get("back"):
        answers.pop(next(reversed(answers), ""), None)
    asked = sent.get("asks", "")
    if asked in known and not sent.get("back"):
        answers[asked] = _answer(sent, known[asked])
    for key, answer in list(answers.items()):
        try:
            value_of(known[key], answer, month)
        except WrongAnswer as error:
            answers.pop(key)
            if key == asked:
                return answers, str(error)
    return answers, ""


def _answer(sent: QueryDict, question: Question) -> str:
    if sent.get("unknown"):
        return UNKNOWN
    if question.kind == "date":
        year, month, day = (sent.get(part, "").strip()[:4] for part in ("year", "month", "day"))
        return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"
    return str(sent.get("answer", "")).strip()[:40]


def _options(check: Check, question: Question) -> list[tuple[str, str]]:
    """What can be chosen; empty where something is typed."""
    match question.kind:
        case "yes_no":
            return [("yes", "是"), ("no", "不是")]
        case "choice":
            return list(question.choices.items())
        case "place":
            areas = places_of(check.policies, question.key)
            named = [(codes[0].ljust(12, "0"), area_name(codes)) for codes in areas]
            away = [(AWAY, "不在重庆" if CITY == "50" else "在别的省市")]
            return [*named, *away]
    return []


def area_name(codes: tuple[str, ...]) -> str:
    """铜梁区; for many towns the first three; the whole city as what is left of it."""
    names = list(dict.fromkeys(place_name(code) for code in codes[:3]))
    if len(codes[0]) <= 2:
        return f"{names[0]}别的地方"
    return "、".join(names) + (f"等 {len(codes)} 处" if len(codes) > 3 else "")


def _results(check: Check, answers: dict[str, str]) -> dict[str, Any]:
    found = [
        Could(decision, telling.tell(decision, place_name), could_have(decision))
        for decision in check.decisions()
    ]
    unsure = [questions()[key].asks for key, answer in answers.items() if answer == UNKNOWN]
    return {
        "could": [one for one in found if one.could],
        "open": [one for one in found if not one.could and one.decision.decision != "no"],
        "not_now": [one for one in found if one.decision.decision == "no"],
        "unsure": unsure,
    }


@at("portal", "letters/<str:mark>/")
@require_safe
def letter(request: HttpRequest, mark: str) -> HttpResponse:
    """Whether a benefits letter is genuine: its number, month and sum, and no name."""
    found = benefit_letters.checked(mark)
    values = {"found": found, "month": month_words(found.month) if found else ""}
    return private(render(request, "portal/letter.html", values))
