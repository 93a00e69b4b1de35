"""The institutions behind the beds."""

from songbai.domain.providers.queries.figures import beds_in, institutions
from songbai.web.frames.bureau import page, place_of
from songbai.web.views import Actor, HttpRequest, HttpResponse, door


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
