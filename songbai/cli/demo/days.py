"""The days of one district: what was planned, what is open, who called in sick."""

from __future__ import annotations

import numpy as np

from songbai.cli.demo import calendar, credits
from songbai.cli.demo.calendar import Stops
from songbai.cli.demo.crew import able, menu
from songbai.cli.demo.district import District
from songbai.cli.demo.fleet import aboard
from songbai.cli.demo.history import MINUTE, SHANGHAI, Orders, joined, live, moment, open_orders
from songbai.cli.demo.identity import DateArray, IntArray
from songbai.core import clock
from songbai.domain.providers.rules import VehicleKind

OPEN_TODAY, OPEN_TOMORROW = 12, 25
ASSIGNED_TOMORROW_SHARE = 0.08
#: Hours of the day, in minutes, in which windows of open orders begin.
EARLIEST, LATEST = 8 * 60, 18 * 60
#: For each vehicle: when windows of orders for it begin, in minutes, and how many wait today and
#: tomorrow; tomorrow more than fits, so that it is filled up on the way.
CARRIED = {
    VehicleKind.BATH_VAN: (range(9 * 60, 16 * 60 + 1, 30), 1, 5),
    VehicleKind.MEAL_BIKE: (range(10 * 60 + 30, 12 * 60 + 1, 30), 4, 7),
}
#: Services of the elders the demo tells about: inexpensive, so that credit is left.
USUAL = ("A01-02", "A05-02", "A01-04")
#: Days of the named caregiver: day from today, minute, whose (0 mother, 1 father, 2… others), item.
NAMED_DAYS = (
    (-1, 9 * 60, 2, "A01-05"),
    (-1, 10 * 60 + 30, 1, "A01-02"),
    (-1, 11 * 60 + 20, 8, "B01-04"),
    (-1, 14 * 60, 3, "B04-01"),
    (-1, 16 * 60 + 50, 0, "A01-02"),
    (0, 8 * 60 + 50, 4, "B04-01"),
    (0, 10 * 60, 0, "A05-02"),
    (0, 11 * 60 + 20, 9, "B01-04"),
    (0, 13 * 60 + 40, 1, "A01-04"),
    (0, 15 * 60 + 10, 5, "A05-01"),
    (0, 16 * 60 + 50, 6, "A01-02"),
    (1, 9 * 60 + 30, 0, "A01-06"),
    (1, 11 * 60, 8, "B01-04"),
    (1, 14 * 60, 7, "A05-01"),
)


def clients(district: District) -> IntArray:
    """Who is looked after by whom; the two elders of the demo by the first caregiver."""
    batch, plan = district.batch, district.plan
    entitled = credits.credits_of(batch, clock.month_of(plan.today)).amount > 0
    wanted = calendar.likely_clients(batch, entitled)
    named = district.named
    if named:
        wanted[[named.mother, named.father, named.stranger]] = False
    chosen = calendar.choose_clients(district.rng(6), batch, wanted, district.crew)
    if named and chosen.shape[1] > 2:
        chosen[0, :2] = named.rows()
    return chosen


def plan_all(district: District, of: IntArray) -> tuple[Orders, Stops]:
    """All orders up to tomorrow, and the visits planned for them."""
    plan, rng = district.plan, district.rng(11)
    vans = {row.driver for row in district.fleet if row.kind is VehicleKind.BATH_VAN}
    whole = calendar.fill(
        rng,
        district.batch,
        aboard(district.crew, district.fleet),
        of,
        district.offered,
        menu(district.crew, district.offered, vans),
        np.arange(plan.days + 2),
        district.hospitals,
    )
    kept = (whole.day <= plan.days) | (rng.random(len(whole)) < ASSIGNED_TOMORROW_SHARE)
    kept &= ~(np.isin(whole.staff, district.sick) & (whole.day == plan.days))
    stops = whole.take(kept)
    if district.named and of.shape[1]:
        stops = _with_named(district, stops, of)
    provider = district.offered.provider[stops.offer]
    slow = np.array(district.named.rows() if district.named else [], dtype=np.int64)
    families = np.array(list(district.families), dtype=np.int64)
    orders = live(rng, stops, plan.oldest, plan.stamp, provider, families, slow)
    waiting = _open(district, rng, stops, of)
    return joined([orders, *waiting, *_carried(district, [orders, *waiting], of)]), stops


def _with_named(district: District, stops: Stops, of: IntArray) -> Stops:
    """Usual services for the two elders, and the written days of the first caregiver."""
    plan, offered = district.plan, district.offered
    codes = {
        item.code: row for row, item in enumerate(offered.items) if int(offered.provider[row]) == 0
    }
    usual = [codes[code] for code in USUAL if code in codes]
    theirs = np.isin(stops.elder, of[0, :2])
    stops = stops.take(~(theirs & (stops.minutes < 20)))
    theirs = np.isin(stops.elder, of[0, :2])
    stops.offer[theirs] = np.where(stops.minutes[theirs] >= 30, usual[1], usual[0])
    stops.minutes[theirs] = np.where(stops.minutes[theirs] >= 30, 30, 20)
    written = (stops.staff == 0) & (stops.day >= plan.days - 1)
    rows = [row for row in NAMED_DAYS if row[3] in codes and row[2] < of.shape[1]]
    days = np.array([row[0] for row in rows]) + plan.days
    elder = of[0, [row[2] for row in rows]]
    offer = np.array([codes[row[3]] for row in rows])
    batch, crew = district.batch, district.crew
    out = np.array([not offered.items[row].returns for row in offer.tolist()], dtype=np.bool_)
    base_lon, base_lat = (np.roll(end, 1) for end in district.hospitals.ends(batch, elder, out))
    first = np.r_[True, days[1:] != days[:-1]]
    base_lon[first], base_lat[first] = crew.lon[0], crew.lat[0]
    km = calendar.distance_km(base_lon, base_lat, batch.lon[elder], batch.lat[elder])
    mine = Stops(
        staff=np.zeros(len(rows), dtype=np.int64),
        day=days,
        elder=elder,
        offer=offer,
        start=np.array([row[1] for row in rows]),
        minutes=np.array([offered.items[row].minutes for row in offer.tolist()]),
        travel=calendar.travel_minutes(km, np.repeat(crew.mode[:1], len(rows))),
        metres=np.round(km * 1000).astype(np.int64),
        again=np.zeros(len(rows), dtype=np.bool_),
    )
    return calendar.joined([stops.take(~written), mine])


