"""What opens without logging in: the code at an elder's door, a no to another number."""

from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from songbai.core import scope
from songbai.core.approvals.actions import AlreadyDecided
from songbai.domain.elders.actions.numbers import asked_of_me, refuse_number, told_to
from songbai.web.doors import at
from songbai.web.views import HttpRequest, HttpResponse, render


@at("portal", "d/<str:code>")
@require_safe
def door(request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG001  # tells nothing
    """What anybody sees who scans the code at an elder's door: what it is for, and no name."""
    return render(request, "portal/door.html")


@at("portal", "no/<str:token>")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def number_no(request: HttpRequest, token: str) -> HttpResponse:
    """Who was told by text message that relatives ask for another number says no."""
    proposal_id, holder = told_to(token)
    scope.bind(holder)
    asked = asked_of_me(holder).filter(pk=proposal_id).first()
    if asked is None:
        raise AlreadyDecided
    if request.method == "POST":
        refuse_number(holder, proposal_id)
    values = {"asked": asked, "refused": request.method == "POST"}
    return render(request, "portal/number_no.html", values)
