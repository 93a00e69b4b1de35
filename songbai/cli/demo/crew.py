"""Caregivers of one district: what they can do, where they start, when they work, what is sold.

Pure arrays; a provider offers only what at least two of its people may do.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from songbai.cli.demo import geography, identity
from songbai.cli.demo.geography import BoolArray, FloatArray
from songbai.cli.demo.identity import Holder, IntArray, StrArray
from songbai.cli.demo.network import Network
from songbai.core.geo import Mode
from songbai.domain.catalogue.rules import Item, load
from songbai.domain.providers.rules import FacilityKind, VehicleKind

CAREGIVERS = 274
FEMALE_SHARE = 0.86
STAFF_PER_DISTRICT = 10_000
"""Telephone numbers set aside for the staff of one district."""
#: Share of caregivers with a skill beside care, which all have.
SKILLS = {
    "bathing": 0.35,
    "nursing": 0.15,
    "rehab": 0.12,
    "escort": 0.30,
    "dementia": 0.15,
    "cooking": 0.28,
    "tcm": 0.06,
    "counselling": 0.04,
    "repair": 0.05,
}
GRADES = (("初级", 0.46), ("中级", 0.34), ("高级", 0.17), ("技师", 0.03))
MODES = ((Mode.EBIKE, 0.66), (Mode.CAR, 0.24), (Mode.WALK, 0.10))
#: Start and end of the working day in minutes from midnight.
HOURS = np.array([[420, 1020], [480, 1080], [480, 1080], [510, 1110], [540, 1140]])
#: Days ahead for which shifts are known.
AHEAD = 14
#: A visit longer than this is not part of an ordinary day.
LONGEST = 240


@dataclass(frozen=True, slots=True)
class Crew:
    """Caregivers as columns of length n; ``provider`` indexes the network's providers."""

    name: StrArray
    female: BoolArray
    phone: StrArray
    provider: IntArray
    town: StrArray
    lon: FloatArray
    lat: FloatArray
    mode: StrArray
    grade: StrArray
    skills: tuple[tuple[str, ...], ...]
    begins: IntArray
    ends: IntArray
    works: BoolArray
    """Shape (n, days): who works on which day, the first being the oldest day of the history."""

    def __len__(self) -> int:
        return len(self.provider)


@dataclass(frozen=True, slots=True)
class Offered:
    """What is sold: one entry per provider and item."""

    provider: IntArray
    items: tuple[Item, ...]
    price: IntArray


def hire(
    network: Network, district: str, seed: int, today: date, scale: float, block: int, days: int
) -> Crew:
    """The caregivers of a district, number ``block`` of the city, with ``days`` of shifts behind.

    The first caregiver is a woman of the first provider who has care, bathing and escort.
    """
    rng = np.random.default_rng([seed, int(district[:6]), 3])
    providers = network.home_care
    count = max(round(CAREGIVERS * scale), 3 * providers)
    female = rng.random(count) < FEMALE_SHARE
    female[0] = True
    provider = np.sort(np.arange(count) % providers)
    town, lon, lat = _bases(rng, network, district, provider)
    hours = HOURS[rng.integers(len(HOURS), size=count)]
    hours[0] = HOURS[1]
    free_day = rng.integers(7, size=count)
    weekday = np.array([(today.weekday() - days + i) % 7 for i in range(days + 1 + AHEAD)])
    works = free_day[:, None] != weekday[None, :]
    works[0, days : days + 2] = True
    return Crew(
        name=identity.names(rng, female),
        female=female,
        phone=identity.phones(block * STAFF_PER_DISTRICT + np.arange(count), Holder.STAFF),
        provider=provider,
        town=town,
        lon=lon,
        lat=lat,
        mode=_drawn(rng, MODES, count, first=Mode.EBIKE),
        grade=_drawn(rng, GRADES, count, first="高级"),
        skills=_skills(rng, provider),
        begins=hours[:, 0],
        ends=hours[:, 1],
        works=works,
    )


