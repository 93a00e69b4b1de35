"""Something in the record is wrong: ask for a correction, see what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core.accounts.rules import Actor
from songbai.core.errors import FormError, SongbaiError
from songbai.web.doors import FORM, door
from songbai.web.rooms.elders.household import Household, household, note, page

from .. import correcting


@door("family", "elders/<int:elder_id>/corrections/", FORM)
def corrections(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Choose what is wrong, write what is right, and see earlier requests with their answers."""
    home = household(request, elder_id)
    if request.method != "POST":
        return _show(request, home)
    try:
        correcting.ask(request, home.actor, home.elder)
    except FormError as error:
        return _show(request, home, error)
    messages.success(request, "交上去了。社区核对以后，这里会写明结果。")
    return redirect("family:corrections", elder_id)


def _show(request: HttpRequest, home: Household, error: SongbaiError | None = None) -> HttpResponse:
    note(request, home, ["name", "corrections"], "家属看更正申请")
    return page(
        request,
        "family/corrections.html",
        home,
        here="me",
        status=409 if error else 200,
        **correcting.values(request, home.actor, home.elder, error),
    )
