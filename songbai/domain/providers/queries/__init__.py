"""Reading what is public about providers and facilities."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, FloatField, Func, Min, Prefetch, Q, QuerySet, Sum, Value
from django.db.models.functions import ASin, Cos, Power, Radians, Sin, Sqrt

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotFound
from songbai.core.found import counted, found_in
from songbai.core.geo import EARTH_KM, Place, distance_km
from songbai.core.regions.rules import bounds, inside
from songbai.domain.providers.models import (
    Facility,
    MedicalPlace,
    Provider,
    Shift,
    StaffMember,
    Vehicle,
)
from songbai.domain.providers.rules import FacilityKind

#: So many hospitals are offered to choose from.
MOST_MEDICAL = 30


def distance_from(place: Place) -> Func:
    """Kilometres from a place to a row's ``longitude``/``latitude``, in the database."""
    lat, lon = Radians(F("latitude")), Radians(F("longitude"))
    half = Power(Sin((lat - Radians(Value(place.latitude))) / 2.0), 2) + (
        Cos(lat)
        * Cos(Radians(Value(place.latitude)))
        * Power(Sin((lon - Radians(Value(place.longitude))) / 2.0), 2)
    )
    return ASin(Sqrt(half), output_field=FloatField()) * Value(2 * EARTH_KM)  # type: ignore[return-value]


@dataclass(frozen=True)
class FacilitySearch:
    """What somebody looks for. Empty fields do not restrict.

    ``meant``: kinds of places that ``words`` say without being their name; ``inside``: the
    division whose name they are.
    """

    words: str = ""
    meant: frozenset[FacilityKind] = frozenset()
    inside: str = ""
    kind: str = ""
    region: str = ""
    near: Place | None = None
    within_km: float | None = None


def search_facilities(wanted: FacilitySearch) -> QuerySet[Facility]:
    """Facilities that fit, nearest first when a place is given; each has ``km`` then."""
    rows = Facility.objects.select_related("provider", "region")
    if wanted.words:
        fits = (
            Q(name__icontains=wanted.words)
            | Q(provider__name__icontains=wanted.words)
            | Q(kind__in=wanted.meant)
        )
        if wanted.inside:
            low, high = bounds(wanted.inside)
            fits |= Q(region_id__gte=low, region_id__lte=high)
        rows = rows.filter(fits)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.region:
        rows = rows.filter(**inside(wanted.region))
    if wanted.near is None:
        return rows.order_by("kind", "region_id", "id")
    measured = rows.annotate(km=distance_from(wanted.near))
    if wanted.within_km:
        measured = measured.filter(km__lte=wanted.within_km)
    return measured.order_by("km", "id")


def facilities_of(numbers: Iterable[int]) -> QuerySet[Facility]:
    """These places with who runs them."""
    return Facility.objects.filter(pk__in=list(numbers)).select_related("provider", "region")


def nearest_facilities(provider_ids: Iterable[int], place: Place | None) -> dict[int, Facility]:
    """For each provider its nearest facility, the first without a place; absent without one."""
    rows = Facility.objects.filter(provider_id__in=list(provider_ids)).order_by("-id")
    if place is not None:
        rows = rows.annotate(km=distance_from(place)).order_by("-km", "-id")
    return {row.provider_id: row for row in rows}


def provider(provider_id: int) -> Provider:
    """One provider that has not left. Raises NotFound."""
    return found_in(
        Provider.objects.filter(pk=provider_id, exited_on=None).select_related("region"),
        NotFound("没有找到这家服务商，可能已经退出。可以回到查询页重新找。"),
    )


def nearest_km(provider_ids: Iterable[int], place: Place) -> dict[int, float]:
    """For each provider, kilometres from a place to its nearest facility; absent without one."""
    measured = Facility.objects.filter(provider_id__in=list(provider_ids)).annotate(
        km=distance_from(place)
    )
    nearest = measured.values_list("provider").annotate(nearest=Min("km")).order_by()
    return dict(nearest)


def nearest_medical(home: Place) -> list[tuple[MedicalPlace, float]]:
    """Hospitals and health centres that are open, nearest first, with metres in a straight line."""
    rows = MedicalPlace.objects.filter(closed_on=None).annotate(km=distance_from(home))
    near = rows.order_by("km", "id")[:MOST_MEDICAL]
    return [(found, distance_km(home, place_of(found)) * 1000) for found in near]


def medical_place(place_id: int) -> MedicalPlace:
    """One that is open. Raises NotFound."""
    return found_in(
        MedicalPlace.objects.filter(pk=place_id, closed_on=None),
        NotFound("没有找到这家医院，可能已经关闭。请从列表里重新选。"),
    )


