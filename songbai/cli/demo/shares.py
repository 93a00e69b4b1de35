"""How the demo city's elders are made up: shares by age and by kind of home.

What is published for Chongqing is met in total and named beside the numbers; the rest is assumed.
"""

import numpy as np

from songbai.cli.demo.batch import HardshipClass, RiskTag
from songbai.cli.demo.geography import FloatArray

YOUNGEST, OLDEST = 60, 105
AGES = np.arange(YOUNGEST, OLDEST + 1)

BAND_STARTS = (60, 65, 70, 75, 80, 85, 90, 95, 100, 106)
BAND_SHARES = (25.0, 23.5, 21.5, 13.7, 9.0, 5.0, 1.85, 0.40, 0.05)
"""Per cent of elders per band of ages; 80 and over are 16.3 %, as 1.15 of 7.04 million are."""


def _by_age(*anchors: tuple[int, float]) -> FloatArray:
    """A value for every age, straight lines between (age, value) anchors; shape (46,)."""
    ages, values = zip(*anchors, strict=True)
    by_age: FloatArray = np.interp(AGES, ages, values)
    return by_age


def _age_shares() -> FloatArray:
    """Share of every single age, smooth inside the bands, exact for each band; shape (46,)."""
    starts = np.array(BAND_STARTS)
    shares = np.array(BAND_SHARES) / 100.0
    middle = (starts[:-1] + starts[1:] - 1) / 2.0
    smooth = np.exp(np.interp(AGES, middle, np.log(shares / np.diff(starts))))
    band = np.searchsorted(starts, AGES, side="right") - 1
    return smooth / np.bincount(band, weights=smooth)[band] * shares[band]


AGE_SHARES = _age_shares()
FEMALE_SHARE = _by_age((60, 0.502), (70, 0.512), (80, 0.55), (90, 0.63), (100, 0.74), (105, 0.78))
MARRIED = np.stack(
    [
        _by_age((60, 0.86), (70, 0.83), (80, 0.70), (90, 0.42), (105, 0.10)),
        _by_age((60, 0.82), (70, 0.69), (80, 0.42), (90, 0.13), (105, 0.01)),
    ]
)
"""Share with a living spouse, men then women; shape (2, 46); an assumption."""

ABILITY_SHARES = (0.120, 0.077, 0.038, 0.014)
"""Share of all elders at level 1, 2, 3, 4 or worse: 540,000 of the city are at 2 or worse."""
ABILITY_STEEPNESS = 7.5
"""Years of age in which the odds of losing ability grow e-fold; an assumption."""


def _ability_table() -> FloatArray:
    """Chance of being at level 1, 2, 3, 4 or worse by age; shape (4, 46)."""
    return np.stack([_logistic_by_age(share) for share in ABILITY_SHARES])


def _logistic_by_age(share: float) -> FloatArray:
    """A chance that rises with age as a logistic curve and is ``share`` over all elders."""
    low, high = 40.0, 160.0
    for _ in range(60):
        centre = (low + high) / 2.0
        chance: FloatArray = 1.0 / (1.0 + np.exp((centre - AGES) / ABILITY_STEEPNESS))
        low, high = (centre, high) if float(chance @ AGE_SHARES) > share else (low, centre)
    return chance


ABILITY = _ability_table()

LEFT_BEHIND_SHARE = np.array([[0.23, 0.325], [0.0, 0.0]])
"""Share of households that are left behind: [rural, urban] × [single, couple].

About 610,000 rural households of the city."""
NO_CHILDREN_SHARE = np.array([[0.20, 0.17], [0.18, 0.325]])
"""Share that live alone or as a couple only, the same shape.

About 650,000 urban households of the city."""

TEKUN_SHARE = np.array([0.074, 0.0145])
"""Of single households, rural and urban: 1.3 % of all elders, most of them rural."""
OTHER_HARDSHIP = {
    HardshipClass.DIBAO: np.array([0.064, 0.037]),
    HardshipClass.NEAR_DIBAO: np.array([0.012, 0.008]),
    HardshipClass.LOW_INCOME: np.array([0.017, 0.010]),
}
"""Of households that are not tekun, rural and urban; dibao is about 5 % of all elders."""

INSTITUTION_SHARE = np.array([0.008, 0.07, 0.16, 0.24, 0.28])
"""Of single elders by ability level: about 1.5 % of all elders."""
TEKUN_INSTITUTION_SHARE = 0.30
"""At least this share of tekun elders lives in an institution (集中供养)."""
SPECIAL_FAMILY_SHARE = 0.0165
"""Of households without children in the home: 0.4 % of all elders."""

DISABILITY_SHARE = np.array([0.028, 0.14, 0.34, 0.42, 0.46])
"""Share with a disability certificate, by ability level: about 6 % of all elders."""
DISABILITY_KIND_SHARES = np.array([0.15, 0.25, 0.01, 0.46, 0.03, 0.05, 0.05])
"""Shares of the seven kinds among certificates."""
GRADE_SHARES = np.array([[0.05, 0.15, 0.35, 0.45], [0.30, 0.35, 0.22, 0.13]])
"""Shares of grades 1 … 4 for elders of level 0–1 and of level 2–4."""

RISK_BY_AGE = {
    RiskTag.FALLS: _by_age((60, 0.02), (80, 0.12), (105, 0.30)),
    RiskTag.ALLERGY: _by_age((60, 0.03), (105, 0.03)),
    RiskTag.HEARING: _by_age((60, 0.02), (80, 0.14), (105, 0.45)),
    RiskTag.SIGHT: _by_age((60, 0.02), (80, 0.08), (105, 0.25)),
    RiskTag.WANDERS: _by_age((60, 0.001), (80, 0.008), (105, 0.03)),
    RiskTag.SWALLOWING: _by_age((60, 0.001), (80, 0.006), (105, 0.02)),
}
"""Share with a tag by age at ability level 0; an assumption."""
RISK_FACTOR = {
    RiskTag.FALLS: 1.45,
    RiskTag.ALLERGY: 1.0,
    RiskTag.HEARING: 1.1,
    RiskTag.SIGHT: 1.15,
    RiskTag.WANDERS: 2.2,
    RiskTag.SWALLOWING: 2.6,
}
"""By how much each lost level of ability multiplies that share, up to 60 %."""
