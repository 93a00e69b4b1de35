"""Filling the form: the page that works without signal, and the two places its answers go to."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from songbai.core import clock
from songbai.core.errors import FormError, Refused, SongbaiError
from songbai.domain.assessments import actions
from songbai.domain.assessments.actions import Incomplete, NewTap, Saved
from songbai.domain.assessments.models import AssessorAnswers
from songbai.domain.assessments.queries import merged, sheet_of
from songbai.domain.assessments.rules.answers import Problem, Sheet
from songbai.web.views import FORM, POST, Actor, HttpRequest, HttpResponse, Shown, door

from ..cards import card_of
from .screens import parts_of, screens_of

M = TypeVar("M", bound=BaseModel)
#: A whole form has fewer than a hundred answers; a device sends them in portions.
MOST_TAPS = 200
MOST_BYTES = 400_000


class Garbled(Refused):
    """这台设备送来的内容读不懂。填的还在设备里，请刷新页面再试，或拨 12349。"""


class SentTap(BaseModel):
    """One answer as a device recorded it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    record: uuid.UUID
    item: Annotated[str, Field(max_length=20)]
    value: Any
    device: Annotated[str, Field(min_length=1, max_length=40)]
    at: AwareDatetime
    replaces: Annotated[tuple[uuid.UUID, ...], Field(max_length=50)] = ()


class SentTaps(BaseModel):
    """One portion."""

    taps: Annotated[list[SentTap], Field(max_length=MOST_TAPS)]


class SentFinish(BaseModel):
    """The device's own time of handing in."""

    at: AwareDatetime


def taps_of(body: bytes) -> list[NewTap]:
    """The answers in a request.

    Raises Garbled.
    """
    sent = _read(SentTaps, body)
    return [NewTap(t.record, t.item, t.value, t.device, t.at, t.replaces) for t in sent.taps]


def finish_of(body: bytes) -> SentFinish:
    """When the device handed the sheet in.

    Raises Garbled.
    """
    return _read(SentFinish, body)


def _read(kind: type[M], body: bytes) -> M:
    # The database keeps no NUL in text, escaped or not.
    if len(body) > MOST_BYTES or b"\x00" in body or b"\\u0000" in body:
        raise Garbled
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise Garbled from error


WORKER = Path(__file__).parents[1] / "static" / "songbai" / "assessor-worker.js"


@door("assessor", "worker.js")
def worker(request: HttpRequest, _: Actor) -> HttpResponse:  # noqa: ARG001  # a view
    """The service worker; from this address it reaches the pages of this door and no others."""
    body = WORKER.read_text(encoding="utf-8")
    reply = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    reply["Cache-Control"] = "no-cache"
    return reply


@door("assessor", "sheets/<int:sheet_id>/")
def form(request: HttpRequest, actor: Actor, sheet_id: int) -> Shown:
    """The form of one sheet, with everything the device needs to go on alone."""
    at = clock.now()
    sheet = sheet_of(actor, sheet_id)
    card = card_of(actor, sheet, request.path)
    return {
        "card": card,
        "parts": parts_of(card.instrument),
        "screens": screens_of(card.instrument),
        "begin": {
            **_state(sheet, merged(sheet), at),
            "account": actor.account,
            "sheet": sheet.pk,
            "taps": reverse("assessor:taps", args=[sheet.pk]),
            "finish": reverse("assessor:finish", args=[sheet.pk]),
            "token": get_token(request),
        },
    }


@door("assessor", "sheets/<int:sheet_id>/taps/", FORM)
def taps(request: HttpRequest, actor: Actor, sheet_id: int) -> HttpResponse:
    """What the platform knows of a sheet; with POST, after keeping the answers sent."""
    at = clock.now()
    sheet = sheet_of(actor, sheet_id)
    if request.method != "POST":
        return _reply(request, sheet, merged(sheet), at)
    try:
        saved = actions.save_taps(actor, sheet_id, taps_of(request.body))
    except FormError as error:
        return _refused(error)
    return _reply(request, sheet_of(actor, sheet_id), saved.sheet, clock.now(), saved)


def _reply(
    request: HttpRequest,
    sheet: AssessorAnswers,
    now: Sheet,
    at: datetime,
    saved: Saved | None = None,
) -> HttpResponse:
    told = _state(sheet, now, at) | {"token": get_token(request)}
    if saved:
        told["kept"] = [str(record) for record in saved.kept]
        told["refused"] = [{"record": p.item, "why": p.problem} for p in saved.refused]
        told["late"] = saved.late
    return JsonResponse(told)


def _state(sheet: AssessorAnswers, now: Sheet, at: datetime) -> dict[str, Any]:
    """The sheet as a device keeps it; of two, the one with the later ``at`` knows more."""
    return {
        "answers": {code: value for code, value in now.answers.items() if value is not None},
        "heads": {code: [str(head) for head in heads] for code, heads in now.heads.items()},
        "questions": {
            code: [{"value": t.value, "device": t.device, "at": t.at.isoformat()} for t in asked]
            for code, asked in now.questions.items()
        },
        "finished": sheet.finished_at.isoformat() if sheet.finished_at else None,
        "stopped": sheet.assessment.stopped_at is not None,
        "state": str(sheet.assessment.state),
        "at": at.isoformat(timespec="microseconds"),
    }


@door("assessor", "sheets/<int:sheet_id>/finish/", POST)
def finish(request: HttpRequest, actor: Actor, sheet_id: int) -> HttpResponse:
    """Hand in a sheet at the device's own time."""
    sheet_of(actor, sheet_id)
    try:
        actions.finish(actor, sheet_id, finish_of(request.body).at)
    except Incomplete as error:
        return _refused(error, error.problems)
    except FormError as error:
        return _refused(error)
    sheet = sheet_of(actor, sheet_id)
    return _reply(request, sheet, merged(sheet), clock.now())


def _refused(error: SongbaiError, found: list[Problem] | None = None) -> HttpResponse:
    problems = [{"item": one.item, "problem": one.problem} for one in found or []]
    return JsonResponse({"message": error.message, "problems": problems}, status=409)
