"""Places: distance, H3 cells, and how fast people get about. Pure."""

import math
from dataclasses import dataclass
from enum import StrEnum

import h3

EARTH_KM = 6371.0088
#: Cells of about 0.74 km², for "near".
RESOLUTION = 8


@dataclass(frozen=True)
class Place:
    """A point in WGS-84 degrees."""

    longitude: float
    latitude: float


class Mode(StrEnum):
    """How a caregiver gets about."""

    WALK = "walk"
    EBIKE = "ebike"
    CAR = "car"


#: Speed in km/h and minutes to set off and park. Own proposal, to be replaced by measured times.
PACE = {Mode.WALK: (4.5, 0.0), Mode.EBIKE: (18.0, 2.0), Mode.CAR: (32.0, 5.0)}
#: Roads in hilly country are so much longer than the straight line. Own proposal.
DETOUR = 1.35


def distance_km(a: Place, b: Place) -> float:
    """Great-circle distance in kilometres (haversine)."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * (
        math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def cell(place: Place) -> str:
    """The H3 cell of a place."""
    return str(h3.latlng_to_cell(place.latitude, place.longitude, RESOLUTION))
