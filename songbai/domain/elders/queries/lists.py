"""The rows behind the counts of elders, and what a masked record shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Act, Actor
from songbai.core.crypto import decrypt
from songbai.core.regions.rules import bounds
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import visible
from songbai.domain.elders.rules import LivingSituation


def living_in(
    actor: Actor, region: str, *, min_age: int = 60, alone: bool = False, name: str = ""
) -> QuerySet[Elder]:
    """Living elders of a division from an age on, by village and name, as far as scope reaches.

    ``name`` keeps names that begin so. Raises NotAllowed.
    """
    require(actor, Act.ELDER_READ)
    low, high = bounds(region)
    rows = visible(actor).filter(
        region_id__gte=low,
        region_id__lte=high,
        died_on=None,
        birth_date__lte=_born_by(clock.today(), min_age),
    )
    if alone:
        rows = rows.filter(living=LivingSituation.LIVING_ALONE)
    if name:
        rows = rows.filter(name__gte=name, name__lt=f"{name}\U0010ffff")
    return rows.order_by("region_id", "name", "id")


def named(actor: Actor, ids: set[int]) -> dict[int, Elder]:
    """Those of these elders who are in the actor's scope, by id."""
    return {elder.pk: elder for elder in visible(actor).filter(pk__in=ids)}


@dataclass(frozen=True)
class Masked:
    """Fields of a record with only their ends; "" where none is registered."""

    id_number: str
    phone: str


def masked(elder: Elder) -> Masked:
    """The identity number and phone of a record, masked by the server."""
    return Masked(_ends(decrypt(elder.id_number), 4, 4), _ends(decrypt(elder.phone), 3, 4))


def proxies_of(elder: Elder) -> QuerySet[Proxy]:
    """Who may act for an elder now; the elder came from a scoped query."""
    return (
        Proxy.objects.filter(elder=elder, valid_until__gt=clock.now())
        .select_related("account")
        .order_by("id")
    )


def _ends(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        return "*" * len(text)
    return f"{text[:first]}{'*' * (len(text) - first - last)}{text[-last:]}"


def _born_by(today: date, age: int) -> date:
    """The latest birth date of somebody who is ``age`` today (29 February counts on 1 March)."""
    try:
        return today.replace(year=today.year - age)
    except ValueError:
        return date(today.year - age, 2, 28)
