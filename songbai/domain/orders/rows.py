"""The rows of an order that is placed, not yet written: one by one or by volume.

``make`` is what makes a row: its class, or ``loading.fresh`` of it.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.catalogue.models import Offer
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import Elder
from songbai.domain.providers.models import MedicalPlace

from .models import Order, OrderLine, PayerShare
from .rules import Split


@dataclass(frozen=True)
class NewOrder:
    """What somebody orders. ``key`` comes from the form: the same key is the same order.

    ``destination``: number of the medical place; asked for when an item goes out, else ignored.
    ``again``: whoever orders knows that the same is ordered for the day already, or that the elder
    is said to be away.
    """

    key: uuid.UUID
    elder: Elder
    offer_ids: Sequence[int]
    window_start: datetime
    window_end: datetime
    note: str = ""
    expected_own: int | None = None
    destination: int | None = None
    again: bool = False


def order_of(
    actor: Actor,
    new: NewOrder,
    offers: Sequence[Offer],
    destination: MedicalPlace | None,
    split: Split,
    make: Callable[..., Order] = Order,
) -> Order:
    """The row of an order placed now, without its number."""
    items = [offer.item for offer in offers]
    return make(
        idempotency_key=new.key,
        elder=new.elder,
        region_id=new.elder.region_id,
        provider=offers[0].provider,
        placed_by_id=actor.account_id,
        channel="family" if actor.kind is FAMILY else "hotline",
        window_start=new.window_start,
        window_end=new.window_end,
        minutes=sum(item.minutes for item in items),
        skills=sorted({skill for item in items for skill in item.skills}),
        caregivers=max(item.caregivers for item in items),
        destination=destination,
        returns=all(item.returns for item in items),
        vehicle=max(item.vehicle for item in items),
        load=sum(item.load for item in items),
        month=clock.month_of(new.window_start),
        total=split.total,
        note=new.note.strip(),
        placed_at=clock.now(),
    )


def lines_of(
    order: Order, offers: Sequence[Offer], make: Callable[..., OrderLine] = OrderLine
) -> list[OrderLine]:
    """A row for each item of an order that has its number."""
    return [
        make(
            **_owned(order),
            offer_id=offer.pk,
            item_id=offer.item_id,
            minutes=offer.item.minutes,
            price=offer.price,
        )
        for offer in offers
    ]


def shares_of_split(
    order: Order, split: Split, make: Callable[..., PayerShare] = PayerShare
) -> list[PayerShare]:
    """A row for each payer of an order that has its number."""
    return [
        make(**_owned(order), payer=share.payer.code, amount=share.amount) for share in split.shares
    ]


def _owned(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.pk,
        "elder_id": order.elder_id,
        "region_id": order.region_id,
        "provider_id": order.provider_id,
    }
