"""The institutions behind the beds."""

from songbai.domain.providers.queries.figures import beds_in, institutions
from songbai.web.frames.bureau import place_of
from songbai.web.views import Actor, HttpRequest, Shown, door


@door("bureau", "beds/")
def beds(request: HttpRequest, actor: Actor) -> Shown:
    """The institutions of a place and their beds."""
    place = place_of(actor, request.GET.get("region", ""))
    return {"place": place, "beds": beds_in(place.prefix), "rows": institutions(place.prefix)}
