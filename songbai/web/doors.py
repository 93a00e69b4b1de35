"""What every page of a door begins with: who may come in."""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from songbai.core.accounts.rules import Actor
from songbai.core.errors import AnotherWasFirst, Mendable, NotAllowed, SongbaiError
from songbai.core.found import is_twice

#: What a page shows, by the names its template knows.
Values = dict[str, Any]
#: What a view answers: the answer itself, or what its page shows, which its door draws.
Shown = HttpResponse | Values
View = Callable[..., Shown]
Answer = Callable[..., HttpResponse]
#: Where a translator puts IPv4 addresses (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")
#: The code of the role that opens each door.
DOORS = {
    "family": "family",
    "caregiver": "caregiver",
    "desk": "dispatcher",
    "provider": "provider",
    "bureau": "officer",
    "assessor": "assessor",
    "body": "body",
}


#: What a view answers: a page is asked for; a form is asked for and sent; only what is sent.
PAGE, FORM, POST = ("GET", "HEAD"), ("GET", "HEAD", "POST"), ("POST",)


#: The addresses of each door's pages, in the order their files are read.
addresses: defaultdict[str, list[URLPattern]] = defaultdict(list)


#: How a door draws a page with more around it than a template has: given the request, the page's
#: name and its entry of the menu ("" for the nearest), and what it shows.
frames: dict[str, Answer] = {}


def at(door: str, route: str, *, name: str = "") -> Callable[[Answer], Answer]:
    """Decorator of a view, the outermost: its address behind a door, by the view's own name if no
    other is given.
    """

    def stand(view: Answer) -> Answer:
        addresses[door].append(path(route, view, name=name or view.__name__))
        return view

    return stand


def door(
    role: str, route: str, methods: Iterable[str] = PAGE, *, name: str = "", menu: str = ""
) -> Callable[[View], View]:
    """Decorator of a view, the outermost: its address (see ``at``), at which only the door's role
    comes in, and the view is told who; strangers are asked to log in.

    What its page shows the door draws (``frames``), in the template of the address's name, with the
    entry of the menu marked under which it is, or ``menu``.
    """
    kind = DOORS[role]

    def wrap(view: View) -> View:
        shown = _drawn(view, role, name, menu)
        answer = require_http_methods([*methods])(shown)

        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if actor is None:
                return redirect_to_login(request)
            if actor.kind != kind:
                raise NotAllowed
            return answer(request, actor, *args, **kwargs)

        guarded.door, guarded.page = role, shown  # type: ignore[attr-defined]
        return at(role, route, name=name)(guarded)

    return wrap


def _drawn(view: View, role: str, name: str, menu: str) -> Answer:
    """The view, what its page shows drawn."""
    named = name or view.__name__

    @functools.wraps(view)
    def draw(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if not isinstance(answer, dict):
            return answer
        if frame := frames.get(role):
            return frame(request, named, menu, **answer)
        return render(request, f"{role}/{named}.html", {"here": menu or named, **answer})

    return draw


def form(
    role: str,
    route: str,
    *,
    name: str = "",
    menu: str = "",
    status: int = 409,
    mends: type[SongbaiError] = Mendable,
    shows: View | None = None,
) -> Callable[[View], View]:
    """Decorator of a view with a form, as ``door``: what it refuses when it was ``posted`` it shows
    (``refusal``) with itself once more, under this status, and nothing typed is lost.

    ``shows``: to this address is only sent, and what it refuses this other page shows,
    which is given the same parts of the address.
    """
    page: Answer | None = getattr(shows, "page", shows)  # type: ignore[arg-type]  # a plain function draws itself

    def wrap(view: View) -> View:
        shown = _drawn(view, role, name, menu)

        @functools.wraps(view)
        def again(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return shown(request, *args, **kwargs)
            except (mends, IntegrityError) as error:
                if not posted(request) or not (isinstance(error, mends) or is_twice(error)):
                    raise
                told = AnotherWasFirst() if is_twice(error) else error
                request.refusal = told  # type: ignore[attr-defined]
            response = (page or shown)(request, *args, **kwargs)
            response.status_code = 403 if isinstance(refusal(request), NotAllowed) else status
            return response

        return door(role, route, POST if page else FORM, name=name)(again)

    return wrap


def posted(request: HttpRequest) -> bool:
    """Whether a form was sent and is still to be dealt with."""
    return request.method == "POST" and refusal(request) is None


def refusal(request: HttpRequest) -> SongbaiError | None:
    """Why what was sent was refused."""
    error: SongbaiError | None = getattr(request, "refusal", None)
    return error


def actor_of(request: HttpRequest) -> Actor | None:
    """Who makes this request, None for a stranger."""
    actor: Actor | None = getattr(request, "actor", None)
    return actor


def signed_in(request: HttpRequest) -> Actor:
    """Who makes this request.

    Raises NotAllowed for a stranger.
    """
    actor = actor_of(request)
    if actor is None:
        raise NotAllowed
    return actor


def private(response: HttpResponse) -> HttpResponse:
    """An answer of which no copy is kept anywhere."""
    response["Cache-Control"] = "no-store"
    return response


def redirect_to_login(request: HttpRequest) -> HttpResponse:
    """To the login page and back; htmx requests are told to load it whole."""
    here = (
        request.get_full_path() if request.method in PAGE else request.headers.get("Referer", "/")
    )
    target = f"{reverse('accounts:login')}?{urlencode({'next': here})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = target
        return response
    return redirect(target)


def source_of(request: HttpRequest) -> str:
    """The address a request comes from: what the outermost of our own proxies saw.

    Of an IPv6 address only the network counts, a household changes the rest at will; of one that
    stands for an IPv4 address (RFC 4291, 3056, 6052) that one, or all of them were one place.
    """
    told = [one for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    proxies: int = settings.PROXIES
    seen = told[-proxies] if 0 < proxies <= len(told) else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(_without_port(seen.strip()))
    except ValueError:
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    if inner := address.ipv4_mapped or address.sixtofour or _translated(address):
        return str(inner)
    return str(ip_network((int(address), 64), strict=False))


def _without_port(told: str) -> str:
    """``1.2.3.4:50612`` and ``[2001:db8::1]:443``, as some proxies tell them, without the port."""
    if told.startswith("["):
        return told[1:].partition("]")[0]
    return told.partition(":")[0] if told.count(":") == 1 else told


def _translated(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a translator spells so (RFC 6052, 2.1)."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else None
