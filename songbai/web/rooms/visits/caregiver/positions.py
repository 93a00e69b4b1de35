"""The switch of a caregiver who lets the desk see where she is, and what her phone then sends."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from songbai.core.errors import Refused
from songbai.domain.dispatch.actions import share_position, tell_position
from songbai.web.doors import door, signed_in

from .forms import fix_of

PLAIN = "text/plain; charset=utf-8"


@door("caregiver")
@require_POST
def sharing(request: HttpRequest) -> HttpResponse:
    """Switch on with ``shared=1``; anything else switches off."""
    share_position(signed_in(request), shared=request.POST.get("shared") == "1")
    return redirect(f"{reverse('caregiver:day')}#position")


@door("caregiver")
@require_POST
def position(request: HttpRequest) -> HttpResponse:
    """Where the phone is: 204 taken or no news, 400 no position, 409 not wanted now, in words."""
    fix = fix_of(request.POST)
    if fix is None:
        return HttpResponse("没有收到位置。", status=400, content_type=PLAIN)
    try:
        tell_position(signed_in(request), fix)
    except Refused as refused:
        return HttpResponse(refused.message, status=409, content_type=PLAIN)
    return HttpResponse(status=204)
