"""Where the demo city lies: divisions of Chongqing and an invented place for every village.

Divisions, outlines and places are data in ``catalogues/regions``. Coordinates are WGS-84 degrees.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

REGIONS = Path(__file__).resolve().parents[3] / "catalogues" / "regions"

CITY = "500000000000"
TONGLIANG = "500151000000"

METRES_PER_DEGREE = 111_320.0
HOME_SPREAD = {True: 280.0, False: 520.0}
"""Standard deviation, in metres, of homes round the centre of an urban (True) or rural village."""
HOME_REACH = 1_500.0
"""No home lies farther than this many metres from the centre of its village."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division. ``code`` has 12 digits; ``level`` is 1 province, 2 middle level, 3 district,
    4 town or street, 5 village or community; ``parent`` is the code above, None for the province.
    """

    code: str
    level: int
    name: str
    parent: str | None

    @property
    def is_urban(self) -> bool:
        """Whether this is a community (居民委员会, 社区) and not a village (村民委员会)."""
        return "社区" in self.name or self.name.endswith(("居民委员会", "居委会"))


@dataclass(frozen=True, slots=True)
class VillageCentres:
    """The villages of one district with their places; all arrays have one entry per village.

    ``villages`` and the arrays are in the order of the codes; ``lon`` and ``lat`` are degrees.
    """

    villages: tuple[Division, ...]
    lon: FloatArray
    lat: FloatArray
    is_urban: BoolArray


def whole(code: str) -> str:
    """The 12-digit form of a code or of a prefix of one (``"500151"`` → ``"500151000000"``)."""
    return code.ljust(12, "0")


@cache
def divisions() -> Mapping[str, Division]:
    """Every division of Chongqing by its 12-digit code, in the order of the codes."""
    with (REGIONS / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Division(row["code"], int(row["level"]), row["name"], row["parent"] or None)
            for row in csv.DictReader(file)
        ]
    return {row.code: row for row in rows}


@cache
def _children() -> Mapping[str | None, tuple[Division, ...]]:
    found: dict[str | None, list[Division]] = defaultdict(list)
    for division in divisions().values():
        found[division.parent].append(division)
    return {parent: tuple(rows) for parent, rows in found.items()}


def children_of(code: str) -> tuple[Division, ...]:
    """The divisions directly under one; empty for a village. Raises KeyError if unknown."""
    return _children().get(divisions()[whole(code)].code, ())


@cache
def districts() -> tuple[Division, ...]:
    """The 38 districts and counties, in the order of their codes."""
    return tuple(row for row in divisions().values() if row.level == 3)


def towns_of(district: str) -> tuple[Division, ...]:
    """Towns and streets of a district (12-digit code or its first 6 digits)."""
    return children_of(district)


def villages_of(town: str) -> tuple[Division, ...]:
    """Villages and communities of a town (12-digit code or its first 9 digits)."""
    return children_of(town)


@cache
def villages_of_district(district: str) -> tuple[Division, ...]:
    """All villages and communities of a district, in the order of their codes."""
    return tuple(village for town in towns_of(district) for village in villages_of(town.code))


@cache
def outlines() -> Mapping[str, Any]:
    """Outline of every district, and of every town where one is known, by 12-digit code.

    Values are shapely polygons or multipolygons in degrees.
    """
    found: dict[str, Any] = {}
    for name in ("tongliang-towns.geojson", "chongqing-districts.geojson"):
        features = json.loads((REGIONS / name).read_text(encoding="utf-8"))["features"]
        for feature in features:
            if "code" in feature["properties"]:
                found[feature["properties"]["code"]] = _shape(feature["geometry"])
    return found


def _shape(geometry: Mapping[str, Any]) -> Any:
    shape = shapely.from_geojson(json.dumps(geometry))
    shapely.prepare(shape)
    return shape


def contains(code: str, lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Which points lie inside the outline of a division, same shape as ``lon``."""
    inside: BoolArray = shapely.contains_xy(outlines()[whole(code)], lon, lat)
    return inside


@cache
def places() -> Mapping[str, tuple[float, float]]:
    """Longitude and latitude of every village, and of the middle of every town and district."""
    with (REGIONS / "invented-places.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["code"]: (float(row["longitude"]), float(row["latitude"])) for row in rows}


@cache
def village_centres(district: str) -> VillageCentres:
    """Villages of a district, each with its place inside the district's outline."""
    villages = villages_of_district(district)
    lon, lat = np.array([places()[village.code] for village in villages]).T
    urban = np.array([village.is_urban for village in villages], dtype=np.bool_)
    return VillageCentres(villages, lon, lat, urban)


def _pulled_inside(outline: Any, centre: FloatArray, offset: FloatArray) -> FloatArray:
    """``centre + offset``, the offset shortened until the point lies inside the outline."""
    scale = np.ones(len(offset))
    for _ in range(12):
        points = centre + scale[:, None] * offset
        outside = ~shapely.contains_xy(outline, points[:, 0], points[:, 1])
        if not outside.any():
            return points
        scale[outside] *= 0.6
    scale[outside] = 0.0
    return centre + scale[:, None] * offset


def homes(
    rng: np.random.Generator, district: str, village: NDArray[np.integer], *, close: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Degrees of a home in each of these villages (rows) of a district, and inside it.

    ``close``: nowhere farther from the middle than in a community.
    """
    centres = village_centres(district)
    lon, lat = centres.lon[village], centres.lat[village]
    spread = spread_homes(rng, lon, lat, centres.is_urban[village] | close)
    return kept_inside(district, *spread, lon, lat)


def spread_homes(
    rng: np.random.Generator, lon: FloatArray, lat: FloatArray, is_urban: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Places of homes near the village centres given, one home per entry.

    Degrees in and out, all of shape (homes,); a home lies within ``HOME_REACH`` metres.
    """
    spread = np.where(is_urban, HOME_SPREAD[True], HOME_SPREAD[False])
    radius = np.minimum(spread * np.sqrt(2.0 * rng.standard_exponential(len(lon))), HOME_REACH)
    angle = rng.random(len(lon)) * (2.0 * np.pi)
    north = radius * np.sin(angle) / METRES_PER_DEGREE
    east = radius * np.cos(angle) / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
    return lon + east, lat + north


def kept_inside(
    district: str, lon: FloatArray, lat: FloatArray, centre_lon: FloatArray, centre_lat: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The points, those outside the district drawn towards their centres; all of shape (n,)."""
    points = np.column_stack([lon, lat])
    outside = np.flatnonzero(~contains(district, lon, lat))
    centre = np.column_stack([centre_lon[outside], centre_lat[outside]])
    outline = outlines()[whole(district)]
    points[outside] = _pulled_inside(outline, centre, points[outside] - centre)
    return points[:, 0], points[:, 1]
