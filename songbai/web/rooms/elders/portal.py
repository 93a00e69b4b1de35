"""The code at an elder's door."""

from django.views.decorators.http import require_safe

from songbai.web.doors import at
from songbai.web.views import HttpRequest, HttpResponse, render


@at("portal", "d/<str:code>")
@require_safe
def door(request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG001  # tells nothing
    """What anybody sees who scans the code at an elder's door: what it is for, and no name."""
    return render(request, "portal/door.html")
