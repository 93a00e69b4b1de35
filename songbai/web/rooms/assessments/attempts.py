"""Running an action from a form: what it refuses is shown at the form with everything kept."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import FormError, Refused, SongbaiError
from songbai.web.doors import signed_in

MINUTES = (60, 90, 120)


def when_of(posted: Mapping[str, str]) -> tuple[datetime, int]:
    """Beginning and minutes of a visit.

    Raises Refused naming the field.
    """
    try:
        day = clock.day_of(posted.get("day", ""))
    except ValueError as error:
        raise Refused("请选哪一天上门。", field="day") from error
    try:
        hour, minute = (int(part) for part in posted.get("time", "").split(":")[:2])
        start = clock.at(day, hour, minute)
    except ValueError as error:
        raise Refused("请填几点上门，例如 09:30。", field="time") from error
    minutes = posted.get("minutes", "")
    if minutes not in {str(known) for known in MINUTES}:
        raise Refused("请选要多长时间。", field="minutes")
    return start, int(minutes)


def attempt(
    request: HttpRequest,
    act: Callable[[Actor], object],
    show: Callable[[SongbaiError], HttpResponse],
    done: str,
    back: str,
    number: int,
) -> HttpResponse:
    """Act, say ``done`` and go ``back`` to a page of this ``number``, or show what was refused.

    Raises NotFound.
    """
    try:
        act(signed_in(request))
    except FormError as error:
        return show(error)
    messages.success(request, done)
    return redirect(back, number)
