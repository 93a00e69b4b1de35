"""Travel time without a road server: the straight line made longer by the terrain."""

import math
from collections.abc import Sequence

import numpy as np

from songbai.core.geo import DETOUR, EARTH_KM, PACE, Mode, Place, distance_km

from .rules import Minutes

#: Nearer than this (km) one is there already: no setting off, no parking.
SAME_DOOR_KM = 0.05


class EstimatedTravel:
    """Straight line × terrain factor ÷ pace of the mode, plus setting off and parking.

    ``terrain`` says how much longer roads are than the straight line.
    """

    def __init__(self, terrain: float = DETOUR) -> None:
        self.terrain = terrain

    def minutes(self, start: Place, end: Place, mode: Mode) -> int:
        """Estimated minutes of one way."""
        speed, fixed = PACE[mode]
        road = distance_km(start, end) * self.terrain
        return math.ceil(road / speed * 60 + (fixed if road > SAME_DOOR_KM else 0))

    def matrix(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> Minutes:
        """Estimated minutes of every way, shape (starts, ends)."""
        speed, fixed = PACE[mode]
        road = _distances_km(starts, ends) * self.terrain
        found = np.ceil(road / speed * 60 + np.where(road > SAME_DOOR_KM, fixed, 0.0))
        return found.astype(np.int32)


def _distances_km(starts: Sequence[Place], ends: Sequence[Place]) -> np.ndarray:
    """Great-circle distances (haversine), the same arithmetic as ``geo.distance_km``."""
    a, b = _radians(starts)[:, None], _radians(ends)[None]
    half = (
        np.sin((b[..., 1] - a[..., 1]) / 2) ** 2
        + np.cos(a[..., 1]) * np.cos(b[..., 1]) * np.sin((b[..., 0] - a[..., 0]) / 2) ** 2
    )
    found: np.ndarray = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    return found


def _radians(places: Sequence[Place]) -> np.ndarray:
    degrees = [(place.longitude, place.latitude) for place in places]
    return np.radians(np.array(degrees, dtype=np.float64).reshape(len(places), 2))
