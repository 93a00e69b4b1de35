"""Vehicles of one district: whose they are, where they stand, and who has them every day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from songbai.cli.demo.crew import Crew
from songbai.cli.demo.network import Network
from songbai.core.geo import Place, distance_km
from songbai.domain.providers.models import Facility, Vehicle
from songbai.domain.providers.rules import VEHICLE_MODE, FacilityKind, VehicleKind

#: How many Tongliang has (other districts: as many per elder, at least one), and of what size:
#: visits between two refills, minutes of a refill. Own proposal.
SIZES = {VehicleKind.BATH_VAN: (2, 4, 25), VehicleKind.MEAL_BIKE: (6, 6, 10)}
#: Where each kind stands and is filled up, and what whoever has it must be able to do.
STANDS = {
    VehicleKind.BATH_VAN: FacilityKind.BATH_POINT,
    VehicleKind.MEAL_BIKE: FacilityKind.CANTEEN,
}
ABLE = {VehicleKind.BATH_VAN: {"care", "bathing"}, VehicleKind.MEAL_BIKE: set[str]()}


@dataclass(frozen=True, slots=True)
class Driven:
    """One vehicle; ``provider`` and ``driver`` are rows of the network and of the crew."""

    vehicle: Vehicle
    provider: int
    driver: int


def assemble(network: Network, crew: Crew, scale: float, days: int) -> tuple[Driven, ...]:
    """The vehicles of a district, each with a caregiver who works today and tomorrow.

    Never the first caregiver, whose days are written. ``days`` is how many lie behind.
    """
    taken, rows = {0}, []
    for kind, (count, capacity, minutes) in SIZES.items():
        step = 2 if kind is VehicleKind.BATH_VAN else 1
        for number in range(max(1, round(count * scale))):
            provider = number * step % network.home_care
            driver = _driver(crew, provider, kind, days, taken)
            if driver is None:
                continue
            stands = _stands(network, crew, driver, STANDS[kind])
            taken.add(driver)
            vehicle = Vehicle(
                kind=kind,
                plate=f"{number + 1} 号",
                region_id=network.providers[provider].region_id,
                refill_name=stands.name,
                longitude=stands.longitude,
                latitude=stands.latitude,
                capacity=capacity,
                refill_minutes=minutes,
            )
            rows.append(Driven(vehicle, provider, driver))
    return tuple(rows)


def _driver(crew: Crew, provider: int, kind: VehicleKind, days: int, taken: set[int]) -> int | None:
    """Who of a provider is able and free of another vehicle; her free day is neither of the two."""
    able = (
        row
        for row in np.flatnonzero(crew.provider == provider).tolist()
        if row not in taken and ABLE[kind] <= set(crew.skills[row])
    )
    driver = next(able, None)
    if driver is not None:
        crew.works[driver, days : days + 2] = True
    return driver


def _stands(network: Network, crew: Crew, driver: int, kind: FacilityKind) -> Facility:
    """The place of that kind nearest to the driver's base."""
    base = Place(float(crew.lon[driver]), float(crew.lat[driver]))
    places = (place for place in network.facilities if place.kind == kind)
    return min(places, key=lambda one: distance_km(base, Place(one.longitude, one.latitude)))


def aboard(crew: Crew, rows: Iterable[Driven]) -> Crew:
    """The crew as it gets about: who has a vehicle begins where it stands and drives it."""
    lon, lat, mode = crew.lon.copy(), crew.lat.copy(), crew.mode.copy()
    for row in rows:
        lon[row.driver], lat[row.driver] = row.vehicle.longitude, row.vehicle.latitude
        mode[row.driver] = VEHICLE_MODE[VehicleKind(row.vehicle.kind)].value
    return replace(crew, lon=lon, lat=lat, mode=mode)
