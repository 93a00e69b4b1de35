"""The elders of the demo city: who they are, where and with whom they live, what they can do.

Seven million invented people on the real divisions of Chongqing, one :class:`ElderBatch` of NumPy
columns per district. The same seed and date give the same people; a district comes out the same
whether it is made alone or with the whole city. Shares are chosen so that the totals meet the
published ones of the city (see :mod:`.shares`); nothing else about the people is real.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from songbai.cli.demo import geography, identity, shares
from songbai.cli.demo.batch import (
    ElderBatch,
    HardshipClass,
    Int8Array,
    Int32Array,
    LivingSituation,
)
from songbai.cli.demo.geography import BoolArray, FloatArray, VillageCentres
from songbai.cli.demo.identity import DateArray, Holder, IntArray

CITY_ELDERS = 7_040_000
"""Elders of 60 or more in Chongqing."""
TONGLIANG_ELDERS = 163_200
"""24 % of the 680,000 residents of Tongliang."""
COMMUNITY_WEIGHT = 2.6
"""Elders of a community (社区) for each elder of a village; an assumption."""
VILLAGE_VARIATION = 0.35
"""Standard deviation of the logarithm of a village's size."""
SERIALS_PER_DISTRICT = 500_000
"""Most elders of one district: serials, and with them telephone numbers, are set aside for them."""


# --- how many, and where -------------------------------------------------------------------------


@cache
def elders_by_district() -> dict[str, int]:
    """Elders per district (12-digit code), all together :data:`CITY_ELDERS`."""
    others = [row.code for row in geography.districts() if row.code != geography.TONGLIANG]
    weights = np.array([_base_weights(code).sum() for code in others])
    counts = _shared_out(weights, CITY_ELDERS - TONGLIANG_ELDERS).tolist()
    found = {geography.TONGLIANG: TONGLIANG_ELDERS, **dict(zip(others, counts, strict=True))}
    return dict(sorted(found.items()))


def elders_by_village(district: str, seed: int, total: int | None = None) -> IntArray:
    """Elders per village of a district, in the order of ``villages_of_district``.

    ``total`` replaces the number of the district, for smaller cities. Raises ValueError if it is
    more than :data:`SERIALS_PER_DISTRICT`.
    """
    code = geography.whole(district)
    elders = elders_by_district()[code] if total is None else total
    if elders > SERIALS_PER_DISTRICT:
        raise ValueError(
            f"A district holds at most {SERIALS_PER_DISTRICT:,} elders, not {elders:,}."
        )
    rng = np.random.default_rng([seed, int(code[:6]), 1])
    weights = _base_weights(code)
    return _shared_out(weights * rng.lognormal(0.0, VILLAGE_VARIATION, len(weights)), elders)


def _base_weights(district: str) -> FloatArray:
    urban = geography.village_centres(district).is_urban
    return np.where(urban, COMMUNITY_WEIGHT, 1.0)


def _shared_out(weights: FloatArray, total: int) -> IntArray:
    """Whole numbers in proportion to ``weights`` that add up to ``total`` (largest remainder)."""
    exact = weights / weights.sum() * total
    counts: IntArray = np.floor(exact).astype(np.int64)
    largest = np.argsort(counts - exact, kind="stable")[: total - int(counts.sum())]
    counts[largest] += 1
    return counts


# --- one district --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Homes:
    """Households of a district: ``of`` gives each elder's (n,), the rest is per household (k,)."""

    of: IntArray
    village: Int32Array
    is_urban: BoolArray
    is_couple: BoolArray
    """Married, also when the spouse is under 60 and so not among the elders."""
    door: Int32Array


