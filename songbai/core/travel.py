"""Travel time: estimated, or asked of a server that speaks the OSRM API. One contract."""

from __future__ import annotations

import math
from functools import cache
from typing import Protocol

import httpx
from django.conf import settings

from songbai.core.geo import DETOUR, PACE, Mode, Place, distance_km


class Travel(Protocol):
    """Minutes from one place to another; whole minutes, rounded up."""

    def minutes(self, start: Place, end: Place, mode: Mode) -> int: ...


class EstimatedTravel:
    """Straight line × detour ÷ pace of the mode."""

    def minutes(self, start: Place, end: Place, mode: Mode) -> int:
        """Estimated minutes."""
        speed, fixed = PACE[mode]
        road = distance_km(start, end) * DETOUR
        return math.ceil(road / speed * 60 + (fixed if road > 0.05 else 0))


class OsrmTravel:
    """Asks a server that speaks the OSRM route API; estimates when it is silent."""

    profiles = {Mode.WALK: "foot", Mode.EBIKE: "bike", Mode.CAR: "driving"}

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=2)
        self.estimate = EstimatedTravel()

    def minutes(self, start: Place, end: Place, mode: Mode) -> int:
        """Minutes by road."""
        points = f"{start.longitude},{start.latitude};{end.longitude},{end.latitude}"
        try:
            reply = self.client.get(
                f"/route/v1/{self.profiles[mode]}/{points}", params={"overview": "false"}
            )
            reply.raise_for_status()
            return math.ceil(float(reply.json()["routes"][0]["duration"]) / 60)
        except (httpx.HTTPError, KeyError, IndexError, ValueError):
            return self.estimate.minutes(start, end, mode)


@cache
def travel() -> Travel:
    """The travel adapter of this installation."""
    return OsrmTravel(settings.TRAVEL_SERVER) if settings.TRAVEL_SERVER else EstimatedTravel()