def _bases(
    rng: np.random.Generator, network: Network, district: str, provider: IntArray
) -> tuple[StrArray, FloatArray, FloatArray]:
    """Where caregivers start their day: in the towns of their provider."""
    centres = geography.village_centres(district)
    town_of = np.array([village.code[:9] for village in centres.villages])
    village = np.empty(len(provider), dtype=np.int64)
    for index in range(network.home_care):
        rows = np.flatnonzero(np.isin(town_of, network.towns[index]))
        of = np.flatnonzero(provider == index)
        village[of] = rng.choice(rows, size=len(of))
    if network.home_care:
        village[0] = 0
    lon, lat = geography.homes(rng, district, village)
    return np.char.add(town_of[village], "000"), np.round(lon, 6), np.round(lat, 6)


def _drawn(
    rng: np.random.Generator, shares: tuple[tuple[str, float], ...], count: int, first: str
) -> StrArray:
    words, weights = zip(*shares, strict=True)
    drawn: StrArray = np.array([str(word) for word in words])[
        rng.choice(len(words), size=count, p=weights)
    ]
    drawn[0] = first
    return drawn


def _skills(rng: np.random.Generator, provider: IntArray) -> tuple[tuple[str, ...], ...]:
    has = {name: rng.random(len(provider)) < share for name, share in SKILLS.items()}
    for name in has:
        has[name][0] = name in {"bathing", "escort"}
    return tuple(
        ("care", *(name for name in SKILLS if has[name][row])) for row in range(len(provider))
    )


def able(crew: Crew, item: Item) -> BoolArray:
    """Who has all the skills an item asks for."""
    wanted = set(item.skills)
    return np.array([wanted <= set(skills) for skills in crew.skills], dtype=np.bool_)


def offer(
    network: Network, crew: Crew, fleet: set[tuple[int, VehicleKind]], district: str, seed: int
) -> Offered:
    """What each home-care provider sells, at prices near the guide price, in whole yuan.

    ``fleet``: which provider has which kind of vehicle; nobody sells what needs another one.
    Who runs a place sells what is had there.
    """
    rng = np.random.default_rng([seed, int(district[:6]), 4])
    items = load().items
    people = {item.code: able(crew, item) for item in items}
    rows: list[tuple[int, Item, int]] = []
    places: dict[int, set[FacilityKind]] = defaultdict(set)
    for place, owner in zip(network.facilities, network.owner, strict=True):
        places[owner].add(FacilityKind(place.kind))
    for provider in range(network.home_care):
        own = crew.provider == provider
        level = rng.uniform(0.92, 1.12)
        for item in items:
            enough = int((people[item.code] & own).sum()) >= min(2, int(own.sum()) // 2)
            likely = 0.86 if item.at_home else 0.3
            sold = rng.random() <= likely or provider == 0
            sold = sold or bool(set(item.offered_at) & places[provider])
            if item.vehicle:
                sold = (provider, item.vehicle) in fleet
            if not (enough and sold):
                continue
            price = round(item.guide_price * level * rng.uniform(0.97, 1.03) / 100) * 100
            rows.append((provider, item, max(price, 100)))
    return Offered(
        provider=np.array([row[0] for row in rows]),
        items=tuple(row[1] for row in rows),
        price=np.array([row[2] for row in rows]),
    )


def menu(crew: Crew, offered: Offered, vans: Collection[int]) -> list[list[int]]:
    """Offers each caregiver may carry out alone at a home.

    ``vans``: who has a bath van; her days are baths at the van.
    """
    usable: list[list[int]] = [[] for _ in range(len(crew))]
    for row, (provider, item) in enumerate(zip(offered.provider, offered.items, strict=True)):
        alone = item.at_home and item.minutes <= LONGEST and item.caregivers == 1
        if not alone or item.unit == "份":
            continue
        for member in np.flatnonzero((crew.provider == provider) & able(crew, item)).tolist():
            if (item.vehicle == VehicleKind.BATH_VAN) is (member in vans):
                usable[member].append(row)
    return usable
