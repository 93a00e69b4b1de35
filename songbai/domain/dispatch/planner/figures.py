"""What a day looks like in numbers, the same for a draft and for what stands."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from .facts import Member


class Trip(Protocol):
    """One visit as the figures need it; ``familiar`` None: the elder knows nobody yet."""

    @property
    def staff_id(self) -> int | None: ...
    @property
    def minutes(self) -> int: ...
    @property
    def travel_minutes(self) -> int: ...
    @property
    def metres(self) -> int: ...
    @property
    def familiar(self) -> bool | None: ...


@dataclass(frozen=True)
class Figures:
    """Numbers of a day. Minutes of work, road and shifts; metres in a straight line.

    ``busiest`` and ``idlest`` are shares of the shift in per cent, work and road together; ``cost``
    in points, None where nothing was computed.
    """

    made: int = 0
    open: int = 0
    crew: int = 0
    work: int = 0
    road: int = 0
    shifts: int = 0
    metres: int = 0
    familiar: int = 0
    familiar_of: int = 0
    busiest: int = 0
    idlest: int = 0
    cost: float | None = None

    @property
    def utilisation(self) -> int:
        """Work as per cent of the shifts."""
        return round(100 * self.work / self.shifts) if self.shifts else 0

    @property
    def road_each(self) -> float | None:
        """Minutes on the road for each visit; None without visits."""
        return round(self.road / self.made, 1) if self.made else None

    @property
    def kilometres(self) -> float:
        """All ways to the visits."""
        return round(self.metres / 1000, 1)

    @property
    def continuity(self) -> int | None:
        """Per cent of visits by somebody the elder knows, of those who know somebody."""
        return round(100 * self.familiar / self.familiar_of) if self.familiar_of else None

    def as_json(self) -> dict[str, Any]:
        """For the table; ``Figures(**row)`` reads it."""
        return asdict(self)


def figures_of(
    trips: Iterable[Trip], members: Iterable[Member], still_open: int, cost: float | None = None
) -> Figures:
    """Count a day."""
    crew = list(members)
    done = list(trips)
    shifts: dict[int, int] = {}
    for member in crew:
        shifts[member.staff_id] = shifts.get(member.staff_id, 0) + member.ends - member.starts
    loads = _loads(done, shifts)
    judged = [trip for trip in done if trip.familiar is not None]
    return Figures(
        made=len(done),
        open=still_open,
        crew=len(shifts),
        work=sum(trip.minutes for trip in done),
        road=sum(trip.travel_minutes for trip in done),
        shifts=sum(shifts.values()),
        metres=sum(trip.metres for trip in done),
        familiar=sum(bool(trip.familiar) for trip in judged),
        familiar_of=len(judged),
        busiest=max(loads, default=0),
        idlest=min(loads, default=0),
        cost=cost,
    )


def _loads(trips: list[Trip], shifts: Mapping[int, int]) -> list[int]:
    """Each caregiver's work and road as per cent of the shift."""
    busy = dict.fromkeys(shifts, 0)
    for trip in trips:
        if trip.staff_id in busy:
            busy[trip.staff_id] += trip.minutes + trip.travel_minutes
    return [round(100 * busy[staff] / shifts[staff]) for staff in shifts if shifts[staff]]
