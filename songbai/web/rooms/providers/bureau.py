"""The institutions behind the beds."""

from django.http import HttpRequest, HttpResponse

from songbai.core.accounts.rules import Actor
from songbai.domain.providers.queries.figures import beds_in, institutions
from songbai.web.doors import door
from songbai.web.frames.bureau.shell import page
from songbai.web.places import place_of


@door("bureau", "beds/")
def beds(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The institutions of a place and their beds."""
    place = place_of(actor, request.GET.get("region", ""))
    return page(
        request,
        "beds",
        "beds",
        place=place,
        beds=beds_in(place.prefix),
        rows=institutions(place.prefix),
    )
