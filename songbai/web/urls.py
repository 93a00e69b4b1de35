"""All addresses: each door's frame, and its pages in every room."""

from django.urls import URLResolver, include, path

from songbai.api.urls import api
from songbai.web import rooms
from songbai.web.doors import addresses
from songbai.web.frames import family, portal  # noqa: F401  # their pages
from songbai.web.frames.bureau import overview  # noqa: F401
from songbai.web.live import live


def _door(start: str, name: str, *doors: str) -> URLResolver:
    """The addresses of a namespace: what its frame shows, then the pages of the rooms in order."""
    pages = []
    for one in doors or (name,):
        rooms.modules(one)
        pages += addresses[one]
    return path(start, include((pages, name)))


handler500 = "songbai.web.away.server_error"
urlpatterns = [
    _door("", "portal"),
    _door("", "accounts", "entrance"),
    _door("family/", "family"),
    _door("caregiver/", "caregiver"),
    _door("desk/", "desk"),
    _door("provider/", "provider"),
    _door("bureau/", "bureau"),
    _door("assessor/", "assessor", "assessor", "body"),
    path("api/", api.urls),
    path("live/", live, name="live"),
]
