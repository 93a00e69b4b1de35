"""Who goes where when: every visit of a district's caregivers, past and planned, and who waits.

Every caregiver has clients of her own, goes round them in turn, and can get from one to the next.
Times are minutes from midnight of the day in Shanghai; days count from the oldest. Rows are those
of the batch, the crew and what is offered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from songbai.cli.demo.batch import LivingSituation
from songbai.cli.demo.crew import Offered, able, menu
from songbai.cli.demo.district import District
from songbai.cli.demo.fleet import Driven, aboard
from songbai.cli.demo.identity import IntArray
from songbai.core import clock
from songbai.core.geo import Mode, Place, distance_km
from songbai.core.travel import EstimatedTravel
from songbai.domain.providers.rules import VehicleKind

CLIENTS = 28
#: So many elders nearby are looked at when clients are chosen.
LOOKED_AT = 1_800
#: Visits per day: two to four.
VISITS = (0.22, 0.48, 0.30)
#: The working day is cut into as many parts as there are visits; each begins in the first share
#: of its part, and the last minutes of the day are kept for the last visit.
BEGINS_WITHIN, LAST_MINUTES = 0.85, 50
#: Rounding of planned times, in minutes; windows begin at half hours.
GRID, WINDOW_GRID = 5, 30
ASSIGNED_TOMORROW_SHARE = 0.08
SICK = 2
OPEN_TODAY, OPEN_TOMORROW = 12, 25
#: Hours of the day, in minutes, in which windows of open orders begin.
EARLIEST, LATEST = 8 * 60, 18 * 60
#: For each vehicle: when windows of orders for it begin, in minutes, and how many wait today and
#: tomorrow; tomorrow more than fits, so that it is filled up on the way.
CARRIED = {
    VehicleKind.BATH_VAN: (range(9 * 60, 16 * 60 + 1, 30), 1, 5),
    VehicleKind.MEAL_BIKE: (range(10 * 60 + 30, 12 * 60 + 1, 30), 4, 7),
}
#: Services of the elders the demo tells about: inexpensive, so that credit is left.
USUAL = {False: "A01-02", True: "A05-02"}
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


@dataclass(frozen=True, slots=True)
class Stop:
    """One planned visit; ``again``: she has been there on an earlier day."""

    member: int
    day: int
    elder: int
    offer: int
    start: int
    travel: int
    km: float
    again: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order nobody has been found for yet."""

    elder: int
    offer: int
    day: int
    begins: int


