"""What the ledger says of orders: what providers earned and have not been paid."""

from collections.abc import Collection

from django.db.models import Sum
from django.db.models.functions import Right

from songbai.core import scope
from songbai.core.acting import Actor, require
from songbai.core.ledger.models import LedgerAccount
from songbai.core.ledger.queries import accounts_of, balances
from songbai.domain.orders.declares import EARNED, STATEMENT_READ
from songbai.domain.orders.money import debts_of, owed_account


def unpaid_before(actor: Actor, month: str) -> set[int]:
    """Providers that earned something before a month and have not been paid all of it.

    Raises NotAllowed.
    """
    rows = accounts_of(actor, EARNED).filter(balance__gt=0).order_by()
    rows = rows.annotate(earned_in=Right("code", 7)).filter(earned_in__lt=month)
    return {pk for pk in rows.values_list("organisation_id", flat=True) if pk}


def earned_unpaid(actor: Actor, month: str) -> dict[int, int]:
    """What the books say each provider earned in a month and was not paid, in fen.

    Raises NotAllowed.
    """
    rows = accounts_of(actor, EARNED, month).order_by()
    return dict(rows.values_list("organisation_id").annotate(fen=Sum("balance")))


def owed_by(provider_id: int, regions: Collection[str]) -> dict[str, int]:
    """Fen a provider owes the districts of these divisions, by account."""
    codes = {owed_account(provider_id, region).code for region in regions}
    return {code: -fen for code, fen in balances(sorted(codes)).items() if fen < 0}


def owed(actor: Actor, provider_id: int) -> int:
    """Fen a provider owes for care that was paid and not given, as far as the actor sees.

    Raises NotAllowed.
    """
    require(actor, STATEMENT_READ)
    accounts = scope.visible(LedgerAccount, actor)
    rows = accounts.filter(code__startswith=f"{debts_of(provider_id)}:")
    return -int(rows.aggregate(fen=Sum("balance", default=0))["fen"])
