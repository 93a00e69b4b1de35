"""The cry for help, which every page of the family's door leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from songbai.core.accounts.rules import Actor
from songbai.web.doors import door


@door("family", "sos/")
def sos(request: HttpRequest, _: Actor) -> HttpResponse:
    """Five seconds to think again, then the telephone; shows nothing about anybody."""
    return render(request, "family/sos.html", {"home_url": reverse("family:home")})
