"""From planned visits to orders: when each was placed, kept, confirmed, settled or called off.

Pure arrays, all moments in UTC (datetime64[s]), relative to ``now``. States follow from the clock
by the same rules as the actions: a day to confirm, then confirmed by itself; months are settled on
the fifth of the next.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songbai.cli.demo.calendar import WINDOW, WINDOW_GRID, Stops
from songbai.cli.demo.geography import BoolArray
from songbai.cli.demo.identity import DateArray, IntArray, StrArray
from songbai.domain.orders.rules import AUTO_CONFIRM, UNDO, OrderState

CANCELLED_SHARE = 0.015
CONFIRMED_SHARE = 0.62
"""Share of services the family confirms; the others confirm themselves after a day."""
LATE_SHARE, SHORT_SHARE, OFFLINE_SHARE = 0.025, 0.012, 0.01
FAR_SHARE, NO_CODE_SHARE, NO_POSITION_SHARE = 0.008, 0.01, 0.005
STAR_SHARES = (0.01, 0.02, 0.07, 0.18, 0.72)
SETTLED_ON, SETTLED_HOUR = 5, 10
"""Day of the next month, and the hour, at which a month is paid out."""
UNSETTLED_PROVIDERS = 2
"""So many providers still wait for the last month's money."""
SHANGHAI = np.timedelta64(8 * 3600, "s")
MINUTE, HOUR = np.timedelta64(60, "s"), np.timedelta64(3600, "s")
NEVER = np.datetime64("NaT", "s")


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders as columns of length n, by the time they were placed.

    ``stop`` is the row of the planned visit, −1 where nobody is sent (open, cancelled).
    """

    elder: IntArray
    offer: IntArray
    stop: IntArray
    state: StrArray
    window_start: DateArray
    window_end: DateArray
    placed: DateArray
    cancelled: DateArray
    decided: DateArray
    starts: DateArray
    came: DateArray
    left: DateArray
    confirmed: DateArray
    by_family: BoolArray
    settled: DateArray

    def __len__(self) -> int:
        return len(self.elder)

    def take(self, rows: NDArray[np.integer] | BoolArray) -> Orders:
        """The orders of some rows."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @property
    def month(self) -> StrArray:
        """The civil month in Shanghai of the service, ``YYYY-MM``."""
        return month_of(self.window_start)


def month_of(moment: DateArray) -> StrArray:
    """The civil month in Shanghai."""
    months: StrArray = np.datetime_as_string((moment + SHANGHAI).astype("M8[M]"))
    return months


def moment(day: DateArray | np.datetime64 | date, minute: IntArray | int) -> DateArray:
    """A wall-clock minute of a Shanghai day as a moment in UTC."""
    midnight: Any = np.asarray(day, "M8[D]").astype("M8[s]") - SHANGHAI
    found: DateArray = midnight + minute * MINUTE
    return found


def instant(day: np.datetime64 | date, minute: int) -> np.datetime64:
    """One wall-clock minute of a Shanghai day."""
    return np.datetime64(moment(day, minute).item(), "s")


def stamp(now: datetime) -> np.datetime64:
    """An aware datetime as a moment of the arrays."""
    return np.datetime64(int(now.timestamp()), "s")


def live(
    rng: np.random.Generator,
    stops: Stops,
    oldest: date,
    now: np.datetime64,
    provider: IntArray,
    families: IntArray,
    slow: IntArray,
) -> Orders:
    """Let the planned visits happen up to ``now``.

    ``provider`` is the provider of each visit, ``families`` are the elders with somebody who can
    confirm; for the elders in ``slow`` nobody called off or confirmed the last days.
    """
    day = np.datetime64(oldest, "D") + stops.day
    starts = moment(day, stops.start)
    window_start = moment(day, stops.start // WINDOW_GRID * WINDOW_GRID)
    placed = _placed(rng, window_start, now)
    came, left = _door(rng, stops, starts)
    called_off = (rng.random(len(stops)) < CANCELLED_SHARE) & (left < now)
    called_off &= ~np.isin(stops.elder, slow)
    cancelled = np.where(called_off, _between(rng, placed, window_start), NEVER)
    recent = np.isin(stops.elder, slow) & (starts > now - np.timedelta64(4, "D"))
    confirmed, by_family = _confirmed(rng, left, np.isin(stops.elder, families) & ~recent)
    confirmed[(confirmed > now) | called_off] = NEVER
    settled = _settled(window_start, confirmed, provider, now)
    state = np.select(
        [
            called_off,
            ~np.isnat(settled),
            ~np.isnat(confirmed),
            left <= now,
            came <= now,
        ],
        [
            s.value
            for s in (
                OrderState.CANCELLED,
                OrderState.SETTLED,
                OrderState.DONE,
                OrderState.TO_CONFIRM,
                OrderState.IN_SERVICE,
            )
        ],
        OrderState.ASSIGNED.value,
    )
    orders = Orders(
        elder=stops.elder,
        offer=stops.offer,
        stop=np.where(called_off, -1, np.arange(len(stops))),
        state=state,
        window_start=window_start,
        window_end=window_start + WINDOW * MINUTE,
        placed=placed,
        cancelled=cancelled,
        decided=_decided(rng, placed, day, now),
        starts=starts,
        came=np.where(called_off | (came > now), NEVER, came),
        left=np.where(called_off | (left > now), NEVER, left),
        confirmed=confirmed,
        by_family=by_family,
        settled=settled,
    )
    return orders.take(np.argsort(orders.placed, kind="stable"))


def open_orders(
    rng: np.random.Generator,
    elder: IntArray,
    offer: IntArray,
    window_start: DateArray,
    now: np.datetime64,
) -> Orders:
    """Orders nobody has been found for yet; windows are two hours wide."""
    count = len(elder)
    never = np.full(count, NEVER)
    return Orders(
        elder=elder,
        offer=offer,
        stop=np.full(count, -1),
        state=np.full(count, OrderState.ACCEPTED.value),
        window_start=window_start,
        window_end=window_start + 2 * WINDOW * MINUTE,
        placed=now - rng.integers(3 * 60, 5 * 3600, count).astype("m8[s]"),
        cancelled=never,
        decided=never,
        starts=never,
        came=never,
        left=never,
        confirmed=never,
        by_family=np.zeros(count, dtype=np.bool_),
        settled=never,
    )


def joined(parts: list[Orders]) -> Orders:
    """All orders in the order they were placed."""
    whole = Orders(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Orders)))
    return whole.take(np.argsort(whole.placed, kind="stable"))


