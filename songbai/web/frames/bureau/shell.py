"""What every page of the bureau has: side bar with work to do, month, place, pages of a list."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.events.queries import Position, position
from songbai.core.regions.rules import Level, level_of
from songbai.web.asked import whole_number
from songbai.web.doors import frames, signed_in
from songbai.web.places import place_of
from songbai.web.plugs import entry_of, menu

ANY = ("", "不限")
T = TypeVar("T")
PER_PAGE = 25
#: Lists of people are cut off here: who needs more chooses a town first.
MOST_PAGES = 200
#: Counters of the side bar may be so old.
WORK_SECONDS = 30
#: So long a figure is kept when nothing happens.
NEWS_SECONDS = 600


def link(name: str, *args: object, **query: str | int | None) -> str:
    """The address of a page of this door with the given filters; empty ones are left out."""
    asked = urlencode({key: value for key, value in query.items() if value})
    return f"{reverse(f'bureau:{name}', args=args)}{'?' + asked if asked else ''}"


def page_of(
    rows: QuerySet[Any, Any] | Sequence[Any], request: HttpRequest, total: int | None = None
) -> Page[Any]:
    """The page of a list asked for by ``?page=``; ``total`` where the count is known already."""
    pages = Paginator(rows, PER_PAGE)
    if total is not None:
        pages.count = total
    return pages.get_page(request.GET.get("page"))


@dataclass(frozen=True)
class Slice:
    """A page of a list too long to be counted: its rows, and whether there are more."""

    rows: list[Any]
    number: int
    has_next: bool


def slice_of(rows: QuerySet[Model], request: HttpRequest, per_page: int = PER_PAGE) -> Slice:
    """The page asked for, of at most 200, reading one row more than shown."""
    number = min(max(whole_number(request.GET.get("page", "")), 1), MOST_PAGES)
    start = (number - 1) * per_page
    found = list(rows[start : start + per_page + 1])
    return Slice(found[:per_page], number, len(found) > per_page and number < MOST_PAGES)


def kept(actor: Actor, name: str, seconds: int, compute: Callable[[], T]) -> T:
    """A figure of the actor's scope; never shared across scopes.

    It may be ``seconds`` old; then it is computed anew as soon as anything has happened in the
    scope (0: at once), and after ten minutes in any case.
    """
    key = f"bureau:{actor.kind}:{actor.region}:{name}:{clock.today()}"
    found: tuple[T, Position, float] | None = cache.get(key)
    now, stands = time.monotonic(), None
    if found is not None:
        if now - found[2] < seconds:
            return found[0]
        stands = position()
        if stands == found[1]:
            return found[0]
    stands = stands or position()
    value = compute()
    cache.set(key, (value, stands, now), NEWS_SECONDS)
    return value


def page(
    request: HttpRequest, name: str, current: str, /, *, status: int = 200, **values: Any
) -> HttpResponse:
    """Draw ``bureau/<name>.html`` in the console shell."""
    actor = signed_in(request)
    place = place_of(actor)
    office = "民政局" if level_of(place.region.code) <= Level.DISTRICT else "民政办"
    shell = {
        "console_name": "松柏民政端",
        "console_of": f"{place.name}{office}",
        "side_nav": menu("bureau", current, actor),
        "kept_query": _without_page(request),
    }
    return render(request, f"bureau/{name}.html", {**shell, **values}, status=status)


def _draw(request: HttpRequest, name: str, menu: str, /, **values: Any) -> HttpResponse:
    return page(request, name, menu or entry_of("bureau", request.path), **values)


frames["bureau"] = _draw


def _without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def waits(name: str, count: Callable[[Actor], int]) -> Callable[[Actor], int]:
    """Work that waits for an officer, for a menu: counted at most half a minute ago."""
    return lambda actor: kept(actor, name, WORK_SECONDS, lambda: count(actor))
