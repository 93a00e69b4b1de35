"""Rows of work: orders with their shares, who was sent, what happened at the door, who may see."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

import numpy as np

from songbai.cli.demo import evidence
from songbai.cli.demo.calendar import Stops
from songbai.cli.demo.district import NOBODY, District, Person
from songbai.cli.demo.history import STAR_SHARES, Orders, moment
from songbai.cli.demo.identity import DateArray, IntArray
from songbai.cli.demo.tables import spans, write
from songbai.core.accounts.models import Access
from songbai.domain.catalogue.rules import load
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import Candidate, reason_words
from songbai.domain.orders.actions import ACCESS_AFTER
from songbai.domain.orders.models import Order, OrderLine, PayerShare
from songbai.domain.orders.rules import AUTO_CONFIRM, Payer, order_number
from songbai.domain.visits.models import Visit, VisitStep
from songbai.domain.visits.rules import Doubt, VisitState

STEPS_FOR_DAYS = 14
"""Steps are kept for the last days only, and always for the elders the demo tells about."""
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
    for payer, amount in ((Payer.CREDIT, work.credit), (Payer.OWN, work.price - work.credit)):
        paying = np.flatnonzero(amount)
        write(
            PayerShare,
            {
                **owned(district, work, paying),
                "id": district.numbers.take(PayerShare, len(paying)),
                "payer": payer.value,
                "amount": amount[paying],
            },
        )
    return len(orders)


def _reason(work: Work, district: District, row: int, stop: int) -> str:
    """Why this caregiver, in the words of dispatch."""
    stops = work.stops
    km = int(stops.metres[stop]) / 1000
    travel, again = int(stops.travel[stop]), bool(stops.again[stop])
    choice = Candidate(0, "", 0, 0, travel, km, again, 0.0)
    skills = district.offered.items[int(work.orders.offer[row])].skills
    return reason_words(choice, skills, load().skill_words)


def write_visits(district: District, work: Work) -> int:
    """Who was sent, what happened, step by step, and who may see the elder because of it."""
    sent = work.sent()
    stop = work.orders.stop[sent]
    staff = work.stops.staff[stop]
    starts = work.orders.starts[sent]
    ends = starts + work.stops.minutes[stop] * np.timedelta64(60, "s")
    base = owned(district, work, sent)
    ids = district.numbers.take(Assignment, len(sent))
    work.reasons = {
        row: _reason(work, district, row, at)
        for row, at in zip(sent.tolist(), stop.tolist(), strict=True)
    }
    write(
        Assignment,
        {
            **base,
            "id": ids,
            "staff_id": district.staff_ids[staff],
            "account_id": district.staff_accounts[staff],
            "staff_name": district.crew.name[staff],
            "starts_at": starts,
            "during": spans(starts, ends),
            "travel_minutes": work.stops.travel[stop],
            "metres": work.stops.metres[stop],
            "reason": list(work.reasons.values()),
            "decided_by_id": district.dispatcher.account,
            "decided_at": work.orders.decided[sent],
        },
    )
    begun = np.flatnonzero(~np.isnat(work.orders.came[sent]))
    _write_doors(district, work, sent[begun], ids[begun])
    _grant(district, work, sent, staff, starts)
    return len(sent)


def _write_doors(district: District, work: Work, rows: IntArray, assignments: IntArray) -> None:
    rng, now = district.rng(10), district.plan.stamp
    orders, batch = work.orders, district.batch
    home = batch.lon[orders.elder[rows]], batch.lat[orders.elder[rows]]
    came = evidence.scan(rng, orders.came[rows], *home, now)
    left = evidence.scan(rng, orders.left[rows], *home, now)
    gone = ~np.isnat(left.at)
    minutes = work.stops.minutes[orders.stop[rows]]
    doubts = evidence.doubts_of(came, left, orders.starts[rows], minutes)
    staff = work.stops.staff[orders.stop[rows]]
    ids = district.numbers.take(Visit, len(rows))
    work.visits = dict(zip(rows.tolist(), ids.tolist(), strict=True))
    work.doubts = {row: list(map(str, d)) for row, d in zip(rows.tolist(), doubts, strict=True)}
    base = owned(district, work, rows)
    write(
        Visit,
        {
            **base,
            "id": ids,
            "assignment_id": assignments,
            "staff_id": district.staff_ids[staff],
            "account_id": district.staff_accounts[staff],
            "state": np.where(gone, VisitState.CHECKED_OUT.value, VisitState.SERVING.value),
            **_end(rng, "in", came, np.ones(len(rows), dtype=np.bool_), [[]] * len(rows)),
            **_end(rng, "out", left, gone, doubts),
            "doubts": [tuple(found) for found in doubts],
        },
    )
    named = district.named.rows() if district.named else []
    since = moment(district.plan.today - timedelta(days=STEPS_FOR_DAYS), 0)
    kept = np.flatnonzero((came.at >= since) | np.isin(orders.elder[rows], named))
    items = [district.offered.items[offer] for offer in orders.offer[rows[kept]].tolist()]
    columns = evidence.step_columns(rng, ids[kept], items, came.at[kept], left.at[kept], now)
    which = kept[np.array(columns.pop("row"), dtype=np.int64)]
    count = len(which)
    write(
        VisitStep,
        {
            **columns,
            **{name: base[name][which] for name in ("elder_id", "region_id", "provider_id")},
            "id": district.numbers.take(VisitStep, count),
            "at": np.array(columns["at"], dtype="M8[s]"),
        },
    )


def _end(
    rng: np.random.Generator, side: str, end: evidence.Scans, there: Any, doubts: list[list[Doubt]]
) -> dict[str, Any]:
    """The columns of one end of the visits; empty where a visit has not ended."""
    seen = there & (end.metres >= 0)

    def where(flags: Any, values: Any) -> list[Any]:
        return [
            value if flag else None
            for flag, value in zip(flags.tolist(), values.tolist(), strict=True)
        ]

    return {
        f"{side}_record": [
            str(uuid.UUID(bytes=rng.bytes(16), version=4)) if flag else None
            for flag in there.tolist()
        ],
        f"{side}_at": end.at,
        f"{side}_received": np.where(there, end.received, end.at),
        f"{side}_scanned": where(there, end.scanned),
        f"{side}_longitude": where(seen, end.lon),
        f"{side}_latitude": where(seen, end.lat),
        f"{side}_metres": where(seen, end.metres),
        f"{side}_reason": [
            evidence.reason_at(end, row, Doubt.SHORT in doubts[row]) if flag else ""
            for row, flag in enumerate(there.tolist())
        ],
    }


def _grant(
    district: District, work: Work, sent: IntArray, staff: IntArray, starts: DateArray
) -> None:
    """Access of providers for every elder they served, of caregivers for recent visits."""
    now, orders = district.plan.stamp, work.orders
    until: dict[tuple[int, int | None, int | None, str], np.datetime64] = {}
    ends = orders.window_end + np.timedelta64(ACCESS_AFTER)
    for elder, provider, end in zip(
        orders.elder.tolist(), work.provider.tolist(), ends, strict=True
    ):
        key: tuple[int, int | None, int | None, str]
        key = (elder, None, int(district.provider_ids[provider]), "order")
        until[key] = max(until.get(key, end), end)
    for row, member, end in zip(
        sent.tolist(), staff.tolist(), starts + np.timedelta64(3, "D"), strict=True
    ):
        if end > now:
            account = int(district.staff_accounts[member])
            key = (int(orders.elder[row]), account, None, "visit")
            until[key] = max(until.get(key, end), end)
    elders = np.array([key[0] for key in until], dtype=np.int64)
    write(
        Access,
        {
            "id": district.numbers.take(Access, len(until)),
            "person_id": district.elder_ids[elders],
            "region_id": district.batch.village_code[elders],
            "account_id": [key[1] for key in until],
            "organisation_id": [key[2] for key in until],
            "why": [key[3] for key in until],
            "valid_from": moment(district.plan.oldest, 0),
            "valid_until": np.array(list(until.values()), dtype="M8[s]"),
        },
    )
