"""What the ledger says of orders: what providers earned and have not been paid."""

from django.db.models import Sum
from django.db.models.functions import Right

from songbai.core.accounts.rules import Actor
from songbai.core.ledger.queries import accounts_of
from songbai.domain.orders.declares import EARNED


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
