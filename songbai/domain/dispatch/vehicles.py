"""What somebody's vehicle means for her day: what it can carry, and when it is filled up. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from songbai.core.geo import Mode, Place
from songbai.domain.providers.rules import (
    REFILL_WORDS,
    VEHICLE_MODE,
    VehicleKind,
)

TravelMinutes = Callable[[Place, Place, Mode], int]


@dataclass(frozen=True)
class Vehicle:
    """A vehicle on somebody's shift: full when the day begins, filled up when too little is left.

    ``capacity`` is the load between two refills, ``minutes`` how long a refill takes.
    """

    id: int
    kind: VehicleKind
    capacity: int
    refill: Place
    minutes: int

    @property
    def mode(self) -> Mode:
        """How whoever has it gets about."""
        return VEHICLE_MODE[self.kind]

    def after(self, used: int, load: int) -> tuple[int, bool]:
        """What is used after a visit of ``load``, and whether it is filled up on the way there."""
        filled = load > 0 and used + load > self.capacity
        return (load if filled else used + load), filled


def carries(vehicle: Vehicle | None, kind: VehicleKind | None, load: int) -> bool:
    """Whether a visit that needs this kind (None: nothing) can be done with what somebody has."""
    if kind is None:
        return True
    return vehicle is not None and vehicle.kind is kind and load <= vehicle.capacity


def refills(vehicle: Vehicle | None, loads: Iterable[int]) -> list[bool]:
    """Whether the vehicle is filled up on the way to each stop of a day."""
    if vehicle is None:
        return [False for _ in loads]
    found, used = [], 0
    for load in loads:
        used, filled = vehicle.after(used, load)
        found.append(filled)
    return found


def used_by(vehicle: Vehicle, loads: Iterable[int]) -> int:
    """What is used since the last refill, after stops of these loads."""
    used = 0
    for load in loads:
        used, _ = vehicle.after(used, load)
    return used


def way(here: Place, there: Place, vehicle: Vehicle | None, *, filled: bool) -> tuple[Place, ...]:
    """The places of one way; with a refill, where the vehicle is filled up lies between."""
    return (here, vehicle.refill, there) if vehicle and filled else (here, there)


class OnTheRoad(Protocol):
    """Somebody who gets about: in her vehicle if she has one."""

    @property
    def mode(self) -> Mode:
        """How she gets about."""
        ...

    @property
    def vehicle(self) -> Vehicle | None:
        """What she has on her shift."""
        ...


def leg(
    here: Place, there: Place, who: OnTheRoad, travel: TravelMinutes, *, full: bool
) -> tuple[int, int]:
    """Minutes on the road, and minutes of filling up if she does (``full``) on this way."""
    if not full or who.vehicle is None:
        return travel(here, there, who.mode), 0
    places = way(here, there, who.vehicle, filled=True)
    road = sum(travel(one, other, who.mode) for one, other in pairwise(places))
    return road, who.vehicle.minutes


def only_with(kind: VehicleKind) -> str:
    """只有带助浴车的人能做."""
    return f"只有带{kind.words}的人能做"


def with_words(kind: VehicleKind, minutes: int) -> str:
    """带助浴车，途中加水 20 分钟; ``minutes`` 0: not filled up on the way."""
    words = f"带{kind.words}"
    return f"{words}，途中{REFILL_WORDS[kind]} {minutes} 分钟" if minutes else words
