"""What can be had at home, and who does it."""

from itertools import groupby
from operator import attrgetter

from django.core.paginator import Paginator

from songbai.domain.catalogue.queries import home_item, home_items, home_offers
from songbai.domain.catalogue.rules import load
from songbai.domain.elders.queries import home_of
from songbai.domain.providers.queries import nearest_km
from songbai.web.rooms.elders.household import household
from songbai.web.views import Actor, HttpRequest, Shown, door

A_PAGE = 20


@door("family", "services/")
def services(request: HttpRequest, _: Actor) -> Shown:
    """What can be had at home in the elder's village, by kind and group."""
    home = household(request)
    words, kind = request.GET.get("q", "").strip()[:40], request.GET.get("kind", "")
    region = home.elder.region_id
    everything = home_items(region)
    kinds = list(everything.order_by("kind").values_list("kind", flat=True).distinct())
    plain = load().plain_words
    items = home_items(region, words, kind) if words or kind else everything
    return {
        "household": home,
        "groups": [
            (plain[group], list(rows)) for group, rows in groupby(items, key=attrgetter("group"))
        ],
        "kinds": [(name, plain[name]) for name in kinds],
        "words": words,
        "kind": kind,
    }


@door("family", "services/<str:item_code>/", menu="services")
def offers(request: HttpRequest, _: Actor, item_code: str) -> Shown:
    """Who does this here: price beside the guide price, minutes, how far away."""
    home = household(request)
    item = home_item(item_code)
    rows = list(home_offers(item.pk, home.elder.region_id))
    distances = nearest_km([row.provider_id for row in rows], home_of(home.elder))
    near_first = request.GET.get("sort") == "near"
    if near_first:
        rows.sort(key=lambda row: distances.get(row.provider_id, float("inf")))
    page_of_rows = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return {
        "household": home,
        "item": item,
        "page": page_of_rows,
        "found": [(row, _metres(distances.get(row.provider_id))) for row in page_of_rows],
        "near_first": near_first,
    }


def _metres(km: float | None) -> float | None:
    return None if km is None else km * 1000
