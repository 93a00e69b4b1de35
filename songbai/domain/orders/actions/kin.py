"""Whoever ordered for an elder has died: somebody asks whether what is to come shall be."""

from songbai.core.accounts.numbers import death_of
from songbai.domain.elders.actions.passing import KIN
from songbai.domain.elders.actions.turning import ask_to_see_to
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import CANCELLABLE


def ask_about_orders_of_kin(elder_id: int, account_id: int) -> None:
    """Orders to come that somebody who has died placed for an elder go on the list; unless the
    death was found wrong meanwhile.
    """
    if death_of(account_id) is None:
        return
    placed = Order.objects.filter(elder_id=elder_id, placed_by_id=account_id, state__in=CANCELLABLE)
    for order in placed.select_related("elder").order_by("pk"):
        words = f"订单 {order.number} 是去世的家人下的，请问家里还要不要"
        ask_to_see_to(order.elder, "order", order.pk, words, KIN, account=account_id)
