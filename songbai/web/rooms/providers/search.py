"""Public search over facilities and home services, as the list and the map show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.http import urlencode

from songbai.core.geo import Place, distance_km
from songbai.core.regions.models import Region
from songbai.core.regions.queries import children, region
from songbai.core.regions.rules import Level, bounds
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.queries import offers, offers_at
from songbai.domain.catalogue.words import items_said, meant
from songbai.domain.providers.models import Facility
from songbai.domain.providers.queries import (
    FacilitySearch,
    facilities_of,
    nearest_facilities,
    search_facilities,
)
from songbai.domain.providers.rules import FacilityKind, OperatingMode
from songbai.web.asked import whole_number

HOME_SERVICE = "home"
KINDS = [
    (HOME_SERVICE, "上门服务"),
    *((k.value, k.words) for k in FacilityKind if k is not FacilityKind.DISTRICT_CENTRE),
]
DISTANCES = ["1", "3", "5", "10", "20"]
PER_PAGE = 20


@dataclass(frozen=True)
class Asked:
    """What somebody asked for; unknown values were dropped."""

    q: str
    kind: str
    town: str
    km: str
    page: int

    def address(self, **changes: str) -> str:
        """The search page with these filters."""
        values = {"q": self.q, "kind": self.kind, "town": self.town, "km": self.km, **changes}
        return f"{reverse('portal:search')}?{urlencode({k: v for k, v in values.items() if v})}"


def asked_of(given: dict[str, str]) -> Asked:
    """Read the filters of an address; what nobody offers counts as not asked."""
    page = given.get("page", "1")
    words, named = _without_town(given.get("q", "")[:40].split())
    town = given.get("town", "") or named
    return Asked(
        q="".join(words),
        kind=given.get("kind", "") if given.get("kind") in dict(KINDS) else "",
        town=town if town in {t.code for t in towns()} else "",
        km=given.get("km", "") if given.get("km") in DISTANCES else "",
        page=min(max(whole_number(page), 1), 999),
    )


def _without_town(words: list[str]) -> tuple[list[str], str]:
    """Words without a town that stands beside others, and its code: 洗澡 安居, 安居养老院."""
    for town in towns():
        names = [town.name, town.short]
        left = [word for word in words if word not in names]
        if left and left != words:
            return left, town.code
        for name in names:
            rest = [word.removeprefix(name).removesuffix(name) for word in words]
            looked_for = meant("".join(rest))
            if rest != words and len("".join(rest)) > 1 and (looked_for.items or looked_for.places):
                return rest, town.code  # else it is the name of a place
    return words, ""


def _named(words: str) -> str:
    """The town that is all somebody typed, by its name or its short one; else ""."""
    return next((town.code for town in towns() if words in {town.name, town.short}), "")


def towns() -> tuple[Region, ...]:
    """Towns of the portal's division."""
    return children(settings.PORTAL_REGION, Level.TOWN)


def place_of(town: str) -> Place | None:
    """Where distances start."""
    if not town:
        return None
    found = region(town)
    if found.longitude is None or found.latitude is None:
        return None
    return Place(found.longitude, found.latitude)


def results(asked: Asked) -> dict[str, Any]:
    """Context of the result list: home services first, then places; nearest first when asked."""
    near = place_of(asked.town)
    services = _home_services(asked, near) if asked.kind in {"", HOME_SERVICE} else []
    places = [] if asked.kind == HOME_SERVICE else _places(asked, near)
    found: list[dict[str, Any]] = [*services, *places]
    if near:
        found.sort(key=lambda row: (row["metres"] is None, row["metres"] or 0))
    first = (asked.page - 1) * PER_PAGE
    page = _filled(found[first : first + PER_PAGE], asked.q)
    for number, row in enumerate(page, first + 1):
        row["number"] = number
    pins = [_pin(row) for row in page if row["longitude"] is not None]
    return {
        "total": len(found),
        "results": page,
        "sort_words": f"按离{region(asked.town).name}的远近排列" if near else "",
        "pins": pins,
        "previous_url": asked.address(page=str(asked.page - 1)) if asked.page > 1 else "",
        "next_url": asked.address(page=str(asked.page + 1))
        if first + PER_PAGE < len(found)
        else "",
        "page_words": f"第 {first + 1}–{first + len(page)} 家，共 {len(found)} 家" if page else "",
        "leads": sorted(meant(asked.q).leads),
        "widen": _widen(asked) if not found else None,
    }


def _places(asked: Asked, near: Place | None) -> list[dict[str, Any]]:
    """Places that fit, by number and distance only: a page of them is filled later."""
    rows = search_facilities(
        FacilitySearch(
            words=asked.q,
            meant=meant(asked.q).places,
            inside=named[:9] if (named := _named(asked.q)) else "",
            kind=asked.kind,
            region=settings.PORTAL_REGION if near else asked.town[:9] or settings.PORTAL_REGION,
            near=near,
            within_km=float(asked.km) if asked.km else None,
        )
    )
    if near is None:
        return [{"place": number, "metres": None} for number in rows.values_list("pk", flat=True)]
    return [{"place": row.pk, "metres": round(getattr(row, "km", 0) * 1000)} for row in rows]


