"""Caregivers of a day: their routes as lines of time, their towns, the points on the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.regions.models import Region
from songbai.core.regions.rules import bounds
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import open_orders
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules import mask_name
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import Shift
from songbai.domain.providers.queries import staff_on
from songbai.domain.visits.queries import RouteStop, day_routes, day_stops
from songbai.domain.visits.rules import LATE

from .board import services, towns_of

MOST_LINES = 12
FIRST_HOUR, LAST_HOUR = 7, 20
SERVED = frozenset({OrderState.TO_CONFIRM, OrderState.DONE, OrderState.SETTLED})
STATE_WORDS = {"done": "做完了", "now": "正在服务", "late": "可能迟到", "plan": "已排"}
#: Hours from which a block has room for a whole name.
WIDE = 1.0
#: Upper edges of the classes of orders per caregiver on the map.
BREAKS = [2, 3, 4, 5]


@dataclass(frozen=True)
class Block:
    """A visit on a caregiver's line; ``start`` and ``end`` are hours of the day with fractions."""

    order_id: int
    state: str
    label: str
    start: float
    end: float
    words: str


@dataclass
class Line:
    """One caregiver's day; blocks are made only for lines that are shown."""

    staff_id: int
    name: str
    town: str
    stops: list[RouteStop] = field(default_factory=list)
    rows: list[Assignment] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def rank(self) -> tuple[int, datetime, int]:
        """Late first, then serving, then planned, then free, then done for the day."""
        states = [state_of(s.order_state, s.starts_at) for s in self.stops]
        worst = next((i for i, s in enumerate(("late", "now", "plan")) if s in states), None)
        place = worst if worst is not None else 4 if states else 3
        ahead = [
            s.starts_at for s, state in zip(self.stops, states, strict=True) if state != "done"
        ]
        return place, min(ahead, default=clock.at(date.max, 0)), self.staff_id


@dataclass(frozen=True)
class Crew:
    """Who works on a day, and what stands in their day."""

    actor: Actor
    day: date
    towns: dict[str, Region]
    shifts: list[Shift]
    stops: list[RouteStop]

    @cached_property
    def serving(self) -> dict[int, RouteStop]:
        """Caregivers at an elder's home now."""
        return {s.staff_id: s for s in self.stops if s.order_state == OrderState.IN_SERVICE}

    @cached_property
    def free(self) -> dict[int, Shift]:
        """Caregivers on shift now (on another day: on any shift) who are not serving."""
        now = clock.now()
        return {
            shift.staff_id: shift
            for shift in self.shifts
            if shift.staff_id not in self.serving
            and (self.day != clock.today() or shift.during.lower <= now < shift.during.upper)
        }

    @cached_property
    def late(self) -> int:
        """Visits whose time has passed and to which nobody has come."""
        return sum(state_of(s.order_state, s.starts_at) == "late" for s in self.stops)

    def lines(self) -> list[Line]:
        """A line for everybody on shift or with visits, those who need an eye first."""
        found: dict[int, Line] = {}
        for shift in self.shifts:
            staff = shift.staff
            found[staff.pk] = self._line(staff.pk, staff.name, staff.region_id)
        for stop in self.stops:
            line = found.get(stop.staff_id) or self._line(
                stop.staff_id, stop.staff_name, stop.staff_region
            )
            found[stop.staff_id] = line
            line.stops.append(stop)
        return sorted(found.values(), key=Line.rank)

    def _line(self, staff_id: int, name: str, region: str) -> Line:
        town = self.towns.get(region[:9])
        return Line(staff_id, mask_name(name), town.short if town else "")


def crew_of(actor: Actor, day: date) -> Crew:
    """Shifts and routes of a day, in two queries; a cancelled order is nobody's way any more."""
    stops = [s for s in day_stops(actor, day) if s.order_state != OrderState.CANCELLED]
    return Crew(actor, day, towns_of(actor), list(staff_on(actor, day)), stops)


def state_of(order_state: str, starts_at: datetime) -> str:
    """done, now, late or plan."""
    if order_state in SERVED:
        return "done"
    if order_state == OrderState.IN_SERVICE:
        return "now"
    return "late" if starts_at + LATE < clock.now() else "plan"


