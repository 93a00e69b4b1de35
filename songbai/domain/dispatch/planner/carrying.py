"""What a vehicle means in the solver's problem."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from songbai.domain.dispatch.solver.day.problem import Caregiver
from songbai.domain.dispatch.vehicles import Vehicle, used_by

from .facts import Member, Need


def carrying(members: Mapping[str, Member], need: Need) -> frozenset[str] | None:
    """Shifts with the vehicle that a need asks for; None: it asks for none."""
    if need.vehicle is None:
        return None
    return frozenset(key for key, member in members.items() if need.carried_by(member))


def with_vehicle(
    caregiver: Caregiver, vehicle: Vehicle, loads: Sequence[int], refill_place: int
) -> Caregiver:
    """Somebody with what is left in her vehicle after visits of these loads."""
    return replace(
        caregiver,
        capacity=vehicle.capacity,
        load=min(vehicle.capacity, used_by(vehicle, loads)),
        refill_place=refill_place,
        refill_minutes=vehicle.minutes,
    )
