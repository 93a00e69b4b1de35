"""The rows behind the counts of elders, and what a masked record shows."""

from dataclasses import dataclass

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import decrypt
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import in_scope
from songbai.domain.elders.rules.family import SELF_RELATION


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