def district_elders(district: str, seed: int, on: date, total: int | None = None) -> ElderBatch:
    """The elders of one district (12-digit code or first 6 digits) as of the day ``on``.

    ``total`` asks for another number than :func:`elders_by_district` gives; the people are then
    other people. Raises KeyError for an unknown district, ValueError (or its subclass
    :class:`identity.NumbersUsedUpError`) if there are too many for the numbers set aside.
    """
    code = geography.whole(district)
    centres = geography.village_centres(code)
    counts = elders_by_village(code, seed, total)
    rng = np.random.default_rng([seed, int(code[:6])])
    village = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    age = rng.choice(shares.AGES.astype(np.int8), size=len(village), p=shares.AGE_SHARES)
    female = rng.random(len(age)) < shares.FEMALE_SHARE[age - shares.YOUNGEST]
    birth_date = _birth_dates(rng, age, on)
    married = rng.random(len(age)) < shares.MARRIED[female.astype(np.int8), age - shares.YOUNGEST]
    homes = _homes(centres, village, married, _spouses(village, birth_date, female, married))
    ability = _ability(rng, age)
    hardship = _hardship(rng, homes)
    living = _living(rng, homes, hardship, ability)
    kind, grade = _disability(rng, ability)
    lon, lat = geography.homes(rng, code, homes.village)
    names = identity.names(rng, female)
    serial = _first_serial(code) + np.arange(len(age))
    return ElderBatch(
        district=code,
        villages=centres.villages,
        serial=serial,
        village=village,
        name=names,
        initials=identity.initials(names),
        id_number=identity.id_numbers(birth_date, female, _block(code)),
        phone=identity.phones(serial, Holder.ELDER),
        female=female,
        birth_date=birth_date,
        age=age,
        lon=lon[homes.of],
        lat=lat[homes.of],
        household=int(code[:6]) * 10_000_000 + homes.of,
        door=homes.door[homes.of],
        living=living,
        hardship=hardship[homes.of],
        ability=ability,
        special_family=_special_family(rng, homes, living),
        disability_kind=kind,
        disability_grade=grade,
        risk_tags=_risk_tags(rng, age, ability),
    )


def _block(district: str) -> int:
    """Index of the district in the city, 0 … 37: its block of identity numbers."""
    return list(elders_by_district()).index(district)


def _first_serial(district: str) -> int:
    return _block(district) * SERIALS_PER_DISTRICT


def _birth_dates(rng: np.random.Generator, age: Int8Array, on: date) -> DateArray:
    """A birth date that makes each elder ``age`` completed years old on the day ``on``."""
    day = min(on.day, 28) if on.month == 2 else on.day
    last = np.array(
        [date(on.year - years, on.month, day) for years in shares.AGES.tolist()], "M8[D]"
    )
    days_before = rng.integers(365, size=len(age)).astype("m8[D]")
    born: DateArray = last[age - shares.YOUNGEST] - days_before
    return born


def _spouses(
    village: Int32Array, birth_date: DateArray, female: BoolArray, married: BoolArray
) -> tuple[IntArray, IntArray]:
    """Rows of husbands and of their wives, both of shape (couples,).

    In each village married men and women are matched by order of age, oldest first; the youngest
    men are left over: their wives are under 60. Couples more than 15 years apart are not made.
    """
    men, women = (
        _oldest_first(village, birth_date, np.flatnonzero(married & (female == is_female)))
        for is_female in (False, True)
    )
    size = int(village[-1]) + 1 if len(village) else 0
    men_in = np.bincount(village[men], minlength=size)
    women_in = np.bincount(village[women], minlength=size)
    couples_in = np.minimum(men_in, women_in)
    men = men[_place_in_group(men_in) < np.repeat(couples_in, men_in)]
    women = women[_place_in_group(women_in) < np.repeat(couples_in, women_in)]
    near = np.abs(birth_date[men] - birth_date[women]) < np.timedelta64(15 * 365, "D")
    return men[near], women[near]


def _oldest_first(village: Int32Array, birth_date: DateArray, rows: IntArray) -> IntArray:
    """``rows`` sorted by village, inside it by birth date."""
    born = birth_date[rows].astype(np.int64)
    key = village[rows].astype(np.int64) * 200_000 + (born + 100_000)
    return rows[np.argsort(key, kind="stable")]


def _place_in_group(sizes: IntArray) -> IntArray:
    """0, 1, 2 … in each of the groups of the given sizes, one after another."""
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.arange(len(starts)) - starts


def _homes(
    centres: VillageCentres,
    village: Int32Array,
    married: BoolArray,
    spouses: tuple[IntArray, IntArray],
) -> _Homes:
    """One household per couple and per elder without a spouse among the elders."""
    husbands, wives = spouses
    is_head = np.ones(len(village), dtype=np.bool_)
    is_head[wives] = False
    of = np.cumsum(is_head) - 1
    of[wives] = of[husbands]
    home_village = village[is_head]
    in_village = np.bincount(home_village, minlength=len(centres.villages))
    return _Homes(
        of=of,
        village=home_village,
        is_urban=centres.is_urban[home_village],
        is_couple=married[is_head],
        door=(_place_in_group(in_village) + 1).astype(np.int32),
    )