def place_of(medical: MedicalPlace) -> Place:
    """Where it is."""
    return Place(medical.longitude, medical.latitude)


def facility_counts(region: str) -> dict[str, int]:
    """How many facilities of each kind lie in a division, and ``beds`` of the institutions."""
    here = Facility.objects.filter(**inside(region))
    counts = counted(here, "kind")
    counts["beds"] = here.aggregate(s=Sum("beds"))["s"] or 0
    return counts


def staff_on(actor: Actor, day: date) -> QuerySet[Shift]:
    """Shifts of a day in the actor's scope, not sick, with staff and vehicle, by town and name."""
    rows = Shift.objects.filter(date=day, sick_at=None, staff__left_on=None)
    if actor.region is not None:
        rows = rows.filter(**inside(actor.region))
    else:
        rows = rows.filter(provider_id=actor.organisation)
    return (
        rows.select_related("staff", "vehicle")
        .only(
            *("date", "during", "provider_id", "region_id", "staff__name", "staff__skills"),
            *("staff__mode", "staff__longitude", "staff__latitude", "staff__region_id"),
            *("vehicle__kind", "vehicle__plate", "vehicle__capacity", "vehicle__longitude"),
            *("vehicle__latitude", "vehicle__refill_minutes"),
            "staff__provider_id",
            "staff__sex",
        )
        .order_by("staff__region_id", "staff_id")
    )


def own_staff(actor: Actor, day: date) -> list[StaffMember]:
    """A provider's caregivers by number, each with its shifts of a day as ``today``."""
    shifts = Shift.objects.filter(date=day).order_by("during")
    return list(
        StaffMember.objects.filter(provider_id=actor.organisation_id or 0, left_on=None)
        .select_related("account")
        .prefetch_related(Prefetch("shifts", queryset=shifts, to_attr="today"))
        .order_by("number")
    )


def staff_in(actor: Actor, day: date) -> list[StaffMember]:
    """Caregivers of the desk's area by provider and name, each with its shifts as ``today``."""
    shifts = Shift.objects.filter(date=day).order_by("during")
    return list(
        StaffMember.objects.filter(**inside(actor.region or ""), left_on=None)
        .select_related("account", "provider", "region")
        .prefetch_related(Prefetch("shifts", queryset=shifts, to_attr="today"))
        .order_by("provider__name", "name", "pk")
    )


def require_staff(actor: Actor, staff_id: int) -> None:
    """Raises NotFound for a caregiver outside the desk's area."""
    found_in(StaffMember.objects.filter(**inside(actor.region or ""), pk=staff_id))


def staff_gone(actor: Actor) -> list[StaffMember]:
    """Caregivers of the desk's area who left in the last two months, the latest first."""
    since = clock.today() - timedelta(days=60)
    rows = StaffMember.objects.filter(**inside(actor.region or ""), left_on__gte=since)
    return list(rows.select_related("provider").order_by("-left_on", "name", "pk"))


def staff_of(actor: Actor, provider_id: int) -> list[tuple[int, str]]:
    """Number and name of every caregiver of a provider in the desk's area, by name."""
    crew = StaffMember.objects.filter(provider_id=provider_id, left_on=None)
    crew = crew.filter(**inside(actor.region or ""))
    return list(crew.order_by("name", "pk").values_list("pk", "name"))


def own_vehicles(actor: Actor, day: date) -> list[Vehicle]:
    """A provider's vehicles in use, each with its shifts of a day as ``today``."""
    shifts = Shift.objects.filter(date=day, sick_at=None).select_related("staff").order_by("during")
    return list(
        Vehicle.objects.filter(provider_id=actor.organisation, retired_on=None)
        .prefetch_related(Prefetch("shifts", queryset=shifts, to_attr="today"))
        .order_by("kind", "plate")
    )


def own_shifts(actor: Actor, day: date) -> QuerySet[Shift]:
    """A provider's shifts of a day that are worked, with staff and vehicle, by name."""
    rows = Shift.objects.filter(
        provider_id=actor.organisation, date=day, sick_at=None, staff__left_on=None
    )
    return rows.select_related("staff", "vehicle").order_by("staff__name", "during")


def staff_of_account(actor: Actor) -> StaffMember:
    """The caregiver behind a login. Raises NotFound."""
    return found_in(
        StaffMember.objects.filter(account_id=actor.account, left_on=None).select_related(
            "provider"
        ),
        NotFound("您的账号还没有和护理员档案关联。请联系您的机构。"),
    )
