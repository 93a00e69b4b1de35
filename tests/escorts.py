"""What an escort to hospital needs: a hospital, an item that goes there, somebody who may."""

from songbai.core.accounts.rules import SYSTEM
from songbai.core.geo import Place
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import Offer, ServiceItem
from songbai.domain.orders.models import Order
from songbai.domain.providers.actions import MedicalSaid, publish_medical_places
from songbai.domain.providers.models import MedicalPlace
from songbai.domain.providers.queries import place_of

from .acts import placed
from .cast import HOME, Cast

#: An escort that ends at the hospital, and one that brings the elder home again.
ONE_WAY, THERE_AND_BACK = "B01-04", "B01-01"


def east(km: float) -> Place:
    """So many kilometres east of everybody's home."""
    return Place(HOME.longitude + km / 96.5, HOME.latitude)


def hospital(km: float = 4, code: str = "DEMO-1", **changes: object) -> MedicalPlace:
    """An invented hospital east of everybody's home."""
    place = east(km)
    values: dict[str, object] = {
        "code": code,
        "name": f"演示{km:g}公里医院",
        "region": "500151001001",
        "address": "演示路 1 号",
        "longitude": place.longitude,
        "latitude": place.latitude,
        "phone": "023-00000001",
    }
    publish_medical_places(SYSTEM, [MedicalSaid(**{**values, **changes})])  # type: ignore[arg-type]
    return MedicalPlace.objects.get(code=code)


def escort(cast: Cast, item: str = ONE_WAY) -> Offer:
    """The provider offers an escort, and Li Fang may do it."""
    if "escort" not in cast.staff.skills:
        cast.staff.skills = [*cast.staff.skills, "escort"]
        cast.staff.save(update_fields=["skills"])
    return make_offer(SYSTEM, cast.provider, ServiceItem.objects.get(pk=item), 7_000, ["500151"])


def ordered(
    cast: Cast, there: MedicalPlace | None = None, item: str = ONE_WAY, **changes: object
) -> Order:
    """The daughter has ordered an escort for tomorrow between nine and eleven."""
    there = there or hospital()
    offer = escort(cast, item)
    return placed(cast, offer_ids=[offer.pk], destination=there.pk, **changes)


def at(there: MedicalPlace) -> Place:
    """Where a phone is that is at a hospital."""
    return place_of(there)
