"""The score: how much two records say that they are one person (Fellegi and Sunter, 1969).

For each field the way it compares is a level; each level weighs log2(m/u) bits, where m is how
often records of one person compare so and u how often records of two people do. The sum, from the
odds that two records drawn at random are one person, is the logarithm of the odds. An agreeing
name weighs more the rarer it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songbai.core.worded import Worded
from songbai.domain.matching.rules.states import Band

from .dates import BIRTH_LEVELS, BirthLevel
from .names import NAME_LEVELS, OTHER_NAME, SAME_NAME, NameLevel
from .places import ADDRESS_LEVELS, PHONE_LEVELS, REGION_LEVELS

Scores = NDArray[np.float32]


class IdLevel(Worded):
    """How two identity numbers compare."""

    SAME = "same", "身份证号相同"
    NEAR = (
        "near",
        "一边的身份证号校验不过，改一处就和另一边相同",
    )  # one of them is mistyped, one slip from the other
    # different, but one has 15 places and nothing guards its digits
    UNCHECKED = "unchecked", "身份证号不同，但一边是没有校验位的 15 位号"
    DIFFERENT = (
        "different",
        "两个不同的有效身份证号",
    )  # two valid numbers: never joined without a clerk
    UNKNOWN = "unknown", "身份证号有一边没有"


class SexLevel(Worded):
    """How two sexes compare."""

    SAME = "same", "性别相同"
    DIFFERENT = "different", "性别不同"
    UNKNOWN = "unknown", "性别有一边没填"


ID_LEVELS, SEX_LEVELS = tuple(IdLevel), tuple(SexLevel)
#: Fields in the order a clerk reads them, with the levels that are numbered in the arrays.
FIELDS: Mapping[str, Sequence[Worded]] = {
    "id_number": ID_LEVELS,
    "name": NAME_LEVELS,
    "birth_date": BIRTH_LEVELS,
    "sex": SEX_LEVELS,
    "region": REGION_LEVELS,
    "phone": PHONE_LEVELS,
    "address": ADDRESS_LEVELS,
}
#: Where people live, their telephone and their house are shared by a household: together they may
#: weigh no more than this.
_HOUSEHOLD = ("region", "phone", "address")
_MOST_OF_HOUSEHOLD = 22.0
#: How much of a name's rarity counts when the names compare so.
_RARITY_SHARE = {
    NameLevel.SAME: 1.0,
    NameLevel.VARIANT: 1.0,
    NameLevel.SWAPPED: 1.0,
    NameLevel.SOUND: 0.5,
    NameLevel.NEAR_SOUND: 0.5,
    NameLevel.SHAPE: 0.5,
    NameLevel.MISSING: 0.5,
}
_RARITY = np.array([_RARITY_SHARE.get(level, 0.0) for level in NAME_LEVELS], dtype=np.float32)


@dataclass(frozen=True)
class Levels:
    """How each pair compares, one array per field, each an index into that field's levels.

    rarity: bits by which the agreeing name is rarer than the average name.
    """

    id_number: NDArray[np.uint8]
    name: NDArray[np.uint8]
    birth_date: NDArray[np.uint8]
    sex: NDArray[np.uint8]
    region: NDArray[np.uint8]
    phone: NDArray[np.uint8]
    address: NDArray[np.uint8]
    rarity: Scores

    def of(self, field: str) -> NDArray[np.uint8]:
        """One field's levels."""
        levels: NDArray[np.uint8] = getattr(self, field)
        return levels

    def take(self, where: NDArray[np.int64]) -> Levels:
        """The levels of some of the pairs."""
        return Levels(
            **{field: self.of(field)[where] for field in FIELDS}, rarity=self.rarity[where]
        )


@dataclass(frozen=True)
class Weights:
    """What was estimated. bits: field → level → log2(m/u). prior: log2 odds of a random pair.

    certain, doubtful: from these scores on a pair is joined, or shown to a clerk. clear: by how
    many bits the best elder must lead the second to be joined. surname, given: bits of characters,
    −log2 of their share; rare: bits of a character that is not listed; average: bits of the average
    name; widest: most bits a name's rarity may add or take.
    """

    bits: Mapping[str, Mapping[str, float]]
    prior: float
    certain: float
    doubtful: float
    clear: float
    surname: Mapping[str, float]
    given: Mapping[str, float]
    rare: float
    average: float
    widest: float

    def rarity(self, name: str) -> float:
        """By how many bits a name in today's characters is rarer than the average name."""
        if not name:
            return 0.0
        bits = self.surname.get(name[0], self.rare)
        bits += sum(self.given.get(character, self.rare) for character in name[1:4])
        return max(-self.widest, min(self.widest, bits - self.average))


def score(levels: Levels, weights: Weights) -> Scores:
    """Bits of evidence for each pair, shape (n,)."""
    total = np.full(len(levels.name), weights.prior, dtype=np.float32)
    household = np.zeros(len(levels.name), dtype=np.float32)
    for field, names in FIELDS.items():
        table = np.array([weights.bits[field][level] for level in names], dtype=np.float32)
        if field in _HOUSEHOLD:
            household += table[levels.of(field)]
        else:
            total += table[levels.of(field)]
    total += np.minimum(household, _MOST_OF_HOUSEHOLD)
    return total + levels.rarity * _RARITY[levels.name]


def _is(field: str, levels: Levels, *wanted: str) -> NDArray[np.bool_]:
    names = FIELDS[field]
    return np.isin(levels.of(field), [names.index(level) for level in wanted])


def may_join(levels: Levels) -> NDArray[np.bool_]:
    """Pairs that may be joined without a clerk, whatever their score.

    - The same number, unless name, sex or birth date belong to somebody else: people give the
      number of their spouse or father.
    - Without the same number: same name and same birth date, sex not different, no second valid
      number. So twins (one birth date, two names), father and son of one name (two birth dates)
      and namesakes with numbers of their own are never joined.
    """
    same_id = _is("id_number", levels, IdLevel.SAME)
    other_name = _is("name", levels, *OTHER_NAME)
    other_birth = _is("birth_date", levels, BirthLevel.DIFFERENT)
    other_sex = _is("sex", levels, SexLevel.DIFFERENT)
    one_other = _is("name", levels, NameLevel.ONE_OTHER)
    by_number = same_id & ~other_name & ~(other_birth & (other_sex | one_other))
    by_rest = (
        _is("id_number", levels, IdLevel.NEAR, IdLevel.UNKNOWN)
        & _is("name", levels, *SAME_NAME)
        & _is("birth_date", levels, BirthLevel.SAME)
        & ~other_sex
    )
    return by_number | by_rest


def two_people(levels: Levels) -> NDArray[np.bool_]:
    """Pairs that are not worth a clerk's time whatever they share: two valid numbers, two names."""
    return _is("id_number", levels, IdLevel.DIFFERENT) & _is("name", levels, *OTHER_NAME)


def bands(scores: Scores, allowed: NDArray[np.bool_], weights: Weights) -> NDArray[np.uint8]:
    """The band of each pair on its own; a row's best pair must also lead (see ``ranked``)."""
    found = np.where(scores >= weights.doubtful, Band.DOUBTFUL, Band.NEW)
    found[(scores >= weights.certain) & allowed] = Band.CERTAIN
    return found.astype(np.uint8)
