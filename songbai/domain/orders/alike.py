"""Whether the same is ordered already: asked before it is ordered again."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from songbai.core.waiting import wait_for
from songbai.domain.elders.models import Elder

from .errors import LikeOrder
from .queries import like


def ask_again(
    elder: Elder, wanted: Iterable[tuple[Sequence[str], date]], known: Collection[uuid.UUID] = ()
) -> None:
    """Look whether these items are ordered for an elder on these days, but for ``known`` orders.

    The elder's orders wait until the transaction ends: of two at once the second sees the first.
    Raises LikeOrder.
    """
    wait_for([f"orders:{elder.pk}"])
    found = {
        order.pk: order
        for items, day in wanted
        for order in like(elder, items, day)
        if order.idempotency_key not in known
    }
    if found:
        raise LikeOrder(list(found.values()))
