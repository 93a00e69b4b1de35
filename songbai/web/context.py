"""What every template may use."""

import uuid
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import UnknownRegion
from songbai.core.regions.queries import path
from songbai.web.asked import errors_of
from songbai.web.doors import DOORS, refusal
from songbai.web.plugs import links

MODE_COOKIE = "songbai-mode"


def home_url(actor: Actor) -> str:
    """The first page of the actor's door: what stands first in its menu."""
    door = next((name for name, kind in DOORS.items() if kind == actor.kind), "portal")
    return next(iter(links[door])).url()


def house(request: HttpRequest) -> dict[str, Any]:
    """The actor, the elder mode, the time, the name of the site, and whether this is the demo; of a
    form what was typed, what is wrong with it, and the key by which sending it twice is once.
    """
    actor: Actor | None = getattr(request, "actor", None)
    typed = _typed(request)
    return {
        "actor": actor,
        "me": _me(actor) if actor else None,
        "elder_mode": request.COOKIES.get(MODE_COOKIE) == "elder",
        "now": clock.now(),
        "demo": settings.DEMO,
        "site_name": f"松柏·{place_name()}养老服务网",
        "typed": typed,
        "errors": errors_of(refusal(request)),
        "key": typed.get("idempotency_key") or str(uuid.uuid4()),
        "organiser": f"{place_name(whole=True)}民政局",
    }


def _typed(request: HttpRequest) -> QueryDict:
    """What was sent; nothing where it cannot be read, as the page says that is drawn now."""
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation):
        return QueryDict()


def _me(actor: Actor) -> dict[str, str]:
    return {
        "name": actor.name,
        "role_label": actor.kind.words if actor.kind else "",
        "home_url": home_url(actor),
    }


@lru_cache(maxsize=2)
def place_name(*, whole: bool = False) -> str:
    """铜梁, or with its city 重庆市铜梁区."""
    try:
        regions = path(settings.PORTAL_REGION) or []
    except UnknownRegion:
        return ""
    if not regions:
        return ""
    name = regions[-1].name
    if whole:
        return f"重庆市{name}" if regions[-1].code.startswith("50") else name
    return name.removesuffix("区").removesuffix("县")
