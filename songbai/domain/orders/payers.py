"""What orders do with money that comes after they were placed."""

from collections.abc import Collection

from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.core.ledger.registry import when_money_comes

from .actions import split_anew
from .models import Order
from .rules import CANCELLABLE, OWN


@when_money_comes
def split_open(actor: Actor, people: Collection[int], month: str) -> int:
    """Orders of a month that are not yet served are paid by it before people pay themselves;
    returns how many.
    """
    waiting = Order.objects.filter(
        elder_id__in=people, month=month, state__in=CANCELLABLE, shares__payer=OWN
    )
    ids = list(waiting.order_by("id").values_list("id", flat=True))
    return sum(_split(actor, order) for order in ids)


def _split(actor: Actor, order_id: int) -> bool:
    try:
        return split_anew(actor, order_id)
    except Refused:  # spent meanwhile: the order stays as it was ordered
        return False
