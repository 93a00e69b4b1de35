"""What happened and what is planned: every visit of a district's caregivers over some days.

Pure arrays. Times are minutes from midnight of the day in Shanghai; days count from the oldest.
Every caregiver has clients of her own, goes round them in turn, and can get from one to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from songbai.cli.demo.batch import ElderBatch, LivingSituation
from songbai.cli.demo.crew import Crew, Offered
from songbai.cli.demo.geography import BoolArray, FloatArray
from songbai.cli.demo.hospitals import Hospitals
from songbai.cli.demo.identity import IntArray
from songbai.core.geo import DETOUR, EARTH_KM, PACE, Mode

CLIENTS = 28
#: So many elders nearby are looked at when clients are chosen.
LOOKED_AT = 900
#: Visits per day: two to four.
VISITS = (0.22, 0.48, 0.30)
#: The working day is cut into as many parts as there are visits; each begins in the first share
#: of its part, and the last minutes of the day are kept for the last visit.
BEGINS_WITHIN, LAST_MINUTES = 0.85, 50
#: Rounding of planned times, in minutes; windows begin at half hours and last an hour.
GRID, WINDOW_GRID, WINDOW = 5, 30, 60


@dataclass(frozen=True, slots=True)
class Stops:
    """Planned visits as columns of length n; ``elder`` and ``offer`` are row indices."""

    staff: IntArray
    day: IntArray
    elder: IntArray
    offer: IntArray
    start: IntArray
    minutes: IntArray
    travel: IntArray
    metres: IntArray
    again: BoolArray
    """Whether the caregiver has been there before."""

    def __len__(self) -> int:
        return len(self.staff)

    def take(self, rows: NDArray[np.integer] | BoolArray) -> Stops:
        """The visits of some rows."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def choose_clients(
    rng: np.random.Generator, batch: ElderBatch, wanted: BoolArray, crew: Crew
) -> IntArray:
    """Clients of each caregiver: elders near her base, nobody twice; shape (n, clients).

    ``wanted`` says which elders may be chosen. With few elders there are fewer clients each.
    """
    pool = np.flatnonzero(wanted)
    each = min(CLIENTS, len(pool) // (len(crew) + 1))
    free = np.ones(len(batch), dtype=np.bool_)
    clients = np.empty((len(crew), each), dtype=np.int64)
    for member in range(len(crew)):
        seen = (
            pool if len(pool) <= LOOKED_AT * 2 else rng.choice(pool, LOOKED_AT * 2, replace=False)
        )
        open_ = seen[free[seen]]
        if len(open_) < each:
            open_ = pool[free[pool]]
        far = np.hypot(batch.lon[open_] - crew.lon[member], batch.lat[open_] - crew.lat[member])
        clients[member] = open_[np.argpartition(far, each - 1)[:each]] if each else open_[:0]
        free[clients[member]] = False
    return clients


def likely_clients(batch: ElderBatch, entitled: BoolArray) -> BoolArray:
    """Elders at home who have a credit, or are old or frail enough to order care."""
    at_home = batch.living != LivingSituation.IN_INSTITUTION
    frail = (batch.ability >= 1) | (batch.age >= 80)
    chosen: BoolArray = at_home & (entitled | frail)
    return chosen


def distance_km(
    lon_a: FloatArray, lat_a: FloatArray, lon_b: FloatArray, lat_b: FloatArray
) -> FloatArray:
    """``songbai.core.geo.distance_km`` for arrays."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * (
        np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    )
    km: FloatArray = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    return km


def travel_minutes(km: FloatArray, mode: NDArray[np.str_]) -> IntArray:
    """``EstimatedTravel.minutes`` for arrays."""
    speed = np.array([PACE[Mode(name)][0] for name in mode.tolist()])
    fixed = np.array([PACE[Mode(name)][1] for name in mode.tolist()])
    road = km * DETOUR
    minutes: IntArray = np.ceil(road / speed * 60 + np.where(road > 0.05, fixed, 0)).astype(
        np.int64
    )
    return minutes


@dataclass(slots=True)
class _Day:
    """Where every caregiver is, and when she is free; the lists grow visit by visit."""

    lon: FloatArray
    lat: FloatArray
    free_at: IntArray
    going: BoolArray


def fill(
    rng: np.random.Generator,
    batch: ElderBatch,
    crew: Crew,
    clients: IntArray,
    offered: Offered,
    menu: tuple[IntArray, IntArray],
    days: IntArray,
    hospitals: Hospitals,
) -> Stops:
    """Two to four visits for everybody who works on each of the days (indices into ``works``)."""
    minutes = np.array([item.minutes for item in offered.items])
    out = np.array([not item.returns for item in offered.items], dtype=np.bool_)
    each = clients.shape[1]
    found: list[Stops] = []
    if not each:
        return joined(found)
    for day in days.tolist():
        state = _Day(crew.lon.copy(), crew.lat.copy(), crew.begins.copy(), crew.works[:, day])
        wanted = rng.choice([2, 3, 4], size=len(crew), p=VISITS)
        for turn in range(4):
            place = (day * 3 + turn + np.arange(len(crew))) % each
            elder = clients[np.arange(len(crew)), place]
            usual = (elder * 7) % np.maximum(menu[1], 1)
            other = (rng.random(len(crew)) * menu[1]).astype(np.int64)
            offer = menu[0][
                np.arange(len(crew)), np.where(rng.random(len(crew)) < 0.6, usual, other)
            ]
            state.going = state.going & (turn < np.minimum(wanted, each)) & (menu[1] > 0)
            part = (crew.ends - crew.begins - LAST_MINUTES) / wanted
            within = turn + rng.random(len(crew)) * BEGINS_WITHIN
            wish = crew.begins + (within * part).astype(np.int64)
            ends = hospitals.ends(batch, elder, out[offer])
            visits = _go(batch, crew, state, wish, day, elder, offer, minutes[offer], ends)
            found.append(visits)
    return joined(found)


def _go(
    batch: ElderBatch,
    crew: Crew,
    state: _Day,
    wish: IntArray,
    day: int,
    elder: IntArray,
    offer: IntArray,
    minutes: IntArray,
    ends: tuple[FloatArray, FloatArray],
) -> Stops:
    """Everybody who can goes to her next elder; the state moves on to where the visit ends."""
    km = distance_km(state.lon, state.lat, batch.lon[elder], batch.lat[elder])
    travel = travel_minutes(km, crew.mode)
    start = -(-np.maximum(state.free_at + travel, wish) // GRID) * GRID
    ok = state.going & (start + minutes <= crew.ends)
    rows = np.flatnonzero(ok)
    state.lon[rows], state.lat[rows] = ends[0][rows], ends[1][rows]
    state.free_at[rows] = (start + minutes)[rows]
    return Stops(
        staff=rows,
        day=np.full(len(rows), day),
        elder=elder[rows],
        offer=offer[rows],
        start=start[rows],
        minutes=minutes[rows],
        travel=travel[rows],
        metres=np.round(km[rows] * 1000).astype(np.int64),
        again=np.zeros(len(rows), dtype=np.bool_),
    )


def joined(parts: list[Stops]) -> Stops:
    """All visits by day, caregiver and time."""
    nothing = np.zeros(0, dtype=np.int64)
    columns = {
        f.name: np.concatenate([nothing, *(getattr(part, f.name) for part in parts)])
        for f in fields(Stops)
    }
    order = np.lexsort((columns["start"], columns["staff"], columns["day"]))
    return _with_again(Stops(**columns).take(order))


def _with_again(stops: Stops) -> Stops:
    """The same visits, each marked whether the caregiver was there on an earlier day."""
    pair = stops.staff * 100_000_000 + stops.elder
    _, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
    return replace(stops, again=stops.day > stops.day[first[inverse]])
