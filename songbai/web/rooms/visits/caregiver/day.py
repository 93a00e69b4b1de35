"""A caregiver's day: the route, checking in, recording, checking out."""

import dataclasses
import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.urls import reverse

from songbai.core import clock
from songbai.core.errors import FormError, Refused, SongbaiError
from songbai.core.found import found_in
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import Fix, share_position, tell_position
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.dispatch.queries.positions import sharing_of
from songbai.domain.elders.queries.figures import has_family
from songbai.domain.orders.errors import TooLate
from songbai.domain.providers.queries import staff_of_account
from songbai.domain.visits import actions
from songbai.domain.visits.actions import Scan
from songbai.domain.visits.errors import ImpossibleValue, ReasonNeeded
from songbai.domain.visits.models import Visit, VisitStep
from songbai.domain.visits.queries import get
from songbai.domain.visits.rules import TO_SAY, Trouble, Where
from songbai.web.asked import day_asked
from songbai.web.doors import signed_in
from songbai.web.views import POST, Actor, HttpRequest, HttpResponse, door, redirect, render

from .sheet import hand_of, sheet_of


def scan_of(posted: Mapping[str, str]) -> Scan:
    """The scan in a form. What the phone got wrong counts as missing: nobody can repair it."""
    return Scan(
        record=_uuid(posted.get("record", "")) or uuid.uuid4(),
        code=posted.get("code", "").strip()[:200],
        place=_place(posted.get("longitude", ""), posted.get("latitude", "")),
        device_time=_moment(posted.get("device_time", "")),
        reason=posted.get("reason", "").strip(),
    )


def fix_of(posted: Mapping[str, str]) -> Fix | None:
    """Where a phone says it is and when; None for what is no place or no time."""
    place = _place(posted.get("longitude", ""), posted.get("latitude", ""))
    at = _moment(posted.get("device_time", ""))
    try:
        accuracy = float(posted.get("accuracy", ""))
    except ValueError:
        return None
    return Fix(place, accuracy, at) if place and at else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _place(longitude: str, latitude: str) -> Place | None:
    try:
        place = Place(float(longitude), float(latitude))
    except ValueError:
        return None
    known = math.isfinite(place.longitude) and math.isfinite(place.latitude)
    inside = abs(place.longitude) <= 180 and abs(place.latitude) <= 90
    return place if known and inside else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@dataclass(frozen=True)
class Shown:
    """A scan form shown again: its address, what was wrong, and everything that was in it."""

    action: str
    error: SongbaiError
    typed: Mapping[str, str]

    @property
    def asks_reason(self) -> bool:
        """Whether the reason must be written, or already was."""
        return isinstance(self.error, ReasonNeeded) or bool(self.typed.get("reason"))

    @property
    def errors(self) -> list[dict[str, str]]:
        """For the error summary."""
        return [{"field": self.error.field or "", "message": self.error.message}]


PLAIN = "text/plain; charset=utf-8"


@door("caregiver", "sharing/", POST)
def sharing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Switch on with ``shared=1``; anything else switches off."""
    share_position(actor, shared=request.POST.get("shared") == "1")
    return redirect(f"{reverse('caregiver:day')}#position")


@door("caregiver", "position/", POST)
def position(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Where the phone is: 204 taken or no news, 400 no position, 409 not wanted now, in words."""
    fix = fix_of(request.POST)
    if fix is None:
        return HttpResponse("没有收到位置。", status=400, content_type=PLAIN)
    try:
        tell_position(actor, fix)
    except Refused as refused:
        return HttpResponse(refused.message, status=409, content_type=PLAIN)
    return HttpResponse(status=204)


@door("caregiver", "")
def day(request: HttpRequest, _: Actor) -> HttpResponse:
    """The route of a day; today unless the address says another."""
    return _sheet(request, day_asked(request, "date"))


def _day_of(visit: Visit) -> date:
    return visit.assignment.starts_at.astimezone(clock.SHANGHAI).date()


