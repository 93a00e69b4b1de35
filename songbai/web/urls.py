"""All addresses: each door's frame, and its pages in every room."""

from typing import Any

from django.urls import URLResolver, include, path

from songbai.api.urls import api
from songbai.web import rooms
from songbai.web.frames import bureau, family, portal
from songbai.web.live import live


def _door(start: str, name: str, *doors: str, frame: list[Any] | None = None) -> URLResolver:
    """The addresses of a namespace: what its frame shows, then the pages of the rooms in order."""
    pages = [
        page for door in doors or (name,) for room in rooms.modules(door) for page in room.addresses
    ]
    return path(start, include(((frame or []) + pages, name)))


handler500 = "songbai.web.away.server_error"
urlpatterns = [
    _door("", "portal", frame=portal.addresses),
    _door("", "accounts", "entrance"),
    _door("family/", "family", frame=family.addresses),
    _door("caregiver/", "caregiver"),
    _door("desk/", "desk"),
    _door("provider/", "provider"),
    _door("bureau/", "bureau", frame=bureau.addresses),
    _door("assessor/", "assessor", "assessor", "body"),
    path("api/", api.urls),
    path("live/", live, name="live"),
]
