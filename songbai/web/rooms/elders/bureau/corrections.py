"""A clerk asks for a correction; another one decides."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core.accounts.rules import Actor
from songbai.core.errors import FormError, SongbaiError
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get, village_words
from songbai.domain.elders.rules import mask_name
from songbai.web.doors import FORM, door
from songbai.web.frames.bureau.shell import page
from songbai.web.rooms.elders.looks import noted

from .. import correcting


@door("bureau", "elders/<int:elder_id>/correction/", FORM)
def correction(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """What is wrong in a record, what is right, on what proof."""
    elder = get(actor, elder_id)
    if request.method != "POST":
        return _show(request, actor, elder)
    try:
        proposal = correcting.ask(request, actor, elder)
    except FormError as error:
        return _show(request, actor, elder, error)
    messages.success(request, "提交了。另一位同事核对后生效。")
    return redirect("bureau:proposal", proposal.pk)


def _show(
    request: HttpRequest, actor: Actor, elder: Elder, error: SongbaiError | None = None
) -> HttpResponse:
    noted(request, [elder], "提更正", "name", "corrections")
    return page(
        request,
        "correction",
        "elders",
        status=409 if error else 200,
        elder=elder,
        name=mask_name(elder.name),
        village=village_words(elder),
        **correcting.values(request, actor, elder, error),
    )
