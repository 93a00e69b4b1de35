"""Orders of the dead are cancelled and their money goes back; placed again when it was an error."""

import uuid
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from songbai.core.accounts.rules import Actor
from songbai.core.errors import SongbaiError
from songbai.domain.elders.models import Followed
from songbai.domain.elders.under_way import Life, under_way

from . import actions
from .models import Order
from .rules import OrderState

_AGAIN = uuid.UUID("7c1e8f0a-51d5-4a51-9a0e-6f0a3b1f9c20")


def _waiting(records: Collection[int]) -> QuerySet[Order]:
    return Order.objects.filter(
        elder_id__in=records, state__in=[OrderState.ACCEPTED, OrderState.ASSIGNED]
    )


def _stop(actor: Actor, life: Life, order: Order) -> str:
    actions.cancel(actor, order.pk, life.words)
    return f"订单 {order.number} 取消，钱退回"


def _again(actor: Actor, life: Life, followed: Followed) -> bool:
    """The same order anew, if it can still be given."""
    order = Order.objects.prefetch_related("lines").get(pk=followed.subject_id)
    try:
        with transaction.atomic():
            actions.place(
                actor,
                actions.NewOrder(
                    key=uuid.uuid5(_AGAIN, str(followed.pk)),
                    elder=life.elder,
                    offer_ids=[line.offer_id for line in order.lines.all()],
                    window_start=order.window_start,
                    window_end=order.window_end,
                    note=order.note,
                    destination=order.destination_id,
                    again=True,
                ),
            )
    except SongbaiError:
        return False
    return True


under_way(Order, "order", "订单", rows=_waiting, stop=_stop, again=_again)
