"""Generated people with every fact some policies ask for; the same for the same seed."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from songbai.domain.benefits.population import Column, columns_for
from songbai.domain.benefits.rules.policy import Policy

DIVISIONS = Path(__file__).resolve().parents[1] / "catalogues" / "regions" / "divisions.csv"
BORN_FROM, BORN_TO = np.datetime64("1916-01-01"), np.datetime64("1966-06-30")
#: Shares of the codes of a fact, by its number in a snapshot. Made up, in the right order of size.
SHARES: dict[str, list[tuple[int, float]]] = {
    "hardship": [(0, 0.92), (1, 0.045), (2, 0.012), (3, 0.013), (4, 0.01)],
    "living": [(0, 0.6), (1, 0.12), (2, 0.18), (3, 0.07), (4, 0.03)],
    "disability_kind": [
        (0, 0.92),
        (1, 0.01),
        (2, 0.015),
        (4, 0.035),
        (5, 0.005),
        (6, 0.01),
        (7, 0.005),
    ],
    "disability_grade": [(1, 0.2), (2, 0.3), (3, 0.25), (4, 0.25)],
    "ability_level": [(0, 0.82), (1, 0.08), (2, 0.05), (3, 0.03), (4, 0.02)],
    "ltci_grade": [(0, 0.96), (1, 0.01), (2, 0.01), (3, 0.01), (4, 0.005), (5, 0.005)],
    "ltci_mode": [(1, 0.3), (2, 0.4), (3, 0.3)],
    "care_class": [(1, 0.6), (2, 0.25), (3, 0.15)],
    "medical_insurance": [(0, 0.05), (1, 0.35), (2, 0.6)],
    "ltci_insured": [(0, 0.6), (1, 0.4)],
    "concentrated_care_aid": [(0, 0.999), (1, 0.001)],
    "home_care_upgrade": [(0, 0.99), (1, 0.01)],
    "insurance_gap_paid": [(0, 0.9), (1, 0.1)],
}


def generate(count: int, policies: Sequence[Policy], seed: int) -> pa.Table:
    """A snapshot of ``count`` people; shape of ``columns_for(policies)`` and ``person``."""
    rng = np.random.default_rng(seed)
    arrays: dict[str, pa.Array] = {"person": pa.array(np.arange(count))}
    villages = _villages()
    # In the order of the register, by village of the hukou: snapshots are written so.
    home = np.sort(villages[rng.integers(0, len(villages), count)])
    for column in columns_for(policies):
        arrays[column.name] = _column(column, count, home, villages, rng)
    return pa.table(arrays)


def _villages() -> NDArray[np.int64]:
    with DIVISIONS.open(encoding="utf-8") as file:
        codes = [int(row["code"]) for row in csv.DictReader(file) if row["level"] == "5"]
    return np.array(codes, dtype=np.int64)


def _column(
    column: Column,
    count: int,
    home: NDArray[np.int64],
    villages: NDArray[np.int64],
    rng: np.random.Generator,
) -> pa.Array:
    assert column.fact is not None
    key = column.fact.key
    if key == "hukou":
        return pa.array(home)
    if key == "residence":
        moved = rng.random(count) < 0.06
        return pa.array(np.where(moved, villages[rng.integers(0, len(villages), count)], home))
    if key in SHARES:
        values, shares = zip(*SHARES[key], strict=True)
        drawn = rng.choice(np.array(values, dtype=np.int8), count, p=shares)
        return pa.array(drawn.astype(bool) if column.type == "boolean" else drawn)
    return _MADE[key](count, rng)


def _birth(count: int, rng: np.random.Generator) -> pa.Array:
    days = int((BORN_TO - BORN_FROM).astype(int))
    old = (rng.beta(1.1, 3.2, count) * days).astype("m8[D]")
    return pa.array(BORN_TO - old)


def _rarely(share: float, before: str, within: int) -> Any:
    def made(count: int, rng: np.random.Generator) -> pa.Array:
        days = np.datetime64(before) - rng.integers(0, within, count).astype("m8[D]")
        return pa.array(days, mask=rng.random(count) >= share)

    return made


def _spent(share: float, most: int) -> Any:
    def made(count: int, rng: np.random.Generator) -> pa.Array:
        return pa.array(np.where(rng.random(count) < share, rng.integers(1, most, count), 0))

    return made


_MADE = {
    "birth_date": _birth,
    "death": _rarely(0.004, "2026-06-30", 60),
    "bedridden_since": _rarely(0.01, "2026-06-01", 900),
    "insured_years": lambda n, rng: pa.array(rng.integers(0, 41, n).astype(np.int8)),
    "ltci_mode_since": _rarely(0.01, "2024-06-01", 900),
    "care_days": lambda n, rng: pa.array(rng.integers(0, 31, n).astype(np.int8)),
    "disability_care_subsidy": _spent(0.03, 30_000),
    "home_spend": _spent(0.05, 300_000),
    "home_ltci_paid": _spent(0.01, 100_000),
    "institution_spend": _spent(0.02, 600_000),
    "institution_ltci_paid": _spent(0.01, 100_000),
}