def _ability(rng: np.random.Generator, age: Int8Array) -> Int8Array:
    """Level 0 … 4: how many of the four falling chances the same draw stays under."""
    draw = rng.random(len(age))
    level = np.zeros(len(age), dtype=np.int8)
    for chance in shares.ABILITY:
        level += draw < chance[age - shares.YOUNGEST]
    return level


def _hardship(rng: np.random.Generator, homes: _Homes) -> Int8Array:
    """HardshipClass of every household; shape (k,). A couple is never tekun."""
    urban = homes.is_urban.astype(np.int8)
    draw = rng.random(len(urban))
    edge = np.zeros(len(urban))
    hardship = np.zeros(len(urban), dtype=np.int8)
    for kind, share in shares.OTHER_HARDSHIP.items():
        hardship[(draw >= edge) & (draw < edge + share[urban])] = kind
        edge += share[urban]
    is_tekun = ~homes.is_couple & (rng.random(len(urban)) < shares.TEKUN_SHARE[urban])
    hardship[is_tekun] = HardshipClass.TEKUN
    return hardship


def _living(
    rng: np.random.Generator, homes: _Homes, hardship: Int8Array, ability: Int8Array
) -> Int8Array:
    """LivingSituation of every elder; shape (n,). The tekun have no children to live with."""
    urban, couple = homes.is_urban.astype(np.int8), homes.is_couple.astype(np.int8)
    left_behind = shares.LEFT_BEHIND_SHARE[urban, couple]
    draw = rng.random(len(urban))
    on_own = np.where(couple, LivingSituation.EMPTY_NEST, LivingSituation.LIVING_ALONE)
    home = np.where(draw < left_behind + shares.NO_CHILDREN_SHARE[urban, couple], on_own, 0)
    home[draw < left_behind] = LivingSituation.LEFT_BEHIND
    is_tekun = hardship == HardshipClass.TEKUN
    home[is_tekun] = LivingSituation.LIVING_ALONE
    chance = shares.INSTITUTION_SHARE[ability]
    chance = np.where(
        is_tekun[homes.of], np.maximum(chance, shares.TEKUN_INSTITUTION_SHARE), chance
    )
    moved = ~homes.is_couple[homes.of] & (rng.random(len(ability)) < chance)
    living = home.astype(np.int8)[homes.of]
    living[moved] = LivingSituation.IN_INSTITUTION
    return living


def _special_family(rng: np.random.Generator, homes: _Homes, living: Int8Array) -> BoolArray:
    """Families that lost their only child; shape (n,). Only homes without children qualify."""
    drawn = rng.random(len(homes.village)) < shares.SPECIAL_FAMILY_SHARE
    childless = (living == LivingSituation.LIVING_ALONE) | (living == LivingSituation.EMPTY_NEST)
    special: BoolArray = drawn[homes.of] & childless
    return special


def _disability(rng: np.random.Generator, ability: Int8Array) -> tuple[Int8Array, Int8Array]:
    """Kind and grade of the disability certificate, 0 and 0 for most; both of shape (n,)."""
    kind = np.zeros(len(ability), dtype=np.int8)
    grade = np.zeros(len(ability), dtype=np.int8)
    holders = np.flatnonzero(rng.random(len(ability)) < shares.DISABILITY_SHARE[ability])
    kind[holders] = 1 + rng.choice(7, size=len(holders), p=shares.DISABILITY_KIND_SHARES)
    edges = np.cumsum(shares.GRADE_SHARES, axis=1)[(ability[holders] >= 2).astype(np.int8), :3]
    grade[holders] = 1 + (rng.random(len(holders))[:, None] >= edges).sum(axis=1)
    return kind, grade


def _risk_tags(rng: np.random.Generator, age: Int8Array, ability: Int8Array) -> NDArray[np.uint8]:
    """Bit mask of RiskTag; shape (n,)."""
    mask = np.zeros(len(age), dtype=np.uint8)
    for tag, by_age in shares.RISK_BY_AGE.items():
        table = np.minimum(by_age * shares.RISK_FACTOR[tag] ** np.arange(5)[:, None], 0.6)
        has_tag = rng.random(len(age), dtype=np.float32) < table[ability, age - shares.YOUNGEST]
        mask |= has_tag.astype(np.uint8) << np.uint8(tag)
    return mask
