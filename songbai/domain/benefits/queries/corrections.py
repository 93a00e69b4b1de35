"""Reading what is put right afterwards: arrears, recoveries, suspensions; always in scope."""

from typing import TypeVar

from django.db.models import F, Model, QuerySet

from songbai.core.accounts.rules import Actor
from songbai.core.found import found_in
from songbai.domain.benefits.models import Arrears, Recovery, Suspension
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import person_of_records

from .payments import cut

Row = TypeVar("Row", bound=Model)


def arrears_in(actor: Actor, policy: str = "") -> QuerySet[Arrears]:
    """Arrears in scope that no payment carries yet, the oldest month first. Raises NotAllowed."""
    rows = Arrears.objects.filter(payment=None, withdrawn_at=None).select_related("elder")
    return cut(actor, _of(rows, policy).order_by("month", "region_id", "id"))


def recoveries_in(actor: Actor, policy: str = "", *, open_only: bool = True) -> QuerySet[Recovery]:
    """Recoveries in scope with their instalments, the newest first. Raises NotAllowed."""
    rows = Recovery.objects.select_related("elder").prefetch_related("instalments")
    rows = _of(rows, policy)
    if open_only:
        rows = rows.exclude(owed=F("settled") + F("waived") + F("released"))
    return cut(actor, rows.order_by("-id"))


def recovery(actor: Actor, recovery_id: int) -> Recovery:
    """One recovery in scope with its person and instalments. Raises NotFound, NotAllowed."""
    rows = cut(actor, Recovery.objects.select_related("elder").prefetch_related("instalments"))
    return found_in(rows.filter(pk=recovery_id))


def suspensions_in(
    actor: Actor, policy: str = "", *, open_only: bool = True
) -> QuerySet[Suspension]:
    """Suspensions in scope, the newest first. Raises NotAllowed."""
    rows = _of(Suspension.objects.select_related("elder"), policy)
    return cut(actor, (rows.filter(ended_at=None) if open_only else rows).order_by("-id"))


def suspension(actor: Actor, suspension_id: int) -> Suspension:
    """One suspension in scope with its person. Raises NotFound, NotAllowed."""
    rows = Suspension.objects.select_related("elder").filter(pk=suspension_id)
    return found_in(cut(actor, rows))


def corrections_of_elder(
    actor: Actor, elder: Elder
) -> tuple[QuerySet[Arrears], QuerySet[Recovery], QuerySet[Suspension]]:
    """One person's arrears to come, recoveries and suspensions under all her records, also ended
    ones.

    Raises NotAllowed.
    """
    records = person_of_records([elder.pk])
    return (
        arrears_in(actor).filter(elder__in=records),
        recoveries_in(actor, open_only=False).filter(elder__in=records),
        suspensions_in(actor, open_only=False).filter(elder__in=records),
    )


def _of(rows: QuerySet[Row], policy: str) -> QuerySet[Row]:
    return rows.filter(policy=policy) if policy else rows
