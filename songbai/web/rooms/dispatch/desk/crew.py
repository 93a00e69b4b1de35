"""Caregivers of a day: who works, what stands in their day, their towns, the points on the map."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.regions.models import Region
from songbai.core.regions.rules import bounds
from songbai.domain.dispatch.queries import open_orders
from songbai.domain.dispatch.queries.days import SERVED
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import Shift
from songbai.domain.providers.queries import staff_on
from songbai.domain.visits.queries import RouteStop, day_stops
from songbai.domain.visits.rules import LATE
from songbai.web.frames.bureau.cockpit import breaks_of

from .board import towns_of


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
        return sum(
            state_of(s.order_state, s.starts_at, s.expected_at) == "late" for s in self.stops
        )


def crew_of(actor: Actor, day: date) -> Crew:
    """Shifts and routes of a day, in two queries; a cancelled order is nobody's way any more."""
    stops = [s for s in day_stops(actor, day) if s.order_state != OrderState.CANCELLED]
    return Crew(actor, day, towns_of(actor), list(staff_on(actor, day)), stops)


def state_of(order_state: str, starts_at: datetime, expected_at: datetime | None = None) -> str:
    """done, now, late (or thought to become so) or plan."""
    if order_state in SERVED:
        return "done"
    if order_state == OrderState.IN_SERVICE:
        return "now"
    return "late" if expected_at or starts_at + LATE < clock.now() else "plan"


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
    each = {load.name: load.each for load in loads if load.each is not None}
    return {
        "open": _features([(o.elder.longitude, o.elder.latitude) for o in waiting]),
        "free": _features([(s.staff.longitude, s.staff.latitude) for s in crew.free.values()]),
        "serving": _features([(s.longitude, s.latitude) for s in crew.serving.values()]),
        "routes": _routes(crew),
        "towns": each,
        "breaks": breaks_of(list(each.values())),
    }


def _routes(crew: Crew) -> dict[str, Any]:
    """A line from home to home, by way of destinations, for everybody, as the day goes."""
    ways: dict[int, list[list[float]]] = {}
    for shift in crew.shifts:
        ways.setdefault(shift.staff_id, [[shift.staff.longitude, shift.staff.latitude]])
    for stop in crew.stops:
        ways.setdefault(stop.staff_id, []).extend([x, y] for x, y in stop.way)
    return _collection(
        ("LineString", [[round(x, 5), round(y, 5)] for x, y in way], {"staff": staff_id})
        for staff_id, way in ways.items()
        if len(way) > 1
    )


def _features(places: list[tuple[float, float]]) -> dict[str, Any]:
    return _collection(("Point", [round(x, 5), round(y, 5)], {}) for x, y in places)


def _collection(shapes: Iterable[tuple[str, list[Any], dict[str, int]]]) -> dict[str, Any]:
    """GeoJSON of shapes: their kind, where they lie, and what is told of them."""
    features = [
        {"type": "Feature", "properties": told, "geometry": {"type": kind, "coordinates": at}}
        for kind, at, told in shapes
    ]
    return {"type": "FeatureCollection", "features": features}


def waiting_on_map(actor: Actor, day: date) -> list[Order]:
    """Open orders of a day with their elders, without what the map does not show."""
    return list(open_orders(actor, day).prefetch_related(None))