@dataclass(frozen=True)
class Gantt:
    """The lines shown, how many there are in all, and the hour it is (None outside the picture)."""

    lines: list[Line]
    total: int
    late: int
    now: float | None
    hours = range(FIRST_HOUR, LAST_HOUR + 1)

    @property
    def elders(self) -> list[Elder]:
        """Everybody whose name is shown."""
        return [row.elder for line in self.lines for row in line.rows]


def gantt_of(crew: Crew, *, everyone: bool = False) -> Gantt:
    """The routes of a day."""
    lines = crew.lines()
    shown = lines if everyone else lines[:MOST_LINES]
    by_staff = {line.staff_id: line for line in shown}
    rows = day_routes(crew.actor, crew.day, by_staff)
    rows = [row for row in rows if row.order.state != OrderState.CANCELLED]
    prefetch_related_objects([row.order for row in rows], "lines__item")
    for row in rows:
        by_staff[row.staff_id].rows.append(row)
    for line in shown:
        line.blocks = [_block(row, crew.day) for row in line.rows]
    now = _hour(crew.day, clock.now())
    return Gantt(shown, len(lines), crew.late, now if FIRST_HOUR <= now <= LAST_HOUR else None)


def _hour(day: date, moment: datetime) -> float:
    return round((moment - clock.at(day, 0)).total_seconds() / 3600, 2)


def _block(row: Assignment, day: date) -> Block:
    """Planned times, or real ones once somebody has come."""
    visit = getattr(row, "visit", None)
    begin, end = row.during.lower, row.during.upper
    if visit is not None:
        begin, end = visit.in_at, visit.out_at or max(clock.now(), visit.in_at + (end - begin))
    state, label = state_of(row.order.state, row.starts_at), mask_name(row.elder.name)
    span = "–".join(f"{at.astimezone(clock.SHANGHAI):%H:%M}" for at in (begin, end))
    first = min(max(FIRST_HOUR, _hour(day, begin)), LAST_HOUR - 0.5)
    last = max(first, min(LAST_HOUR, _hour(day, end)))
    return Block(
        row.order_id,
        state,
        label if last - first >= WIDE else label[:2],
        first,
        last,
        f"{mask_name(row.staff_name)} {span} {label} {services(row.order)}，{STATE_WORDS[state]}",
    )


@dataclass
class TownLoad:
    """What a town needs and who is there."""

    name: str
    open: int = 0
    planned: int = 0
    free: int = 0
    serving: int = 0

    @property
    def each(self) -> float | None:
        """Open and planned orders for each caregiver on shift; None where nobody works."""
        crew = self.free + self.serving
        return round((self.open + self.planned) / crew, 1) if crew else None


def town_loads(actor: Actor, crew: Crew, waiting: Iterable[str]) -> list[TownLoad]:
    """Every town of the desk's area with its needs and its caregivers, the neediest first.

    ``waiting`` says for each open order in which village it waits.
    """
    planned = Counter(
        stop.region[:9] for stop in crew.stops if stop.order_state == OrderState.ASSIGNED
    )
    needs = Counter(village[:9] for village in waiting)
    free = Counter(shift.staff.region_id[:9] for shift in crew.free.values())
    serving = Counter(stop.staff_region[:9] for stop in crew.serving.values())
    low, high = bounds((actor.region or "")[:9])
    loads = [
        TownLoad(town.name, needs[code], planned[code], free[code], serving[code])
        for code, town in crew.towns.items()
        if low <= code.ljust(12, "0") <= high
    ]
    return sorted(loads, key=lambda load: (-load.open, -load.planned, load.name))


def points_of(crew: Crew, loads: list[TownLoad], waiting: list[Order]) -> dict[str, Any]:
    """GeoJSON of open orders and caregivers, and the load of each town for its colour."""
    return {
        "open": _features([(o.elder.longitude, o.elder.latitude) for o in waiting]),
        "free": _features([(s.staff.longitude, s.staff.latitude) for s in crew.free.values()]),
        "serving": _features([(s.longitude, s.latitude) for s in crew.serving.values()]),
        "towns": {load.name: load.each for load in loads if load.each is not None},
        "breaks": BREAKS,
    }


def _features(places: list[tuple[float, float]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "Point", "coordinates": [round(x, 5), round(y, 5)]},
            }
            for x, y in places
        ],
    }


def waiting_on_map(actor: Actor, day: date) -> list[Order]:
    """Open orders of a day with their elders, without what the map does not show."""
    return list(open_orders(actor, day).prefetch_related(None))
