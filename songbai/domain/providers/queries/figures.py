"""Counting what is public about institutions."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from songbai.core.found import found_in
from songbai.core.regions.rules import inside
from songbai.domain.providers.models import Facility, Provider
from songbai.domain.providers.rules import FacilityKind


@dataclass(frozen=True)
class Beds:
    """Institutions of a division, their beds, and those free."""

    places: int
    beds: int
    free: int


def institutions(region: str) -> QuerySet[Facility]:
    """Institutions of a division that have not left, largest first."""
    return (
        Facility.objects.filter(
            kind=FacilityKind.INSTITUTION,
            **inside(region),
            provider__exited_on=None,
        )
        .select_related("provider", "region")
        .order_by("-beds", "id")
    )


def beds_in(region: str) -> Beds:
    """Beds of all institutions of a division."""
    row = institutions(region).aggregate(
        places=Count("id"), beds=Sum("beds", default=0), free=Sum("beds_free", default=0)
    )
    return Beds(**row)


def provider_names(ids: set[int]) -> dict[int, str]:
    """Names of providers, also of those that left."""
    return dict(Provider.objects.filter(pk__in=ids).values_list("pk", "name"))


def providers_by_id(ids: set[int]) -> list[Provider]:
    """These providers by name, also those that left."""
    return list(Provider.objects.filter(pk__in=ids).order_by("name", "id"))


def provider_of(provider_id: int) -> Provider:
    """One provider, also one that left: its old months are still settled. Raises NotFound."""
    return found_in(Provider.objects.filter(pk=provider_id).select_related("region"))