def _filled(rows: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """The rows of one page, each place as a card."""
    wanted = [row["place"] for row in rows if "place" in row]
    cards = {one["facility"]: one for one in cards_of(facilities_of(wanted), words)}
    return [
        {**cards[row["place"]], "metres": row["metres"]} if "place" in row else row for row in rows
    ]


def _home_services(asked: Asked, near: Place | None) -> list[dict[str, Any]]:
    if not asked.q and asked.kind != HOME_SERVICE:
        return []
    found: dict[int, list[Offer]] = {}
    low, high = bounds(settings.PORTAL_REGION)
    here = {"provider__region_id__gte": low, "provider__region_id__lte": high}
    for offer in offers(words=asked.q, town=asked.town).filter(item__at_home=True, **here):
        found.setdefault(offer.provider_id, []).append(offer)
    seats = nearest_facilities(found, near)
    codes = items_said(asked.q)
    rows = [
        _service_card(_looked_for(mine, codes) or mine, seats.get(pid), near)
        for pid, mine in found.items()
    ]
    if asked.km and near:
        most = float(asked.km) * 1000
        rows = [row for row in rows if row["metres"] is not None and row["metres"] <= most]
    rows.sort(key=lambda row: (row["price_fen"], row["id"]))
    return rows


def _looked_for(mine: Iterable[Offer], codes: frozenset[str]) -> list[Offer]:
    return [offer for offer in mine if offer.item_id in codes]


def _service_card(mine: list[Offer], place: Facility | None, near: Place | None) -> dict[str, Any]:
    provider = mine[0].provider
    metres = None
    if place and near:
        metres = round(distance_km(near, Place(place.longitude, place.latitude)) * 1000)
    cheapest = min(mine, key=lambda offer: offer.price)
    return {
        "id": provider.pk,
        "name": provider.name,
        "url": reverse("portal:provider", args=[provider.pk]),
        "kind_label": "上门服务",
        "ownership_label": OperatingMode(provider.mode).words,
        "metres": metres,
        "price_fen": cheapest.price,
        "price_unit": cheapest.item.unit,
        "services": [offer.item.plain for offer in mine[:4]],
        "longitude": place.longitude if place else None,
        "latitude": place.latitude if place else None,
    }


def cards_of(facilities: Iterable[Facility], words: str = "") -> list[dict[str, Any]]:
    """Places as cards and rows show them; the price is of what is looked for and had there."""
    rows = list(facilities)
    sold, codes = offers_at(rows), items_said(words) if words else frozenset()
    return [_card(row, sold[row.pk], _looked_for(sold[row.pk], codes)) for row in rows]


def _card(facility: Facility, sold: list[Offer], wanted: list[Offer]) -> dict[str, Any]:
    km = getattr(facility, "km", None)
    town = region(facility.region_id[:9])
    price, unit = facility.month_price or None, "月" if facility.month_price else ""
    sold = wanted or sold
    if sold and (wanted or price is None):
        cheapest = min(sold, key=lambda offer: offer.price)
        price, unit = cheapest.price, cheapest.item.unit
    return {
        "id": facility.provider_id,
        "facility": facility.pk,
        "name": facility.name,
        "url": place_address(facility),
        "kind_label": FacilityKind(facility.kind).words,
        "ownership_label": OperatingMode(facility.provider.mode).words,
        "town_name": town.name,
        "metres": round(km * 1000) if km is not None else None,
        "price_fen": price,
        "price_unit": unit,
        "services": [offer.item.plain for offer in sold[:4]],
        "beds_total": facility.beds,
        "beds_free": facility.beds_free,
        "inspection_state": facility.inspection,
        "longitude": facility.longitude,
        "latitude": facility.latitude,
    }


def place_address(facility: Facility) -> str:
    """The page of one place."""
    return f"{reverse('portal:provider', args=[facility.provider_id])}?place={facility.pk}"


def _pin(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("number", "name", "url", "longitude", "latitude")}


def _widen(asked: Asked) -> dict[str, str] | None:
    """A wider search that finds something."""
    if not asked.km:
        return None
    wider = next((km for km in DISTANCES if float(km) > float(asked.km)), "")
    words = f"放宽到 {wider} 公里再找" if wider else "不限远近再找"
    return {"text": "这么近没有。", "action": words, "url": asked.address(km=wider)}


def map_points(prefix: str) -> dict[str, Any]:
    """All facilities of a division by kind, as GeoJSON; kept for five minutes."""
    key = f"portal:points:{prefix}"
    points: dict[str, Any] | None = cache.get(key)
    if points is None:
        points = {}
        for facility in search_facilities(FacilitySearch(region=prefix)):
            features = points.setdefault(
                facility.kind, {"type": "FeatureCollection", "features": []}
            )["features"]
            features.append(_feature(facility))
        cache.set(key, points, 300)
    return points


def _feature(facility: Facility) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": facility.name, "url": place_address(facility)},
        "geometry": {
            "type": "Point",
            "coordinates": [round(facility.longitude, 5), round(facility.latitude, 5)],
        },
    }
