"""Reading the catalogue: what can be had, from whom, at what price."""

from collections.abc import Iterable

from django.db.models import Min, Q, QuerySet

from songbai.core.errors import NotFound, Refused
from songbai.core.found import found_in
from songbai.domain.providers.models import Facility
from songbai.domain.providers.rules import FacilityKind

from .models import Offer, ServiceItem
from .rules import load
from .words import items_said


class NotOffered(Refused):
    """这家服务商没有这项服务，或服务不到您所在的镇街。请换一家，或选别的服务。"""

    field = "offer"


def _matching(rows: QuerySet[ServiceItem], words: str, kind: str) -> QuerySet[ServiceItem]:
    if words:
        rows = rows.filter(code__in=items_said(words))
    return rows.filter(kind=kind) if kind else rows


def items(words: str = "", kind: str = "") -> QuerySet[ServiceItem]:
    """Items that somebody offers, with ``price_from`` in fen, by kind and code."""
    rows = _matching(ServiceItem.objects.filter(offers__active=True), words, kind)
    return rows.annotate(price_from=Min("offers__price")).order_by("code")


def offers(words: str = "", kind: str = "", town: str = "") -> QuerySet[Offer]:
    """Active offers with provider and item; ``town`` keeps those served there."""
    rows = Offer.objects.filter(active=True, provider__exited_on=None)
    if words:
        rows = rows.filter(
            Q(item_id__in=items_said(words)) | Q(provider__name__icontains="".join(words.split()))
        )
    if kind:
        rows = rows.filter(item__kind=kind)
    if town:
        rows = rows.filter(areas__overlap=[town[:6], town[:9]])
    return rows.select_related("item", "provider").order_by("item_id", "price", "id")


def _serving(region: str) -> list[str]:
    """Every area code that covers a village."""
    return [region[:digits] for digits in (6, 9, 12)]


def home_items(region: str, words: str = "", kind: str = "") -> QuerySet[ServiceItem]:
    """Home-service items somebody offers in a village, with ``price_from`` in fen, by code."""
    rows = _matching(ServiceItem.objects.filter(at_home=True), words, kind)
    here = Q(
        offers__active=True,
        offers__provider__exited_on=None,
        offers__areas__overlap=_serving(region),
    )
    priced = rows.annotate(price_from=Min("offers__price", filter=here))
    return priced.filter(price_from__isnull=False).order_by("code")


def regular_items(region: str) -> QuerySet[ServiceItem]:
    """``home_items`` that can be ordered week by week: without those that ask for a destination."""
    return home_items(region).filter(goes_out=False)


def home_item(code: str) -> ServiceItem:
    """One home-service item. Raises NotFound."""
    return found_in(
        ServiceItem.objects.filter(code=code, at_home=True),
        NotFound("没有这项服务。请回到服务列表重新选。"),
    )


def home_offers(item_code: str, region: str) -> QuerySet[Offer]:
    """Who offers a home-service item in a village, cheapest first, with provider and item."""
    return home_offers_of([item_code], region)


def home_offers_of(item_codes: Iterable[str], region: str) -> QuerySet[Offer]:
    """Who offers any of these home-service items in a village, cheapest first."""
    return (
        Offer.objects.filter(
            item_id__in=list(item_codes),
            item__at_home=True,
            active=True,
            provider__exited_on=None,
            areas__overlap=_serving(region),
        )
        .select_related("item", "provider")
        .order_by("price", "id")
    )


def offer(offer_id: int) -> Offer:
    """One offer, also one that has ended, with provider and item. Raises NotFound."""
    return found_in(
        Offer.objects.filter(pk=offer_id).select_related("item", "provider"),
        NotFound("没有找到这项服务。请回到服务列表重新选。"),
    )


def offers_of(provider_id: int) -> QuerySet[Offer]:
    """What one provider offers, by kind."""
    return (
        Offer.objects.filter(provider_id=provider_id, active=True)
        .select_related("item")
        .order_by("item_id")
    )


def offers_at(places: Iterable[Facility]) -> dict[int, list[Offer]]:
    """What is had at each place itself, by its number: not what its operator does at homes."""
    kinds = {item.code: item.offered_at for item in load().items if item.offered_at}
    here = list(places)
    owners = {place.provider_id for place in here}
    rows = Offer.objects.filter(provider_id__in=owners, item_id__in=kinds, active=True)
    sold: dict[int, list[Offer]] = {}
    for offer in rows.select_related("item").order_by("item_id"):
        sold.setdefault(offer.provider_id, []).append(offer)
    return {
        place.pk: [
            offer
            for offer in sold.get(place.provider_id, ())
            if FacilityKind(place.kind) in kinds[offer.item_id]
        ]
        for place in here
    }


def orderable(offer_id: int, region: str) -> Offer:
    """An active home-service offer that serves this village. Raises NotFound, NotOffered."""
    offer = found_in(
        Offer.objects.filter(pk=offer_id).select_related("item", "provider"),
        NotFound("没有找到这项服务。请回到服务列表重新选。"),
    )
    served = any(region.startswith(area) for area in offer.areas)
    if not (offer.active and served and offer.item.at_home and offer.provider.exited_on is None):
        raise NotOffered
    return offer
