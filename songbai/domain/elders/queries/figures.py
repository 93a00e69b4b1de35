"""Counting the register: sums of the nightly summary, never of 100,000 records; the rows behind."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Left

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.crypto import decrypt
from songbai.core.regions.rules import inside
from songbai.domain.elders.declares import OVERVIEW_READ
from songbai.domain.elders.models import Elder, ElderCount, Proxy
from songbai.domain.elders.queries import in_scope
from songbai.domain.elders.rules import LivingSituation
from songbai.domain.elders.rules.family import SELF_RELATION

_SIXTY, _EIGHTY = Q(age_band__gte=60), Q(age_band__gte=80)


@dataclass(frozen=True)
class Heads:
    """Living elders of 60 and more, how many of them are 80 and more, and how many live alone."""

    elders: int = 0
    old: int = 0
    alone: int = 0
    counted_at: datetime | None = None

    @property
    def old_share(self) -> float | None:
        """Share of those of 80 and more in percent; None without elders."""
        return 100 * self.old / self.elders if self.elders else None


def heads(actor: Actor, region: str) -> Heads:
    """The elders of a division, as of the last count; ``counted_at`` is None before the first.

    Raises NotAllowed.
    """
    row = _counts(actor, region).aggregate(
        elders=Sum("n", filter=_SIXTY, default=0),
        old=Sum("n", filter=_EIGHTY, default=0),
        alone=Sum("n", filter=_SIXTY & Q(living=LivingSituation.LIVING_ALONE), default=0),
        counted_at=Max("counted_at"),
    )
    return Heads(**row)


def heads_by_division(actor: Actor, region: str, digits: int) -> dict[str, Heads]:
    """The elders of a division's parts, by the first ``digits`` of their codes.

    Raises NotAllowed.
    """
    rows = (
        _counts(actor, region)
        .values(part=Left("region_id", digits))
        .annotate(
            elders=Sum("n", filter=_SIXTY, default=0),
            old=Sum("n", filter=_EIGHTY, default=0),
            alone=Sum("n", filter=_SIXTY & Q(living=LivingSituation.LIVING_ALONE), default=0),
        )
        .order_by("part")
    )
    return {row["part"]: Heads(row["elders"], row["old"], row["alone"]) for row in rows}


@dataclass(frozen=True)
class Group:
    """Part of the elders: from an age on (a multiple of ten), of a hardship class, of a living
    situation; "" does not restrict.
    """

    age: int = 60
    hardship: str = ""
    living: str = ""


def group_by_division(actor: Actor, region: str, digits: int, group: Group) -> dict[str, int]:
    """How many elders of a group live in each part of a division, as of the last count.

    Raises NotAllowed.
    """
    rows = _counts(actor, region).filter(age_band__gte=group.age)
    if group.hardship:
        rows = rows.filter(hardship=group.hardship)
    if group.living:
        rows = rows.filter(living=group.living)
    parts = rows.values_list(Left("region_id", digits)).annotate(n=Sum("n")).order_by()
    return dict(parts)


@dataclass(frozen=True)
class Cell:
    """How many elders of a part of a division share age band, hardship class and situation."""

    part: str
    age_band: int
    hardship: str
    living: str
    n: int


def cells(actor: Actor, region: str, digits: int) -> list[Cell]:
    """The last count in its finest groups, from which every table of it is added up.

    Raises NotAllowed.
    """
    rows = (
        _counts(actor, region)
        .filter(_SIXTY)
        .values_list(Left("region_id", digits), "age_band", "hardship", "living")
        .annotate(n=Sum("n"))
        .order_by()
    )
    return [Cell(*row) for row in rows]


def _counts(actor: Actor, region: str) -> QuerySet[ElderCount]:
    require(actor, OVERVIEW_READ)
    return ElderCount.objects.filter(**inside(region)).filter(**inside(actor.region or ""))


def named(actor: Actor, ids: set[int]) -> dict[int, Elder]:
    """Those of these elders who are in the actor's scope, by id."""
    return {elder.pk: elder for elder in in_scope(actor).filter(pk__in=ids)}


@dataclass(frozen=True)
class Masked:
    """Fields of a record with only their ends; "" where none is registered."""

    id_number: str
    phone: str


def masked(elder: Elder) -> Masked:
    """The identity number and phone of a record, masked by the server."""
    return Masked(ends(decrypt(elder.id_number), 4, 4), ends(decrypt(elder.phone), 3, 4))


def proxies_of(elder: Elder) -> QuerySet[Proxy]:
    """Who may act for an elder now; the elder came from a scoped query."""
    return (
        Proxy.objects.filter(elder=elder, valid_until__gt=clock.now())
        .select_related("account")
        .order_by("id")
    )


def has_family(elder: Elder) -> bool:
    """Whether anybody but the elder acts for them now; the elder came from a scoped query."""
    return proxies_of(elder).exclude(relation=SELF_RELATION).exists()


def ends(text: str, first: int, last: int) -> str:
    """A number of which only the beginning and the end are shown."""
    if len(text) <= first + last:
        return "*" * len(text)
    return f"{text[:first]}{'*' * (len(text) - first - last)}{text[-last:]}"
