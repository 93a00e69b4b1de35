"""Reading the ledger."""

from __future__ import annotations

from django.db.models import QuerySet, Sum

from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Act, Actor
from songbai.core.regions.rules import bounds

from .models import LedgerAccount, Transfer


def balance(code: str) -> int:
    """The balance of an account in minor units; 0 for one never opened."""
    row = LedgerAccount.objects.filter(code=code).values_list("balance", flat=True).first()
    return row or 0


def transfers_of(subject_kind: str, subject_id: int) -> QuerySet[Transfer]:
    """All transfers for one thing, oldest first, with both accounts."""
    return (
        Transfer.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
        .select_related("debit", "credit")
        .order_by("at", "id")
    )


def accounts_in(actor: Actor) -> QuerySet[LedgerAccount]:
    """Accounts of the officer's area.

    Raises NotAllowed.
    """
    require(actor, Act.LEDGER_READ)
    low, high = bounds(actor.region or "")
    return LedgerAccount.objects.filter(region_id__gte=low, region_id__lte=high)


def transfers_in(actor: Actor, month: str) -> QuerySet[Transfer]:
    """Transfers of one month in the officer's area, newest first.

    Raises NotAllowed.
    """
    require(actor, Act.LEDGER_READ)
    low, high = bounds(actor.region or "")
    return (
        Transfer.objects.filter(region_id__gte=low, region_id__lte=high, month=month)
        .select_related("debit", "credit")
        .order_by("-at", "id")
    )


def total(unit: str = "fen") -> int:
    """Sum of all balances of a unit: zero, or the books are wrong."""
    return LedgerAccount.objects.filter(unit=unit).aggregate(s=Sum("balance"))["s"] or 0
