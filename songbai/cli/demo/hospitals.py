"""Hospitals of the demo city: invented, a handful in every district, and who goes to which."""

from dataclasses import dataclass

import numpy as np

from songbai.cli.demo import geography
from songbai.cli.demo.batch import ElderBatch
from songbai.cli.demo.geography import FloatArray
from songbai.cli.demo.identity import IntArray, StrArray
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
    """Hospitals as columns of length n; ``of`` is the row each elder goes to, the nearest."""

    code: StrArray
    name: StrArray
    region: StrArray
    address: StrArray
    lon: FloatArray
    lat: FloatArray
    phone: StrArray
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
    row = np.array(rows)
    lon, lat = geography.spread_homes(rng, centres.lon[row], centres.lat[row], row >= 0)
    lon, lat = geography.kept_inside(code, lon, lat, centres.lon[row], centres.lat[row])
    lon, lat = np.round(lon, 6), np.round(lat, 6)
    places = [centres.villages[n] for n in rows]
    return Hospitals(
        code=np.array([f"DEMO{code[:6]}{n:02d}" for n in range(1, len(rows) + 1)]),
        name=np.array(names),
        region=np.array([village.code for village in places]),
        address=np.array(
            [
                f"{own}{geography.divisions()[v.code[:9] + '000'].name}{short_name(v.name)}"
                for v in places
            ]
        ),
        lon=lon,
        lat=lat,
        phone=np.array([PHONE.format(FIRST_PHONE + block * 10 + n) for n in range(len(rows))]),
        of=_nearest(batch, lon, lat),
    )


def _nearest(batch: ElderBatch, lon: FloatArray, lat: FloatArray) -> IntArray:
    best = np.zeros(len(batch), dtype=np.int64)
    least = np.full(len(batch), np.inf)
    for row, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        far = np.hypot((batch.lon - x) * np.cos(np.radians(y)), batch.lat - y)
        best[far < least] = row
        least = np.minimum(least, far)
    return best


def write(found: Hospitals) -> list[MedicalPlace]:
    """Bring them into the record; their rows in the same order."""
    publish_medical_places(
        SYSTEM,
        [
            MedicalSaid(*said)
            for said in zip(
                *(
                    column.tolist()
                    for column in (
                        *(found.code, found.name, found.region, found.address),
                        *(found.lon, found.lat, found.phone),
                    )
                ),
                strict=True,
            )
        ],
    )
    rows = {row.code: row for row in MedicalPlace.objects.filter(code__in=found.code.tolist())}
    return [rows[code] for code in found.code.tolist()]
