"""What the portal says of itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from songbai.web.doors import at


@at("portal", "about/")
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Accessibility and privacy in short."""
    return render(request, "portal/about.html", {"here": "about"})


@at("portal", "favicon.ico")
@require_safe
def icon(_: HttpRequest) -> HttpResponse:
    """The mark of the house, for what a browser opens without a page around it."""
    return redirect(static("songbai/mark.svg"))