def _open(district: District, rng: np.random.Generator, stops: Stops, of: IntArray) -> list[Orders]:
    """Orders without a caregiver: some for later today while it is day, some for tomorrow."""
    plan = district.plan
    scale = len(district.crew) / 274
    parts = []
    for day, begin, count in (
        (plan.today, _soon(district), OPEN_TODAY),
        (plan.tomorrow, EARLIEST, OPEN_TOMORROW),
    ):
        count = max(3, round(count * scale))
        if begin > LATEST or not of.shape[1]:
            continue
        wanted = _wanted(district, rng, stops, of, (day - plan.oldest).days, count)
        if wanted is None:
            continue
        starts = moment(day, rng.choice(np.arange(begin, LATEST + 1, 30), len(wanted[0])))
        parts.append(open_orders(rng, *wanted, np.asarray(starts, dtype="M8[s]"), plan.stamp))
    return parts


def _soon(district: District) -> int:
    """The half hour of today, in minutes, at which a new order may begin."""
    plan = district.plan
    ahead = (plan.stamp + 45 * MINUTE + SHANGHAI).astype("M8[m]")
    if ahead.astype("M8[D]") != np.datetime64(plan.today):
        return LATEST + 30
    soon = int((ahead - ahead.astype("M8[D]")).astype(np.int64))
    return max(EARLIEST, -(-soon // 30) * 30)


def _carried(district: District, others: list[Orders], of: IntArray) -> list[Orders]:
    """Orders for each vehicle that wait for somebody who has it, today and tomorrow."""
    plan, rng, offered = district.plan, district.rng(15), district.offered
    taken = set(district.named.rows() if district.named else [])
    for one in others:
        soon = one.window_start + SHANGHAI >= np.datetime64(plan.today)
        taken |= set(one.elder[soon].tolist())
    parts = []
    for row in district.fleet:
        sold = [
            index
            for index, (provider, item) in enumerate(
                zip(offered.provider.tolist(), offered.items, strict=True)
            )
            if provider == row.provider and item.vehicle == row.kind
        ]
        hours, now, later = CARRIED[row.kind]
        for day, begin, count in (
            (plan.today, _soon(district), now),
            (plan.tomorrow, EARLIEST, later),
        ):
            free = [one for one in of[row.driver].tolist() if one not in taken]
            starts = [hour for hour in hours if hour >= begin]
            if not (sold and free and starts):
                continue
            elder = np.array(free[:count])
            taken |= set(elder.tolist())
            offer, at = rng.choice(sold, len(elder)), rng.choice(starts, len(elder))
            begins = np.asarray(moment(day, at), dtype="M8[s]")
            parts.append(open_orders(rng, elder, offer, begins, plan.stamp))
    return parts


def _wanted(
    district: District,
    rng: np.random.Generator,
    stops: Stops,
    of: IntArray,
    day: int,
    count: int,
) -> tuple[IntArray, IntArray] | None:
    """Elders without a visit that day, and services somebody of their provider could give."""
    offered, crew = district.offered, district.crew
    busy = stops.elder[stops.day == day]
    named = district.named.rows() if district.named else []
    on_shift = crew.works[:, day].copy()
    on_shift[list(district.sick)] = False
    possible = np.array(
        [
            item.at_home
            and not item.vehicle
            and item.minutes <= 120
            and bool((able(crew, item) & (crew.provider == provider) & on_shift).any())
            for provider, item in zip(offered.provider, offered.items, strict=True)
        ]
    )
    found: list[tuple[int, int]] = []
    for member in rng.permutation(len(crew)).tolist():
        free = np.setdiff1d(of[member], [*busy, *named])
        rows = np.flatnonzero(possible & (offered.provider == crew.provider[member]))
        if len(free) and len(rows):
            found.append((int(rng.choice(free)), int(rng.choice(rows))))
        if len(found) == count:
            break
    if not found:
        return None
    elder, offer = np.array(found).T
    return elder, offer


def call_in_sick(district: District, count: int) -> tuple[int, ...]:
    """Caregivers who should work today and do not; never the first, nor who has a vehicle."""
    today = np.flatnonzero(district.crew.works[:, district.plan.days])
    today = np.setdiff1d(today, [0, *(row.driver for row in district.fleet)])
    return tuple(district.rng(12).permutation(today)[:count].tolist())


def daytime(moments: DateArray) -> IntArray:
    """Minutes from midnight in Shanghai."""
    local = moments + SHANGHAI
    minutes: IntArray = (local - local.astype("M8[D]")).astype(np.int64) // 60
    return minutes
