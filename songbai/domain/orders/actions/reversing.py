"""The money of an order that was confirmed, perhaps paid, and turns out not to have been given."""

from songbai.core.acting import Actor
from songbai.core.ledger.actions import post
from songbai.core.waiting import wait_for
from songbai.domain.orders import money
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import REVERSIBLE, OrderState

from . import _move, _tell


def take_back(actor: Actor, order: Order, reason: str) -> None:
    """A locked order that was confirmed, and perhaps paid, was not given: all its money goes back.

    What the provider was paid it owes from now on. Raises TooLate.
    """
    if order.state not in REVERSIBLE or order.held:
        raise TooLate
    wait_for([money.debts_of(order.provider_id)])
    shares, paid = list(order.shares.all()), order.state == OrderState.SETTLED
    if paid:
        post(actor, money.reversals(order, shares))
    else:
        post(actor, money.takings_back(order, shares))
        post(actor, money.releases(order, shares))
    _move(order, OrderState.CANCELLED, cancel_reason=reason[:120])
    _tell(actor, "order.taken_back", order, paid=paid, reason=reason)
