"""A caregiver's day: the route, checking in, recording, checking out; her fortnight, her hours."""

import dataclasses
import math
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.urls import reverse

from songbai.core import clock
from songbai.core.errors import FormError, Refused
from songbai.core.found import found_in
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import Fix, share_position, tell_position
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.dispatch.queries.positions import sharing_of
from songbai.domain.elders.queries.figures import has_family
from songbai.domain.orders.errors import TooLate
from songbai.domain.providers.queries import staff_of_account
from songbai.domain.visits import actions
from songbai.domain.visits.actions import Scan
from songbai.domain.visits.errors import ImpossibleValue, ReasonNeeded
from songbai.domain.visits.queries import get, own
from songbai.domain.visits.rules import TO_SAY, Trouble, Where
from songbai.web.asked import day_asked, month_asked, months
from songbai.web.doors import POST, refusal
from songbai.web.rooms.visits.caregiver.sheet import hand_of, sheet_of
from songbai.web.views import (
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    done,
    door,
    form,
    redirect,
    render,
)


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
def day(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The route of a day; today unless the address says another."""
    return _sheet(request, actor, day_asked(request, "date"))


def _of_assignment(request: HttpRequest, actor: Actor, assignment_id: int) -> HttpResponse:
    """The day of an assignment."""
    assignment = found_in(visible_assignments(actor).filter(pk=assignment_id))
    return _sheet(request, actor, _day_of(assignment))


def _of_visit(request: HttpRequest, actor: Actor, visit_id: int) -> HttpResponse:
    """The day of a visit."""
    return _sheet(request, actor, _day_of(get(actor, visit_id).assignment))


def _day_of(assignment: Assignment) -> date:
    return assignment.starts_at.astimezone(clock.SHANGHAI).date()


def _sheet(request: HttpRequest, actor: Actor, when: date) -> HttpResponse:
    """A day; a scan that was refused is shown with everything that was in it."""
    staff, error = staff_of_account(actor), refusal(request)
    sheet = sheet_of(actor, staff, when, request.path)
    shown = {
        "error": error,
        "typed": request.POST,
        "asks_reason": isinstance(error, ReasonNeeded) or bool(request.POST.get("reason")),
    }
    values = {
        "sheet": sheet,
        "staff": staff,
        "shown": shown if error and request.path == sheet.action else None,
        "wheres": Where.choices(),
        "tabs": _tabs(when),
        "sharing": sharing_of(actor, staff) if when == clock.today() else None,
        "here": "day",
    }
    return render(request, "caregiver/day.html", values)


def _tabs(when: date) -> list[date]:
    today = clock.today()
    return sorted({today, today + timedelta(days=1), when})


def _done(request: HttpRequest, assignment: Assignment, words: str) -> HttpResponse:
    """Back to the day of an assignment, which says what was done."""
    when = _day_of(assignment)
    query = "" if when == clock.today() else f"?date={when}"
    return done(request, words, f"{reverse('caregiver:day')}{query}")


@form(
    "caregiver",
    "assignments/<int:assignment_id>/check-in/",
    mends=FormError,
    shows=_of_assignment,
)
def check_in(request: HttpRequest, actor: Actor, assignment_id: int) -> HttpResponse:
    """Begin the visit of an assignment."""
    assignment = found_in(visible_assignments(actor).filter(pk=assignment_id))
    actions.check_in(actor, assignment_id, scan_of(request.POST))
    return _done(request, assignment, "签到了，开始记录。")


@form("caregiver", "assignments/<int:assignment_id>/report/", mends=FormError, shows=_of_assignment)
def report(request: HttpRequest, actor: Actor, assignment_id: int) -> HttpResponse:
    """Say from the door that nobody opens, or that the elder is unwell."""
    sent = request.POST
    kind, record = sent.get("kind", ""), _uuid(sent.get("record", "")) or uuid.uuid4()
    assignment = found_in(visible_assignments(actor).filter(pk=assignment_id))
    if kind not in TO_SAY:
        raise Refused("请选一样：没人开门，或老人不舒服。", field="kind")
    where = next((one for one in Where if one == sent.get("where")), None)
    note = sent.get("note", "")
    actions.report(actor, assignment_id, Trouble(kind), record=record, note=note, where=where)
    told = "报给调度了，家属打开页面会看到。"
    alone = "报给调度了。老人没有登记家属，家里没有人收到。"
    return _done(request, assignment, told if has_family(assignment.elder) else alone)


@form("caregiver", "visits/<int:visit_id>/check-out/", mends=FormError, shows=_of_visit)
def check_out(request: HttpRequest, actor: Actor, visit_id: int) -> HttpResponse:
    """End a visit."""
    visit = get(actor, visit_id)
    asked = "，家属打开页面可以确认" if has_family(visit.elder) else ""
    actions.check_out(actor, visit_id, scan_of(request.POST))
    return _done(request, visit.assignment, f"签退了{asked}。")


@form("caregiver", "visits/<int:visit_id>/step/", mends=FormError, shows=_of_visit)
def step(request: HttpRequest, actor: Actor, visit_id: int) -> HttpResponse:
    """Record one step at one tap; a measured step is done when it has a value."""
    code, value = request.POST.get("code", ""), request.POST.get("value", "").strip()
    visit = get(actor, visit_id)
    row = next((row for row in hand_of(visit).rows if row.step.code == code), None)
    wanted = bool(value) if row and row.step.measure else request.POST.get("done") == "1"
    refused = ""
    try:
        actions.record_step(actor, visit_id, code, done=wanted, value=value)
    except (TooLate, ImpossibleValue) as error:
        if not request.headers.get("HX-Request"):
            raise
        refused = error.message
    if not request.headers.get("HX-Request"):
        return _done(request, visit.assignment, "记下了。")
    hand = hand_of(get(actor, visit_id))
    row = next(row for row in hand.rows if row.step.code == code)
    if refused:
        row = dataclasses.replace(row, error=refused, value=value)
    values = {"visit": visit, "hand": hand, "row": row}
    return render(request, "caregiver/_recorded.html", values, status=409 if refused else 200)


#: Hours can be looked at for so many months.
MONTHS = 3


@door("caregiver", "fortnight/")
def fortnight(_: HttpRequest, actor: Actor) -> Shown:
    """When she works in the next fourteen days, and how much."""
    staff = staff_of_account(actor)
    days = own.fortnight(actor, staff, clock.today())
    return {"staff": staff, "days": days, "here": "fortnight"}


@door("caregiver", "hours/")
def hours(request: HttpRequest, actor: Actor) -> Shown:
    """Visits and minutes of a month, by day: this one, unless the address says an earlier one."""
    month = month_asked(request)
    days = own.worked(actor, month)
    return {
        "staff": staff_of_account(actor),
        "month": month,
        "months": months(MONTHS),
        "days": days,
        "visits": sum(len(day.visits) for day in days),
        "minutes": sum(day.minutes for day in days),
        "here": "hours",
    }
