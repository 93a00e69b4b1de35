"""The portal's front page, search, and one provider; nothing here shows a person."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from songbai.core.regions.queries import region
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.queries import offers_at, offers_of
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.providers.models import Facility
from songbai.domain.providers.queries import FacilitySearch, facility_counts, search_facilities
from songbai.domain.providers.queries import provider as provider_by_id
from songbai.domain.providers.rules import FacilityKind, OperatingMode
from songbai.web.doors import at
from songbai.web.views import HttpRequest, HttpResponse, render

from . import search

LAYERS = [
    (FacilityKind.INSTITUTION, "养老机构", "pine-600", True),
    (FacilityKind.CANTEEN, "老年食堂", "amber-400", True),
    (FacilityKind.BATH_POINT, "助浴点", "blue-600", True),
    (FacilityKind.STATION, "服务站", "ink-3", False),
]
NEAR_KINDS = [
    FacilityKind.INSTITUTION,
    FacilityKind.CANTEEN,
    FacilityKind.BATH_POINT,
    FacilityKind.STATION,
]
#: Places of one provider named on its page.
MOST_PLACES = 12


@at("portal", "")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page: search, map, what is near."""
    towns = search.towns()
    town = request.GET.get("town", "")
    if town not in {t.code for t in towns}:
        town = towns[0].code if towns else ""
    kind = request.GET.get("near", FacilityKind.INSTITUTION)
    if kind not in NEAR_KINDS:
        kind = FacilityKind.INSTITUTION
    counts = facility_counts(settings.PORTAL_REGION)
    values = {
        "here": "home",
        "counts": {
            "towns": len(towns),
            "facilities": counts.get(FacilityKind.INSTITUTION),
            "beds": counts.get("beds"),
            "stations": counts.get(FacilityKind.STATION),
        },
        "towns": [(t.code, t.name) for t in towns],
        "town": town,
        "quick": [
            {"label": "上门洗澡", "url": f"{reverse('portal:search')}?q=洗澡"},
            {"label": "午饭送到家", "url": f"{reverse('portal:search')}?q=送餐"},
            {"label": "陪同看病", "url": f"{reverse('portal:search')}?q=陪"},
            {
                "label": "离家近的食堂",
                "url": f"{reverse('portal:search')}?kind=canteen&town={town}",
            },
            {"label": "养老机构", "url": f"{reverse('portal:search')}?kind=institution"},
        ],
        "layers": [
            {"key": key, "label": label, "count": counts.get(key, 0), "token": token, "on": on}
            for key, label, token, on in LAYERS
        ],
        "points": search.map_points(settings.PORTAL_REGION),
        "kinds": [
            {
                "label": k.words,
                "url": f"?near={k}#list",
                "current": k == kind,
            }
            for k in NEAR_KINDS
        ],
        "near": _near(kind, town),
        "near_words": f"按离{region(town).name}的远近排列" if town else "",
    }
    return render(request, "portal/home.html", values)


def _near(kind: str, town: str) -> list[dict[str, Any]]:
    rows = search_facilities(
        FacilitySearch(kind=kind, region=settings.PORTAL_REGION, near=search.place_of(town))
    )
    return search.cards_of(rows[:4])


@at("portal", "search/", name="search")
@require_safe
@vary_on_headers("HX-Request")
def find(request: HttpRequest) -> HttpResponse:
    """Search by word, kind, town and distance; list and map side by side."""
    asked = search.asked_of(request.GET.dict())
    values = search.results(asked)
    if request.headers.get("HX-Request"):
        return render(request, "portal/_results.html", values)
    values |= {
        "here": "search",
        "asked": asked,
        "kinds": search.KINDS,
        "towns": [(t.code, t.name) for t in search.towns()],
        "distances": search.DISTANCES,
    }
    return render(request, "portal/search.html", values)


@at("portal", "providers/<int:provider_id>/")
@require_safe
def provider(request: HttpRequest, provider_id: int) -> HttpResponse:
    """One provider, or with ``?place=`` one place of it: what is had there, prices, inspection."""
    found = provider_by_id(provider_id)
    places = list(found.facilities.select_related("region").order_by("id"))
    wanted = request.GET.get("place", "")
    only = places[0] if len(places) == 1 and not found.home_care else None
    place = next((p for p in places if str(p.pk) == wanted), only)
    facts: dict[str, Any] = {
        "id": found.pk,
        "name": found.name,
        "kind_label": "上门服务" if found.home_care else found.summary,
        "ownership_label": OperatingMode(found.mode).words,
        "operator": found.name,
        "credit_code": found.uscc,
        "phone": found.phone,
    }
    if place:
        facts |= _place_facts(place)
    own = list(offers_of(found.pk))
    sold = offers_at([place])[place.pk] if place else own
    values = {
        "here": "search",
        "provider": facts,
        "place": place,
        "offers": [*_living_in(place), *(_offer(offer) for offer in sold)],
        "places": [] if place else _places_of(places),
        "more_places": max(0, len(places) - MOST_PLACES),
        "places_url": f"{reverse('portal:search')}?{urlencode({'q': found.name})}",
        "ordered": any(offer.item.at_home for offer in sold),
        "operator_url": reverse("portal:provider", args=[found.pk]) if place is not only else "",
        "at_home": any(offer.item.at_home for offer in own),
        "pins": [
            {"number": "", "name": p.name, "longitude": p.longitude, "latitude": p.latitude}
            for p in ([place] if place else [])
        ],
    }
    return render(request, "portal/provider.html", values)


def _places_of(places: list[Facility]) -> list[dict[str, Any]]:
    return [
        {
            "name": place.name,
            "url": search.place_address(place),
            "kind": FacilityKind(place.kind).words,
            "town": region(place.region_id[:9]).name,
            "price_fen": place.month_price or None,
        }
        for place in places[:MOST_PLACES]
    ]


def _living_in(place: Facility | None) -> list[dict[str, Any]]:
    """What living in a home costs from, as the lists say it."""
    if place is None or not place.month_price:
        return []
    return [
        {
            "name": "住在这里",
            "from": True,
            "price_fen": place.month_price,
            "unit": "月",
            "note": "按照料的多少还会加，包括什么请打电话问。",
        }
    ]


def _place_facts(place: Facility) -> dict[str, Any]:
    return {
        "name": place.name,
        "kind_label": FacilityKind(place.kind).words,
        "phone": place.phone,
        "town_name": region(place.region_id[:9]).name,
        "address": place.address,
        "hours": place.hours,
        "beds_total": place.beds,
        "beds_free": place.beds_free,
        "inspection": {"state": place.inspection, "on": place.inspected_on}
        if place.inspection and place.inspected_on
        else None,
    }


def _offer(offer: Offer) -> dict[str, Any]:
    item = offer.item
    skills = catalogue().skill_words
    return {
        "name": item.plain,
        "official_name": item.name,
        "minutes": item.minutes,
        "price_fen": offer.price,
        "unit": item.unit,
        "guide_fen": item.guide_price,
        "place": "上门" if item.at_home else "到店",
        "needs": "有" + "、".join(skills[s] for s in item.skills) + "的人" if item.skills else "",
        "order_url": f"{reverse('family:order_new')}?offer={offer.pk}" if item.at_home else "",
    }
