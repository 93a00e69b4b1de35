"""Rows of orders: numbers, people, lines and the shares of those who pay."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import numpy as np

from songbai.cli.demo.calendar import Stops
from songbai.cli.demo.district import NOBODY, District, Person
from songbai.cli.demo.history import STAR_SHARES, Orders
from songbai.cli.demo.identity import IntArray
from songbai.cli.demo.tables import write
from songbai.domain.benefits.declares import CREDIT
from songbai.domain.orders.models import Order, OrderLine, PayerShare
from songbai.domain.orders.rules import AUTO_CONFIRM, OWN, order_number

BY_FAMILY_SHARE = 0.7
"""Of orders for elders whose family has an account: placed by the family, not by the hotline."""
GOOD = ("很好，下次还请她来", "准时，做事细致", "老人很满意", "态度好，有耐心", "做完还收拾干净了")
POOR = ("来晚了，没有提前说", "做得有点赶", "和约定的时间对不上")
NOTES = ("请轻一点敲门，老人听力不好", "门口有台阶，请慢一点", "家里有狗，已拴好", "请先打电话")
CANCELLED = ("临时去子女家住几天", "老人住院了", "改天再约", "时间选错了")


@dataclass(slots=True)
class Work:
    """Orders and planned visits with the numbers of their rows."""

    orders: Orders
    stops: Stops
    ids: IntArray
    price: IntArray
    credit: IntArray
    provider: IntArray
    placed_by: list[Person]
    families: list[Person]
    """Who confirms; the program itself where no relative has an account."""
    channel: list[str]
    stars: list[int | None]
    comment: list[str]
    number: list[str]
    reasons: dict[int, str] = field(default_factory=dict)
    """Why somebody was sent, by row of the order."""
    visits: dict[int, int] = field(default_factory=dict)
    doubts: dict[int, list[str]] = field(default_factory=dict)

    def sent(self) -> IntArray:
        """Rows of orders somebody was sent for."""
        return np.flatnonzero(self.orders.stop >= 0)

    def begun(self) -> IntArray:
        """Rows of orders whose visit has begun."""
        return np.flatnonzero(~np.isnat(self.orders.came))


def prepare(district: District, orders: Orders, stops: Stops) -> Work:
    """Give orders their numbers, prices and people."""
    rng = district.rng(7)
    ids = district.numbers.take(Order, len(orders))
    by_family = rng.random(len(orders)) < BY_FAMILY_SHARE
    placed_by, channel = [], []
    for row, elder in enumerate(orders.elder.tolist()):
        person = district.families.get(elder) if by_family[row] else None
        placed_by.append(person or district.dispatcher)
        channel.append("family" if person else "hotline")
    rated = orders.by_family & ~np.isnat(orders.confirmed)
    stars = 1 + rng.choice(5, size=len(orders), p=STAR_SHARES)
    said = rng.random(len(orders)) < 0.3
    pick = rng.integers(60, size=len(orders))
    placed = orders.placed.astype("M8[ms]").tolist()
    return Work(
        orders=orders,
        stops=stops,
        ids=ids,
        price=district.offered.price[orders.offer],
        credit=np.zeros(len(orders), dtype=np.int64),
        provider=district.offered.provider[orders.offer],
        placed_by=placed_by,
        families=[district.families.get(elder, NOBODY) for elder in orders.elder.tolist()],
        channel=channel,
        stars=[int(s) if r else None for s, r in zip(stars, rated, strict=True)],
        comment=[
            (GOOD[p % len(GOOD)] if s >= 4 else POOR[p % len(POOR)]) if r and w else ""
            for s, r, w, p in zip(stars.tolist(), rated, said, pick.tolist(), strict=True)
        ],
        number=[
            order_number(at.replace(tzinfo=UTC), number)
            for at, number in zip(placed, ids.tolist(), strict=True)
        ],
    )


def owned(district: District, work: Work, rows: IntArray) -> dict[str, Any]:
    """The columns every row of an order carries."""
    elders = work.orders.elder[rows]
    return {
        "order_id": work.ids[rows],
        "elder_id": district.elder_ids[elders],
        "region_id": district.batch.village_code[elders],
        "provider_id": district.provider_ids[work.provider[rows]],
    }


def write_orders(district: District, work: Work) -> int:
    """Orders, lines and shares."""
    orders, rng = work.orders, district.rng(8)
    everything = np.arange(len(orders))
    base = owned(district, work, everything)
    items = [district.offered.items[offer] for offer in orders.offer.tolist()]
    confirmed = ~np.isnat(orders.confirmed)
    off = ~np.isnat(orders.cancelled)
    there = district.hospital_ids[district.hospitals.of[orders.elder]].tolist()
    skills = {item.code: tuple(sorted(item.skills)) for item in district.offered.items}
    noted, pick = rng.random(len(orders)) < 0.08, rng.integers(4, size=len(orders)).tolist()
    write(
        Order,
        {
            "id": base["order_id"],
            "number": work.number,
            "idempotency_key": [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in items],
            "elder_id": base["elder_id"],
            "region_id": base["region_id"],
            "provider_id": base["provider_id"],
            "placed_by_id": [person.account for person in work.placed_by],
            "channel": work.channel,
            "state": orders.state,
            "window_start": orders.window_start,
            "window_end": orders.window_end,
            "minutes": [item.minutes for item in items],
            "skills": [skills[item.code] for item in items],
            "destination_id": [
                number if item.goes_out else None for number, item in zip(there, items, strict=True)
            ],
            "returns": [item.returns for item in items],
            "vehicle": [item.vehicle for item in items],
            "load": [item.load for item in items],
            "month": orders.month,
            "total": work.price,
            "note": [NOTES[p] if n else "" for n, p in zip(noted, pick, strict=True)],
            "placed_at": orders.placed,
            "confirm_due": orders.left + np.timedelta64(AUTO_CONFIRM),
            "confirmed_at": orders.confirmed,
            "confirmations": confirmed.astype(np.int64),
            "settled_at": orders.settled,
            "stars": work.stars,
            "comment": work.comment,
            "cancel_reason": [CANCELLED[p] if o else "" for o, p in zip(off, pick, strict=True)],
        },
    )
    write(
        OrderLine,
        {
            **base,
            "id": district.numbers.take(OrderLine, len(orders)),
            "offer_id": district.offer_ids[orders.offer],
            "item_id": [item.code for item in items],
            "minutes": [item.minutes for item in items],
            "price": work.price,
        },
    )
    for payer, amount in ((CREDIT.code, work.credit), (OWN, work.price - work.credit)):
        paying = np.flatnonzero(amount)
        write(
            PayerShare,
            {
                **owned(district, work, paying),
                "id": district.numbers.take(PayerShare, len(paying)),
                "payer": payer,
                "amount": amount[paying],
            },
        )
    return len(orders)
