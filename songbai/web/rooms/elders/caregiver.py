"""What a caregiver found to be wrong in the record of somebody she visits."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from songbai.core.accounts.rules import Actor
from songbai.core.errors import FormError, NotFound, SongbaiError
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get, reach_of
from songbai.domain.elders.rules import mask_name
from songbai.web.doors import FORM, door
from songbai.web.rooms.elders.looks import noted

from . import correcting


@door("caregiver", "elders/<int:elder_id>/correction/", FORM)
def correction(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """Ask for a correction; only one's own requests are shown."""
    elder = get(actor, elder_id)
    if actor.account not in reach_of(elder).accounts:
        raise NotFound  # the day of the visit is over: only her own record is still hers
    if request.method != "POST":
        return _show(request, actor, elder)
    try:
        correcting.ask(request, actor, elder)
    except FormError as error:
        return _show(request, actor, elder, error)
    messages.success(request, "交上去了。社区核对以后，这里会写明结果。")
    return redirect("caregiver:correction", elder_id)


def _show(
    request: HttpRequest, actor: Actor, elder: Elder, error: SongbaiError | None = None
) -> HttpResponse:
    noted(request, [elder], "护理员提更正", "name", "corrections")
    values = correcting.values(request, actor, elder, error)
    shown = {"elder": elder, "name": mask_name(elder.name), "here": "day", **values}
    return render(request, "caregiver/correction.html", shown, status=409 if error else 200)
