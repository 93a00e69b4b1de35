"""The two road servers in wide use and how each is asked for a block of ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from songbai.core.geo import Mode, Place

from .roads import RoadServer, Seconds, Unanswered


class Osrm(RoadServer):
    """OSRM's table service. Its own limit is 100 coordinates in a question (--max-table-size)."""

    profiles = {Mode.WALK: "foot", Mode.EBIKE: "bike", Mode.CAR: "driving"}

    def seconds(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> Seconds:
        """Seconds of every way of one block. Raises Unanswered."""
        points = ";".join(f"{place.longitude},{place.latitude}" for place in (*starts, *ends))
        everything = range(len(starts) + len(ends))
        asked = {
            "annotations": "duration",
            "sources": ";".join(map(str, everything[: len(starts)])),
            "destinations": ";".join(map(str, everything[len(starts) :])),
        }
        address = f"/table/v1/{self.profiles[mode]}/{points}"
        return _block(self.client, "GET", address, len(starts), len(ends), params=asked)


class Valhalla(RoadServer):
    """Valhalla's sources_to_targets service. Its own limit is 50 by 50 for most costings."""

    costings = {Mode.WALK: "pedestrian", Mode.EBIKE: "bicycle", Mode.CAR: "auto"}

    def seconds(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> Seconds:
        """Seconds of every way of one block. Raises Unanswered."""
        asked = {
            "sources": [{"lat": p.latitude, "lon": p.longitude} for p in starts],
            "targets": [{"lat": p.latitude, "lon": p.longitude} for p in ends],
            "costing": self.costings[mode],
        }
        return _block(
            self.client, "POST", "/sources_to_targets", len(starts), len(ends), json=asked
        )


def _block(
    client: httpx.Client, method: str, address: str, rows: int, columns: int, **asked: Any
) -> Seconds:
    """One question and its answer, checked for shape and kind. Raises Unanswered."""
    try:
        reply = client.request(method, address, **asked)
        reply.raise_for_status()
        said = reply.json()
        if "durations" in said:
            found: Seconds = said["durations"]
        else:
            found = [[way["time"] for way in row] for row in said["sources_to_targets"]]
    except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
        raise Unanswered(f"{type(error).__name__} at {address[:40]}") from error
    whole = len(found) == rows and all(len(row) == columns for row in found)
    if not whole or not all(_is_time(way) for row in found for way in row):
        raise Unanswered(f"not {rows} by {columns} times at {address[:40]}")
    return found


def _is_time(way: object) -> bool:
    return way is None or (isinstance(way, int | float) and not isinstance(way, bool) and way >= 0)