def _sheet(request: HttpRequest, when: date, shown: Shown | None = None) -> HttpResponse:
    actor = signed_in(request)
    staff = staff_of_account(actor)
    sheet = sheet_of(actor, staff, when, request.path)
    values = {
        "sheet": sheet,
        "staff": staff,
        "shown": shown if shown and shown.action == sheet.action else None,
        "errors": shown.errors if shown else [],
        "tabs": _tabs(when),
        "sharing": sharing_of(actor, staff) if when == clock.today() else None,
        "wheres": Where.choices(),
        "here": "day",
    }
    return render(request, "caregiver/day.html", values, status=409 if shown else 200)


def _tabs(when: date) -> list[date]:
    today = clock.today()
    return sorted({today, today + timedelta(days=1), when})


def _to(when: date) -> HttpResponse:
    query = "" if when == clock.today() else f"?date={when}"
    return redirect(f"{reverse('caregiver:day')}{query}")


def _try(request: HttpRequest, when: date, act: Callable[[], object], done: str) -> HttpResponse:
    """Run an action; what it refuses is shown at the form with everything kept."""
    try:
        act()
    except FormError as error:
        return _sheet(request, when, Shown(request.path, error, request.POST.dict()))
    messages.success(request, done)
    return _to(when)


@door("caregiver", "assignments/<int:assignment_id>/check-in/", POST)
def check_in(request: HttpRequest, actor: Actor, assignment_id: int) -> HttpResponse:
    """Begin the visit of an assignment."""
    scan = scan_of(request.POST)
    assignment = found_in(visible_assignments(actor).filter(pk=assignment_id))
    when = assignment.starts_at.astimezone(clock.SHANGHAI).date()
    return _try(
        request, when, lambda: actions.check_in(actor, assignment_id, scan), "签到了，开始记录。"
    )


@door("caregiver", "assignments/<int:assignment_id>/report/", POST)
def report(request: HttpRequest, actor: Actor, assignment_id: int) -> HttpResponse:
    """Say from the door that nobody opens, or that the elder is unwell."""
    kind = request.POST.get("kind", "")
    assignment = found_in(visible_assignments(actor).filter(pk=assignment_id))
    record, note = _uuid(request.POST.get("record", "")), request.POST.get("note", "")

    def say() -> None:
        if kind not in TO_SAY:
            raise Refused("请选一样：没人开门，或老人不舒服。", field="kind")
        said = record or uuid.uuid4()
        where = next((one for one in Where if one == request.POST.get("where")), None)
        actions.report(actor, assignment_id, Trouble(kind), record=said, note=note, where=where)

    when = assignment.starts_at.astimezone(clock.SHANGHAI).date()
    sent = "报给调度了，家属打开页面会看到。"
    alone = "报给调度了。老人没有登记家属，家里没有人收到。"
    return _try(request, when, say, sent if has_family(assignment.elder) else alone)


@door("caregiver", "visits/<int:visit_id>/check-out/", POST)
def check_out(request: HttpRequest, actor: Actor, visit_id: int) -> HttpResponse:
    """End a visit."""
    scan = scan_of(request.POST)
    visit = get(actor, visit_id)
    asked = "，家属打开页面可以确认" if has_family(visit.elder) else ""
    return _try(
        request,
        _day_of(visit),
        lambda: actions.check_out(actor, visit_id, scan),
        f"签退了{asked}。",
    )


@door("caregiver", "visits/<int:visit_id>/step/", POST)
def step(request: HttpRequest, actor: Actor, visit_id: int) -> HttpResponse:
    """Record one step at one tap; a measured step is done when it has a value."""
    code, value = request.POST.get("code", ""), request.POST.get("value", "").strip()
    visit = get(actor, visit_id)
    row = next((row for row in hand_of(visit).rows if row.step.code == code), None)
    wanted = bool(value) if row and row.step.measure else request.POST.get("done") == "1"

    def record() -> VisitStep:
        return actions.record_step(actor, visit_id, code, done=wanted, value=value)

    if not request.headers.get("HX-Request"):
        return _try(request, _day_of(visit), record, "记下了。")
    refused = ""
    try:
        record()
    except (TooLate, ImpossibleValue) as error:
        refused = error.message
    hand = hand_of(get(actor, visit_id))
    row = next(row for row in hand.rows if row.step.code == code)
    if refused:
        row = dataclasses.replace(row, error=refused, value=value)
    values = {"visit": visit, "hand": hand, "row": row}
    return render(request, "caregiver/_recorded.html", values, status=409 if refused else 200)
