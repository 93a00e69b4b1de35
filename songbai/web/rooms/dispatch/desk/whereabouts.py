"""Caregivers on the desk's map who let it be seen where they are."""

import math
from dataclasses import dataclass
from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.geo import Place
from songbai.core.regions.queries import children
from songbai.core.regions.rules import Level, prefix
from songbai.domain.dispatch.queries.positions import Seen, on_the_map


@dataclass(frozen=True)
class Whereabouts:
    """One of them: masked name, place and the village nearest to it, and when she was there."""

    staff_id: int
    name: str
    near: str
    place: Place
    at: datetime
    fresh: bool


def people_of(actor: Actor) -> list[Whereabouts]:
    """Everybody on shift now in the desk's area who shares it, by name."""
    found = on_the_map(actor)
    villages = {code: _villages(code) for code in {_district(seen) for seen in found}}
    return [
        Whereabouts(
            seen.staff_id,
            seen.name,
            _nearest(villages[_district(seen)], seen.place),
            seen.place,
            seen.at,
            seen.fresh,
        )
        for seen in found
    ]


def _district(seen: Seen) -> str:
    return prefix(seen.region, Level.DISTRICT)


def _villages(district: str) -> list[tuple[float, float, str]]:
    """The middle of every village, and its name."""
    return [
        (village.longitude, village.latitude, village.short)
        for village in children(district, Level.VILLAGE)
        if village.longitude is not None and village.latitude is not None
    ]


def _nearest(villages: list[tuple[float, float, str]], place: Place) -> str:
    """The nearest village by its middle; in one district the earth is flat."""
    x, y = place.longitude, place.latitude
    narrower = math.cos(math.radians(y)) ** 2
    near = min(villages, key=lambda v: (v[0] - x) ** 2 * narrower + (v[1] - y) ** 2, default=None)
    return near[2] if near else ""
