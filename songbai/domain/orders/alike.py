"""Whether the same, or somebody for the same time, is ordered already: asked before ordering."""

import uuid
from collections.abc import Collection, Iterable

from songbai.core.waiting import wait_for
from songbai.domain.elders.models import Elder

from .errors import LikeOrder
from .queries import like
from .rules import Wanted


def ask_again(elder: Elder, wanted: Iterable[Wanted], known: Collection[uuid.UUID] = ()) -> None:
    """Look whether an elder has the like of these visits, or another at their time, ordered
    already, but for ``known`` orders.

    The elder's orders wait until the transaction ends: of two at once the second sees the first.
    Raises LikeOrder.
    """
    wanted = list(wanted)
    wait_for([f"orders:{elder.pk}"])
    found = {
        order.pk: order
        for one in wanted
        for order in like(elder, one)
        if order.idempotency_key not in known
    }
    if found:
        items = {item for one in wanted for item in one.items}
        raise LikeOrder(list(found.values()), items)
