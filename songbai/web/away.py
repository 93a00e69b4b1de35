"""While the database is away: a page at once, that tries again and keeps what was typed."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from songbai.api.errors import fault
from songbai.core import record
from songbai.core.errors import TryAgain

#: What Django raises when a connection cannot be had, or breaks.
AWAY = (OperationalError, InterfaceError)
#: Seconds after which a page asks again.
AGAIN = 3


def page(request: HttpRequest, *, begun: bool = False) -> HttpResponse:
    """503 in plain words; what was posted is in the page, to be sent again.

    ``begun``: the database left in the middle, so the act may have been done. Needs no database.
    """
    if request.path.startswith("/api/"):
        response = fault(TryAgain())
    else:
        typed = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if isinstance(value, str)
        ]
        context = {
            "typed": typed,
            "posted": request.method == "POST",
            "path": request.get_full_path(),
            "files": bool(request.FILES),
            "begun": begun,
            "full": record.is_full(),
            "again": AGAIN,
        }
        response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(AGAIN)
    response["Cache-Control"] = "no-store"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``: a fault of ours, or the database left in the middle of a page."""
    if isinstance(sys.exc_info()[1], AWAY):
        return page(request, begun=True)
    return defaults.server_error(request)
