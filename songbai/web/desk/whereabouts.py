"""Caregivers on the desk's map who let it be seen where they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.geo import Place
from songbai.core.regions.queries import children
from songbai.core.regions.rules import Level, prefix
from songbai.domain.dispatch.queries.positions import on_the_map
from songbai.domain.elders.rules import mask_name


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
    return [
        Whereabouts(
            seen.staff_id,
            mask_name(seen.name),
            _nearest_village(seen.region, seen.place),
            seen.place,
            seen.at,
            seen.fresh,
        )
        for seen in on_the_map(actor)
    ]


def _nearest_village(region: str, place: Place) -> str:
    """The nearest village of a district by its middle; in one district the earth is flat."""
    narrower = math.cos(math.radians(place.latitude))
    found = [
        (math.hypot((x - place.longitude) * narrower, y - place.latitude), village.short)
        for village in children(prefix(region, Level.DISTRICT), Level.VILLAGE)
        if (x := village.longitude) is not None and (y := village.latitude) is not None
    ]
    return min(found)[1] if found else ""
