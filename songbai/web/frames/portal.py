"""What the portal says of itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Accessibility and privacy in short."""
    return render(request, "portal/about.html", {"here": "about"})


addresses = [
    path("about/", about, name="about"),
]
