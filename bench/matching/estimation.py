"""Estimating the weights: expectation and maximisation over how pairs compare.

Nobody has to say which pairs are one person; identity numbers, where both have one, help to tell,
with weights that are given. Pairs that share a key are a mixture of two kinds; the
levels of one kind have frequencies m, of the other u of their own; both and the share of the first
kind are found by turns (Dempster, Laird and Rubin, 1977). How often two random people compare so
is counted on random pairs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from songbai.domain.matching.rules.evidence import FIELDS, Levels, Weights

Shares = dict[str, NDArray[np.float64]]

#: Kept out of the mixture: two valid different numbers of one person are too rare to be counted.
_GIVEN = {"id_number": {"same": 40.0, "near": 12.0, "unchecked": -3.0, "different": -8.0}}
_HALF = 0.5


def shares(levels: Levels, weight: NDArray[np.float64] | None = None) -> Shares:
    """How often each level occurs among pairs where the field is known, half a pair added each."""
    found = {}
    for field, names in FIELDS.items():
        counts = np.bincount(levels.of(field), weights=weight, minlength=len(names)).astype(float)
        counts[[*map(str, names)].index("unknown")] = 0.0
        counts += _HALF
        found[field] = counts / counts.sum()
    return found


def mixture(levels: Levels, start: Weights, rounds: int = 40) -> tuple[Shares, Shares, float]:
    """m, u and the share of pairs that are one person, among pairs that share a key."""
    number = np.array([{**_GIVEN["id_number"], "unknown": 0.0}[one] for one in FIELDS["id_number"]])
    by_number = number[levels.id_number]
    odds = by_number - 6.0
    for field, names in FIELDS.items():
        if field != "id_number":
            odds += np.array([start.bits[field][level] for level in names])[levels.of(field)]
    one = two = shares(levels)
    share = 0.5
    for _ in range(rounds):
        belongs = 1.0 / (1.0 + np.exp2(-np.clip(odds, -60, 60)))
        share = float(belongs.mean())
        one, two = shares(levels, belongs), shares(levels, 1.0 - belongs)
        odds = by_number + np.log2(share / (1.0 - share))
        for field, names in FIELDS.items():
            if field == "id_number":
                continue
            weight = np.log2(one[field] / two[field])
            weight[[*map(str, names)].index("unknown")] = 0.0
            odds += weight[levels.of(field)]
    return one, two, share


def weights_from(
    one: Shares, random: Shares, start: Weights, *, people: int, names: Iterable[str]
) -> Weights:
    """Weights from the frequencies of one person's records and of random pairs.

    ``people`` is how many a register holds: the prior odds that a row is a given elder.
    """
    bits: dict[str, Mapping[str, float]] = dict(_GIVEN)
    bits["id_number"] = {**_GIVEN["id_number"], "unknown": 0.0}
    for field, levels in FIELDS.items():
        if field == "id_number":
            continue
        ratio = np.log2(one[field] / random[field])
        bits[field] = {
            str(level): 0.0 if level == "unknown" else round(float(value), 2)
            for level, value in zip(levels, ratio, strict=True)
        }
    surname, given, rare = character_bits(names)
    same = float(random["name"][0])
    return Weights(
        bits=bits,
        prior=round(-float(np.log2(people)), 2),
        certain=start.certain,
        doubtful=start.doubtful,
        clear=start.clear,
        surname=surname,
        given=given,
        rare=rare,
        average=round(-float(np.log2(same)), 2),
        widest=start.widest,
    )


def character_bits(
    names: Iterable[str], most: int = 400
) -> tuple[dict[str, float], dict[str, float], float]:
    """Bits of the commonest surnames and given characters, and of any other character."""
    surnames: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for name in names:
        surnames[name[:1]] += 1
        given.update(name[1:3])
    found = [
        {
            character: round(-float(np.log2(count / total)), 2)
            for character, count in counted.most_common(most)
        }
        for counted, total in ((surnames, surnames.total()), (given, given.total()))
    ]
    return found[0], found[1], round(float(np.log2(max(given.total(), 2) / 2)), 2)
