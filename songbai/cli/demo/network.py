"""Providers and the places of care of one district: who runs what, where, how good."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from songbai.cli.demo import geography, identity
from songbai.cli.demo.geography import FloatArray
from songbai.cli.demo.identity import Registrar
from songbai.core.geo import Place, cell
from songbai.core.regions.rules import short_name
from songbai.domain.providers.models import Facility, Provider
from songbai.domain.providers.rules import FacilityKind, Inspection, OperatingMode

#: Sizes of Tongliang; other districts have as many per elder.
HOME_CARE, OPERATORS, INSTITUTIONS, BEDS = 12, 24, 51, 6_030
CANTEENS, BATH_POINTS, TOWN_CENTRES = 58, 24, 17
NURSING_SHARE, FREE_SHARE = 0.60, 0.45
FIRST = tuple("青翠金银红碧秀苍云瑞")
TREES = tuple("松柏杏樟枫桂桐槐榆楠")
#: Invented, and never a mobile or fixed number that exists.
PHONE = "023-00{:06d}"
INSPECTIONS = (
    (Inspection.PASS, 0.70),
    (Inspection.RECHECK_OK, 0.13),
    (Inspection.FIXING, 0.10),
    (Inspection.OVERDUE, 0.04),
    (Inspection.SUSPENDED, 0.01),
    (Inspection.NONE, 0.02),
)
STARS = (0.34, 0.08, 0.16, 0.24, 0.13, 0.05)


@dataclass
class Network:
    """Everything of one district; home-care providers come first. ``owner``: whose each place is.

    ``towns`` are where the caregivers of each provider live and work (9 digits), ``areas`` where
    they go.
    """

    providers: list[Provider] = field(default_factory=list)
    facilities: list[Facility] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    towns: list[tuple[str, ...]] = field(default_factory=list)
    areas: list[tuple[str, ...]] = field(default_factory=list)
    home_care: int = 0


class _Builder:
    """Draws the network of one district, step by step, from one generator."""

    def __init__(self, district: str, seed: int, today: date, scale: float, block: int) -> None:
        self.rng = np.random.default_rng([seed, int(district[:6]), 2])
        self.code, self.today, self.scale, self.block = district, today, scale, block
        self.name = short_name(geography.divisions()[district].name).removesuffix("区")
        self.name = self.name.removesuffix("县")
        self.towns = geography.towns_of(district)
        self.centres = geography.village_centres(district)
        self.town_of = np.array([village.code[:9] for village in self.centres.villages])
        self.network = Network()
        self.phones = 0

    def size(self, of_tongliang: int, least: int) -> int:
        """A number in proportion to the elders."""
        return max(least, round(of_tongliang * self.scale))

    def phone(self) -> str:
        self.phones += 1
        return PHONE.format(self.block * 10_000 + self.phones)

    def brands(self, count: int) -> list[str]:
        """Invented names: 青松, 翠柏 …; the first is the same for every seed."""
        pairs = [first + tree for first in FIRST for tree in TREES]
        drawn = self.rng.permutation(np.arange(1, len(pairs)))
        return [pairs[index] for index in [0, *drawn.tolist()][:count]]

    def towns_near(self, town: str) -> list[str]:
        """All towns as 9-digit prefixes, nearest first, itself at the head."""
        codes, rows = np.unique(self.town_of, return_inverse=True)
        counts = np.bincount(rows)
        middle = np.column_stack(
            [np.bincount(rows, xs) / counts for xs in (self.centres.lon, self.centres.lat)]
        )
        here = middle[codes == town][0]
        order = np.argsort(np.hypot(*(middle - here).T), kind="stable")
        return [str(code) for code in codes[order]]

    def near(self, row: int) -> Place:
        """A point close to the centre of a village."""
        lon, lat = geography.homes(self.rng, self.code, np.array([row]), close=True)
        return Place(round(float(lon[0]), 6), round(float(lat[0]), 6))

    def add_provider(
        self,
        name: str,
        mode: OperatingMode,
        region: str,
        summary: str,
        towns: tuple[str, ...] = (),
        areas: tuple[str, ...] = (),
    ) -> int:
        """One legal person; who has towns of its own sends caregivers. Returns its number."""
        registrar = {
            OperatingMode.PUBLIC: Registrar.PUBLIC_INSTITUTION,
            OperatingMode.PRIVATE: Registrar.ENTERPRISE,
        }.get(mode, Registrar.PRIVATE_NON_ENTERPRISE)
        self.network.providers.append(
            Provider(
                name=name,
                uscc=identity.uscc(self.block * 1_000 + len(self.network.providers) + 1, registrar),
                region_id=region,
                mode=mode,
                phone=self.phone(),
                summary=summary,
                home_care=bool(towns),
                admitted_on=self.today - timedelta(days=int(self.rng.integers(200, 3_000))),
            )
        )
        self.network.towns.append(towns)
        self.network.areas.append(areas)
        return len(self.network.providers) - 1

    def add_place(
        self, owner: int, kind: FacilityKind, row: int, name: str, **facts: object
    ) -> None:
        """One place in a village."""
        village = self.centres.villages[row]
        town = geography.divisions()[village.code[:9] + "000"].name
        district = geography.divisions()[self.code].name
        result, inspected = self.inspection()
        near = self.near(row)
        self.network.owner.append(owner)
        self.network.facilities.append(
            Facility(
                kind=kind,
                region_id=village.code,
                name=name,
                address=f"{district}{town}{short_name(village.name)}",
                longitude=near.longitude,
                latitude=near.latitude,
                cell=cell(near),
                phone=self.phone(),
                inspection=result,
                inspected_on=inspected,
                **{"hours": "8:30–17:30", **facts},
            )
        )

    def inspection(self) -> tuple[Inspection, date | None]:
        shares = np.array([share for _, share in INSPECTIONS])
        result = INSPECTIONS[int(self.rng.choice(len(shares), p=shares / shares.sum()))][0]
        if result is Inspection.NONE:
            return result, None
        return result, self.today - timedelta(days=int(self.rng.integers(5, 320)))

    def home_care_providers(self) -> None:
        """Those who send caregivers; the first serves the first town, every town is served, and as
        far as there are enough of them has caregivers of its own.
        """
        count = min(self.size(HOME_CARE, 2), 90)
        codes = [town.code[:9] for town in self.towns]
        alone = list(codes)
        for index, brand in enumerate(self.brands(count)):
            home = index % len(codes) if index < 5 else int(self.rng.integers(len(codes)))
            if index >= 5 and alone:
                home = codes.index(alone[0])
            wide = index % 5 in {0, 2}
            near = self.towns_near(codes[home])
            alone = [code for code in alone if code not in near[:6]]
            reach = codes if wide else near[: int(self.rng.integers(8, 14))]
            self.add_provider(
                f"{self.name}{brand}居家养老服务中心",
                OperatingMode.PRIVATE if index % 3 else OperatingMode.PRIVATE_PUBLIC_AIDED,
                codes[home] + "000",
                "上门照护，服务全区" if wide else f"上门照护，服务 {len(reach)} 个镇街",
                towns=tuple(near[:6]),
                areas=(self.code[:6],) if wide else tuple(reach),
            )
        self.network.home_care = count

    def operators(self) -> list[int]:
        """Legal persons that run institutions; the first is the district's own."""
        first = self.add_provider(
            f"{self.name}社会福利中心",
            OperatingMode.PUBLIC,
            self.towns[0].code,
            "区级公办养老机构",
        )
        rows = [first]
        brands = self.brands(100)[::-1]
        for index in range(1, self.size(OPERATORS, 2)):
            mode = list(OperatingMode)[1 + index % 3]
            town = self.towns[int(self.rng.integers(len(self.towns)))].code
            name = f"{self.name}{brands[(index * 7) % 100]}{'颐养' if index % 2 else '康养'}"
            ending = "服务有限公司" if mode is OperatingMode.PRIVATE else "老年公寓"
            rows.append(self.add_provider(f"{name}{ending}", mode, town, "机构养老"))
        return rows

    def institutions(self, operators: list[int]) -> None:
        """Homes with beds, the beds together as many as the district has."""
        count = self.size(INSTITUTIONS, 3)
        beds = _parts(self.rng, self.size(BEDS, 60), count, least=12)
        nursing = np.round(beds * np.clip(self.rng.normal(NURSING_SHARE, 0.12, count), 0, 1))
        free = np.round(beds * np.clip(self.rng.normal(FREE_SHARE, 0.16, count), 0.02, 0.9))
        for index in range(count):
            town = self.towns[index % len(self.towns)]
            villages = np.flatnonzero(self.town_of == town.code[:9])
            row = int(villages[int(self.rng.integers(len(villages)))])
            public = index < len(self.towns) // 2
            ending = ("颐养中心", "养老院", "护理院", "老年公寓")[index % 4]
            brand = FIRST[index % 10] + TREES[(index // 10 + index) % 10]
            self.add_place(
                operators[index % len(operators)],
                FacilityKind.INSTITUTION,
                row,
                f"{town.name}敬老院" if public else f"{self.name}{brand}{ending}",
                hours="全天",
                beds=int(beds[index]),
                nursing_beds=int(nursing[index]),
                beds_free=int(free[index]),
                month_price=int(self.rng.integers(15, 33) if public else self.rng.integers(22, 52))
                * 10_000,
                stars=int(self.rng.choice(6, p=STARS)),
            )

    def network_of_places(self) -> None:
        """District centre, town centres, a station in every village, canteens, bath points."""
        owners = self.network.home_care
        public = owners
        self.add_place(
            public, FacilityKind.DISTRICT_CENTRE, 0, f"{self.name}区级养老服务中心", stars=4
        )
        for town in self.towns[: min(self.size(TOWN_CENTRES, 1), len(self.towns))]:
            row = int(np.flatnonzero(self.town_of == town.code[:9])[0])
            self.add_place(
                self.owner_of(town.code[:9]),
                FacilityKind.TOWN_CENTRE,
                row,
                f"{town.name}养老服务中心",
            )
        for row, village in enumerate(self.centres.villages):
            name = short_name(village.name)
            owner = self.owner_of(village.code[:9])
            self.add_place(owner, FacilityKind.STATION, row, f"{name}养老服务站")
        self.places_of(FacilityKind.CANTEEN, self.size(CANTEENS, 2), "老年食堂", "10:30–13:00")
        self.places_of(FacilityKind.BATH_POINT, self.size(BATH_POINTS, 1), "助浴点", "9:00–17:00")

    def owner_of(self, town: str) -> int:
        """The home-care provider nearest to a town, by its place in the list of towns."""
        near = (row for row, towns in enumerate(self.network.towns) if town in towns)
        return next(near, 0)

    def places_of(self, kind: FacilityKind, count: int, ending: str, hours: str) -> None:
        """``count`` places of a kind, communities before villages."""
        order = np.argsort(~self.centres.is_urban, kind="stable")[:count]
        for row in order.tolist():
            village = self.centres.villages[row]
            self.add_place(
                self.owner_of(village.code[:9]),
                kind,
                row,
                f"{short_name(village.name)}{ending}",
                hours=hours,
            )


def build(district: str, seed: int, today: date, scale: float, block: int) -> Network:
    """The providers and places of a district; ``scale`` is its elders over those of Tongliang."""
    builder = _Builder(geography.whole(district), seed, today, scale, block)
    builder.home_care_providers()
    operators = builder.operators()
    builder.institutions(operators)
    builder.network_of_places()
    return builder.network


def _parts(rng: np.random.Generator, total: int, count: int, least: int) -> NDArray[np.int64]:
    """``total`` in ``count`` uneven parts of at least ``least``."""
    weights: FloatArray = rng.lognormal(0.0, 0.6, count)
    spare = total - least * count
    parts: NDArray[np.int64] = np.floor(weights / weights.sum() * spare).astype(np.int64) + least
    parts[0] += total - int(parts.sum())
    return parts
