"""A caregiver's day: the route, checking in, recording, checking out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from songbai.core import clock
from songbai.core.errors import NotFound, SongbaiError
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.dispatch.queries.positions import sharing_of
from songbai.domain.orders.actions import TooLate
from songbai.domain.providers.queries import staff_of_account
from songbai.domain.visits import actions
from songbai.domain.visits.models import Visit, VisitStep
from songbai.domain.visits.queries import get
from songbai.web.doors import door, signed_in

from .forms import Shown, scan_of
from .sheet import hand_of, sheet_of


@door("caregiver")
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """The route of a day; today unless the address says another."""
    return _sheet(request, _day_asked(request))


def _day_asked(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("date", ""))
    except ValueError:
        return clock.today()


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
    except NotFound:
        raise
    except SongbaiError as error:
        return _sheet(request, when, Shown(request.path, error, request.POST.dict()))
    messages.success(request, done)
    return _to(when)


@door("caregiver")
@require_POST
def check_in(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Begin the visit of an assignment."""
    actor, scan = signed_in(request), scan_of(request.POST)
    assignment = visible_assignments(actor).filter(pk=assignment_id).first()
    if assignment is None:
        raise NotFound
    when = assignment.starts_at.astimezone(clock.SHANGHAI).date()
    return _try(
        request, when, lambda: actions.check_in(actor, assignment_id, scan), "签到了，开始记录。"
    )


@door("caregiver")
@require_POST
def check_out(request: HttpRequest, visit_id: int) -> HttpResponse:
    """End a visit."""
    actor, scan = signed_in(request), scan_of(request.POST)
    when = _day_of(get(actor, visit_id))
    return _try(
        request, when, lambda: actions.check_out(actor, visit_id, scan), "签退了，家属会收到确认。"
    )


@door("caregiver")
@require_POST
def step(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Record one step at one tap; a measured step is done when it has a value."""
    actor = signed_in(request)
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
    except (TooLate, actions.ImpossibleValue) as error:
        refused = error.message
    hand = hand_of(get(actor, visit_id))
    row = next(row for row in hand.rows if row.step.code == code)
    if refused:
        row = dataclasses.replace(row, error=refused, value=value)
    values = {"visit": visit, "hand": hand, "row": row}
    return render(request, "caregiver/_recorded.html", values, status=409 if refused else 200)