def _placed(rng: np.random.Generator, window_start: DateArray, now: np.datetime64) -> DateArray:
    """Some hours to four days before, between eight and nine in the evening of Shanghai."""
    count = len(window_start)
    before = window_start - rng.integers(8 * 3600, 96 * 3600, count).astype("m8[s]")
    day = (before + SHANGHAI).astype("M8[D]")
    by_day = moment(day, 0) + rng.integers(8 * 3600, 21 * 3600, count).astype("m8[s]")
    latest = np.minimum(window_start - 2 * HOUR, now - 30 * MINUTE)
    placed: DateArray = np.minimum(by_day, latest - rng.integers(0, 1800, count).astype("m8[s]"))
    return placed


def _between(rng: np.random.Generator, low: DateArray, high: DateArray) -> DateArray:
    span = (high - low).astype(np.int64)
    after = (span * rng.uniform(0.1, 0.9, len(low))).astype(np.int64)
    between: DateArray = low + after.astype("m8[s]")
    return between


def _decided(
    rng: np.random.Generator, placed: DateArray, day: DateArray, now: np.datetime64
) -> DateArray:
    """The evening before, or soon after a late order."""
    evening = moment(day - np.timedelta64(1, "D"), 17 * 60 + 30)
    evening = evening + rng.integers(0, 1200, len(placed)).astype("m8[s]")
    soon = placed + rng.integers(240, 900, len(placed)).astype("m8[s]")
    decided: DateArray = np.minimum(np.maximum(evening, soon), now - MINUTE)
    return decided


def _door(rng: np.random.Generator, stops: Stops, starts: DateArray) -> tuple[DateArray, DateArray]:
    """When caregivers came and left; nobody is at two doors at once."""
    count = len(stops)
    offset = rng.integers(-6 * 60, 9 * 60, count)
    late = rng.random(count) < LATE_SHARE
    offset[late] = rng.integers(16 * 60, 35 * 60, int(late.sum()))
    stay = stops.minutes * 60 + rng.integers(0, 7 * 60, count)
    short = rng.random(count) < SHORT_SHARE
    stay[short] = (stops.minutes[short] * 60 * 0.7).astype(np.int64)
    came = starts + offset.astype("m8[s]")
    same = np.zeros(count, dtype=np.bool_)
    same[1:] = (stops.staff[1:] == stops.staff[:-1]) & (stops.day[1:] == stops.day[:-1])
    for _ in range(4):
        left_before = np.roll(came + stay.astype("m8[s]"), 1) + 2 * MINUTE
        came = np.where(same, np.maximum(came, left_before), came)
    return came, came + stay.astype("m8[s]")


def _confirmed(
    rng: np.random.Generator, left: DateArray, asked: BoolArray
) -> tuple[DateArray, BoolArray]:
    """When a service was confirmed, and whether by the family ``asked``."""
    due = left + np.timedelta64(AUTO_CONFIRM)
    by_hand = left + (600 + rng.exponential(4 * 3600, len(left))).astype(np.int64).astype("m8[s]")
    by_family = asked & (rng.random(len(left)) < CONFIRMED_SHARE) & (by_hand < due)
    itself = due + rng.integers(1, 300, len(left)).astype("m8[s]")
    return np.where(by_family, by_hand, itself), by_family


def settling_moment(month: str) -> np.datetime64:
    """When a month (``YYYY-MM``) is paid out."""
    following = (np.datetime64(month, "M") + 1).astype("M8[D]") + SETTLED_ON - 1
    return instant(following, SETTLED_HOUR * 60)


def _settled(
    window_start: DateArray, confirmed: DateArray, provider: IntArray, now: np.datetime64
) -> DateArray:
    months = month_of(window_start)
    settled = np.full(len(months), NEVER)
    last = str((now + SHANGHAI).astype("M8[M]") - 1)
    providers = int(provider.max()) + 1 if len(provider) else 0
    waiting = provider >= max(providers - UNSETTLED_PROVIDERS, 2)
    for month in np.unique(months).tolist():
        paid = settling_moment(month)
        ready = (months == month) & (confirmed < paid - np.timedelta64(UNDO))
        if month == last:
            ready &= ~waiting
        if paid <= now:
            settled[ready] = paid
    return settled
