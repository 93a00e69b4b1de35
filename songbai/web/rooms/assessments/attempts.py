"""Running an action from a form: what it refuses is shown at the form with everything kept."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotFound, SongbaiError
from songbai.web.doors import signed_in


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
    except NotFound:
        raise
    except SongbaiError as error:
        return show(error)
    messages.success(request, done)
    return redirect(back, number)