def clients(district: District, entitled: IntArray) -> IntArray:
    """Elders near the base of each caregiver, nobody twice; shape (crew, clients).

    At home, and with a credit (``entitled``, row numbers) or old or frail enough to order care.
    With few elders there are fewer clients each; the two elders of the demo are the first
    caregiver's.
    """
    batch, crew, named, rng = district.batch, district.crew, district.named, district.rng(6)
    has_credit = np.isin(district.elder_ids, entitled)
    wanted = (batch.living != LivingSituation.IN_INSTITUTION) & (
        has_credit | (batch.ability >= 1) | (batch.age >= 80)
    )
    if named:
        wanted[[named.mother, named.father, named.stranger]] = False
    pool = np.flatnonzero(wanted)
    each = min(CLIENTS, len(pool) // (len(crew) + 1))
    chosen = np.zeros((len(crew), each), dtype=np.int64)
    for member in range(len(crew) if each else 0):
        near = rng.choice(pool, LOOKED_AT, replace=False) if len(pool) > LOOKED_AT else pool
        free = near[wanted[near]]
        if len(free) < each:
            free = pool[wanted[pool]]
        far = np.hypot(batch.lon[free] - crew.lon[member], batch.lat[free] - crew.lat[member])
        chosen[member] = free[np.argpartition(far, each - 1)[:each]]
        wanted[chosen[member]] = False
    if named and each > 2:
        chosen[0, :2] = named.rows()
    return chosen


def call_in_sick(district: District) -> tuple[int, ...]:
    """Caregivers who should work today and do not; never the first, nor who has a vehicle."""
    today = np.flatnonzero(district.crew.works[:, district.plan.days])
    today = np.setdiff1d(today, [0, *(row.driver for row in district.fleet)])
    return tuple(district.rng(12).permutation(today)[:SICK].tolist())


def stops(district: District, of: IntArray) -> list[Stop]:
    """All visits up to tomorrow, by day, caregiver and time; of tomorrow's only a few."""
    plan, rng = district.plan, district.random(11)
    found: list[Stop] = []
    seen: dict[tuple[int, int], int] = {}
    wishing = _Wishes(district, of, rng)
    for day in range(plan.days + 2 if of.shape[1] else 0):
        for member in np.flatnonzero(district.crew.works[:, day]).tolist():
            if day == plan.days and member in district.sick:
                continue
            written = wishing.is_written(member, day)
            for stop in wishing.round(member, day):
                first = seen.setdefault((member, stop.elder), day)
                if written or day <= plan.days or rng.random() < ASSIGNED_TOMORROW_SHARE:
                    found.append(replace(stop, again=first != day))
    return found


class _Wishes:
    """What each caregiver shall do on a day, and how she gets through it."""

    def __init__(self, district: District, of: IntArray, rng: Random) -> None:
        self.district, self.of, self.rng = district, of.tolist(), rng
        vans = {row.driver for row in district.fleet if row.vehicle.kind == VehicleKind.BATH_VAN}
        self.menu = menu(district.crew, district.offered, vans)
        crew = aboard(district.crew, district.fleet)
        self.base = [Place(*at) for at in zip(crew.lon.tolist(), crew.lat.tolist(), strict=True)]
        self.mode = [Mode(mode) for mode in crew.mode.tolist()]
        self.begins, self.ends = crew.begins.tolist(), crew.ends.tolist()
        self.codes = {
            item.code: row
            for row, item in enumerate(district.offered.items)
            if int(district.offered.provider[row]) == 0
        }
        self.named = set(district.named.rows() if district.named else [])
        self.travel = EstimatedTravel()

    def is_written(self, member: int, day: int) -> bool:
        """Whether the day is one of the named caregiver's written ones."""
        return bool(self.named) and member == 0 and day >= self.district.plan.days - 1

    def round(self, member: int, day: int) -> Iterator[Stop]:
        """Each visit she can get to in time, one after the other."""
        written = self.is_written(member, day)
        wishes = self._written(day) if written else self._wished(member, day)
        here, free = self.base[member], self.begins[member]
        for wish, elder, offer in wishes:
            item, home = self.district.offered.items[offer], self.district.home(elder)
            travel = self.travel.minutes(here, home, self.mode[member])
            start = wish if written else -(-max(free + travel, wish) // GRID) * GRID
            if not written and start + item.minutes > self.ends[member]:
                continue
            km = distance_km(here, home)
            yield Stop(member, day, elder, offer, start, travel, km, again=False)
            here, free = self.district.end(elder, item), start + item.minutes

    def _written(self, day: int) -> Iterator[tuple[int, int, int]]:
        for ahead, minute, whose, code in NAMED_DAYS:
            known = code in self.codes and whose < len(self.of[0])
            if known and ahead == day - self.district.plan.days:
                yield minute, self.of[0][whose], self.codes[code]

    def _wished(self, member: int, day: int) -> Iterator[tuple[int, int, int]]:
        offers, theirs = self.menu[member], self.of[member]
        if not offers:
            return
        wanted = self.rng.choices((2, 3, 4), VISITS)[0]
        part = (self.ends[member] - self.begins[member] - LAST_MINUTES) / wanted
        for turn in range(min(wanted, len(theirs))):
            elder = theirs[(day * 3 + turn) % len(theirs)]
            usual = offers[elder * 7 % len(offers)]
            offer = usual if self.rng.random() < 0.6 else self.rng.choice(offers)
            if elder in self.named:
                long = self.district.offered.items[offer].minutes >= 30
                offer = self.codes.get(USUAL[long], offer)
            within = turn + self.rng.random() * BEGINS_WITHIN
            yield self.begins[member] + int(within * part), elder, offer


def waiting(district: District, planned: list[Stop], of: IntArray) -> list[Waiting]:
    """Orders without a caregiver: for later today while it is day, for tomorrow, for vehicles."""
    plan, rng = district.plan, district.random(15)
    found: list[Waiting] = []
    scale = len(district.crew) / 274
    for day, begin, count in ((0, soon(district), OPEN_TODAY), (1, EARLIEST, OPEN_TOMORROW)):
        if begin <= LATEST and of.shape[1]:
            wanted = _wanted(district, rng, planned, of, plan.days + day)
            hours = range(begin, LATEST + 1, WINDOW_GRID)
            for elder, offer in wanted[: max(3, round(count * scale))]:
                found.append(Waiting(elder, offer, plan.days + day, rng.choice(hours)))
    return found + _carried(district, rng, planned, found, of)


def soon(district: District) -> int:
    """The half hour of today, in minutes, at which a new order may begin; none: after the last."""
    now = district.plan.now.astimezone(clock.SHANGHAI)
    minute = now.hour * 60 + now.minute + 45
    return max(EARLIEST, -(-minute // WINDOW_GRID) * WINDOW_GRID)


def _wanted(
    district: District, rng: Random, planned: list[Stop], of: IntArray, day: int
) -> list[tuple[int, int]]:
    """Elders without a visit that day, and services somebody of their provider could give."""
    offered, crew = district.offered, district.crew
    busy = {stop.elder for stop in planned if stop.day == day}
    busy |= set(district.named.rows() if district.named else [])
    on_shift = crew.works[:, day].copy()
    on_shift[list(district.sick)] = False
    possible: dict[int, list[int]] = {}
    for row, (provider, item) in enumerate(
        zip(offered.provider.tolist(), offered.items, strict=True)
    ):
        plain = item.at_home and not item.vehicle and item.minutes <= 120
        if plain and bool((able(crew, item) & (crew.provider == provider) & on_shift).any()):
            possible.setdefault(provider, []).append(row)
    found = []
    for member in rng.sample(range(len(crew)), len(crew)):
        free = [elder for elder in of[member].tolist() if elder not in busy]
        offers = possible.get(int(crew.provider[member]))
        if free and offers:
            found.append((rng.choice(free), rng.choice(offers)))
    return found


def _carried(
    district: District, rng: Random, planned: list[Stop], others: list[Waiting], of: IntArray
) -> list[Waiting]:
    """Orders for each vehicle that wait for somebody who has it, today and tomorrow."""
    plan = district.plan
    taken = {stop.elder for stop in planned if stop.day >= plan.days}
    taken |= {one.elder for one in others}
    taken |= set(district.named.rows() if district.named else [])
    found: list[Waiting] = []
    for vehicle in district.fleet:
        sold = _sold(district.offered, vehicle)
        hours, now, later = CARRIED[VehicleKind(vehicle.vehicle.kind)]
        for day, begin, count in ((0, soon(district), now), (1, EARLIEST, later)):
            free = [one for one in of[vehicle.driver].tolist() if one not in taken][:count]
            starts = [hour for hour in hours if hour >= begin]
            if sold and starts:
                taken |= set(free)
                found += [
                    Waiting(elder, rng.choice(sold), plan.days + day, rng.choice(starts))
                    for elder in free
                ]
    return found


def _sold(offered: Offered, vehicle: Driven) -> list[int]:
    """What the provider of a vehicle sells that needs it."""
    return [
        row
        for row, item in enumerate(offered.items)
        if offered.provider[row] == vehicle.provider and item.vehicle == vehicle.vehicle.kind
    ]
