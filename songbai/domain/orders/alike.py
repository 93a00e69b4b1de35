"""What is asked before ordering: whether the like, or somebody for the time, is ordered already,
and whether anybody is at home.
"""

import uuid
from collections.abc import Collection, Iterable

from songbai.core.waiting import wait_for
from songbai.domain.elders.models import Elder

from .errors import LikeOrder
from .queries import absent_on, like
from .rules import Wanted


def ask_again(
    elder: Elder,
    wanted: Iterable[Wanted],
    known: Collection[uuid.UUID] = (),
    *,
    to_doctor: bool = False,
) -> None:
    """Look whether an elder has the like of these visits, or another at their time, ordered
    already, but for ``known`` orders; or is in hospital or prison then (``to_doctor``: one goes
    there from hospital too).

    The elder's orders wait until the transaction ends: of two at once the second sees the first.
    Raises LikeOrder.
    """
    wanted = list(wanted)
    if not wanted:
        return
    wait_for([f"orders:{elder.pk}"])
    found = {
        order.pk: order
        for one in wanted
        for order in like(elder, one)
        if order.idempotency_key not in known
    }
    absent = absent_on(elder, max(one.begin for one in wanted), to_doctor=to_doctor)
    if found or absent:
        items = {item for one in wanted for item in one.items}
        raise LikeOrder(list(found.values()), items, absent)
