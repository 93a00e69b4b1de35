"""Hospitals of the demo city: invented, a handful in every district, and who goes to which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from songbai.cli.demo import geography
from songbai.cli.demo.batch import ElderBatch
from songbai.cli.demo.identity import IntArray
from songbai.core.accounts.rules import SYSTEM
from songbai.core.regions.rules import short_name
from songbai.domain.providers.actions import MedicalSaid, publish_medical_places
from songbai.domain.providers.models import MedicalPlace

#: Two of the district in its seat, and so many health centres in other towns.
OF_THE_DISTRICT = ("演示人民医院", "演示中医院")
TOWN_CENTRES = 4
#: Invented, like the numbers of providers, and apart from them.
PHONE = "023-00{:06d}"
FIRST_PHONE = 900_000


@dataclass(frozen=True, slots=True)
class Hospitals:
    """Hospitals as they are published; ``of`` is the row each elder goes to, the nearest."""

    rows: tuple[MedicalSaid, ...]
    of: IntArray


def build(district: str, seed: int, block: int, batch: ElderBatch) -> Hospitals:
    """The hospitals of a district, number ``block`` of the city; names say that they are a demo."""
    code = geography.whole(district)
    rng = np.random.default_rng([seed, int(code[:6]), 15])
    centres, towns = geography.village_centres(code), geography.towns_of(code)
    town_of = [village.code[:9] for village in centres.villages]
    first = {town: row for row, town in reversed(list(enumerate(town_of)))}
    own = geography.divisions()[code].name
    spread = sorted({len(towns) * n // TOWN_CENTRES for n in range(TOWN_CENTRES)} - {0})
    rows = [0, min(1, len(town_of) - 1)]
    names = [f"{own}{ending}" for ending in OF_THE_DISTRICT]
    for town in (towns[n] for n in spread):
        if town.code[:9] in first:
            rows.append(first[town.code[:9]])
            names.append(f"{town.name}演示卫生院")
    lon, lat = geography.homes(rng, code, np.array(rows), close=True)
    said = []
    for n, (name, village) in enumerate(zip(names, rows, strict=True)):
        place = centres.villages[village]
        street = geography.divisions()[f"{place.code[:9]}000"].name
        where = (
            f"{own}{street}{short_name(place.name)}",
            round(float(lon[n]), 6),
            round(float(lat[n]), 6),
        )
        phone = PHONE.format(FIRST_PHONE + block * 10 + n)
        said.append(MedicalSaid(f"DEMO{code[:6]}{n + 1:02d}", name, place.code, *where, phone))
    return Hospitals(tuple(said), _nearest(batch, said))


def _nearest(batch: ElderBatch, said: Sequence[MedicalSaid]) -> IntArray:
    best = np.zeros(len(batch), dtype=np.int64)
    least = np.full(len(batch), np.inf)
    for row, one in enumerate(said):
        east = (batch.lon - one.longitude) * np.cos(np.radians(one.latitude))
        far = np.hypot(east, batch.lat - one.latitude)
        best[far < least] = row
        least = np.minimum(least, far)
    return best


def write(found: Hospitals) -> list[MedicalPlace]:
    """Bring them into the record; their rows in the same order."""
    publish_medical_places(SYSTEM, found.rows)
    codes = [one.code for one in found.rows]
    return list(MedicalPlace.objects.filter(code__in=codes).order_by("code"))
