"""What goes into matching, and what comes out: columns, so that a million rows take seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from songbai.domain.matching.rules import Band, FieldLine


@dataclass(frozen=True)
class Rows:
    """Rows of a feed as columns of one length n. Only ``key`` and ``name`` are needed.

    key: the source's own id of the row: what a clerk decided about it is remembered by it.
    id_number_index: array ``V32`` (zeros: none) of ``crypto.blind_index(normal_id_number(text))``
    for numbers that pass ``rules.check_id_number``. id_number_near: by row number,
    ``rules.near_id_numbers(text)``, each through ``blind_index``: for a number that fails its check
    character, or has 15 digits and was not found. id_number_checked: False for a number of 15
    digits, which has no check character. birth_date: ``datetime64[D]`` (NaT: none). sex, region:
    arrays of text; a region is a 12-digit code or a prefix of 2, 4, 6, 9 digits, "" not said.
    phone_index: array ``V32`` of ``blind_index(rules.normal_phone(text))``. address: plain text,
    never stored here, or empty when no row has one.
    """

    key: Sequence[str]
    name: Sequence[str]
    id_number_index: NDArray[np.void]
    birth_date: NDArray[np.datetime64]
    sex: NDArray[np.str_]
    region: NDArray[np.str_]
    phone_index: NDArray[np.void]
    id_number_checked: NDArray[np.bool_]
    address: Sequence[str] = ()
    id_number_near: dict[int, tuple[bytes, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class Offer:
    """A doubtful pair: this row may be this elder. Best first within a row."""

    row: int
    elder_id: int
    score: float
    why: tuple[FieldLine, ...]


@dataclass(frozen=True)
class Matches:
    """The answer for each row, in the rows' order; all arrays have length n.

    elder_id: the elder the row speaks of, 0 unless ``band`` is CERTAIN. band: see Band. score: bits
    of evidence (log2 of the odds), infinite for an identity number or a clerk's decision. why: by
    row number, only for rows that were compared field by field; rows joined by identity number
    alone have none. offers: for doubtful rows, the elders a clerk chooses from.
    """

    elder_id: NDArray[np.int64]
    band: NDArray[np.uint8]
    score: NDArray[np.float32]
    why: dict[int, tuple[FieldLine, ...]]
    offers: list[Offer]

    def count(self, band: Band) -> int:
        """How many rows fell into a band."""
        return int((self.band == band).sum())
