"""What goes into matching, and what comes out: columns, so that a million rows take seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from songbai.domain.matching.rules import Band, FieldLine


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a feed. Only ``key`` and ``name`` are needed; "" or None means not said.

    ``key`` is the source's own id of the row: what a clerk decided about it is remembered by it.
    ``id_number_index`` is ``crypto.blind_index(normal_id_number(text))`` of a number that passes
    ``rules.check_id_number``, else b"". ``id_number_near`` is ``rules.near_id_numbers(text)``, each
    through ``blind_index``: for a number that fails its check character, or has 15 digits and was
    not found. ``id_number_checked`` is False for a number of 15 digits, which has no check
    character. ``region`` is a 12-digit code or a prefix of 2, 4, 6, 9 digits. ``phone_index`` is
    ``blind_index(rules.normal_phone(text))``; ``address`` is plain text, never stored here.
    """

    key: str
    name: str
    id_number_index: bytes = b""
    birth_date: date | None = None
    sex: str = ""
    region: str = ""
    phone_index: bytes = b""
    address: str = ""
    id_number_near: tuple[bytes, ...] = ()
    id_number_checked: bool = True


def _digests(values: Iterable[bytes]) -> NDArray[np.void]:
    """Digests as fixed cells of 32 bytes; missing ones are zeros."""
    return np.frombuffer(b"".join(value.ljust(32, b"\0") for value in values), dtype="V32")


@dataclass(frozen=True)
class Rows:
    """Rows of a feed as columns of one length n; see :class:`Row` for each column's meaning.

    key, name: sequences of text. id_number_index, phone_index: arrays ``V32`` (zeros: none).
    birth_date: ``datetime64[D]`` (NaT: none). sex, region: arrays of text. id_number_checked: bool.
    address: a sequence of text, or empty when no row has one. id_number_near: by row number.
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

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Rows:
        """Columns of single rows: for village registers and tests."""
        return cls(
            key=[row.key for row in rows],
            name=[row.name for row in rows],
            id_number_index=_digests(row.id_number_index for row in rows),
            birth_date=np.array([row.birth_date for row in rows], dtype="datetime64[D]"),
            sex=np.array([row.sex for row in rows], dtype="<U1"),
            region=np.array([row.region for row in rows], dtype="<U12"),
            phone_index=_digests(row.phone_index for row in rows),
            id_number_checked=np.array([row.id_number_checked for row in rows], dtype=bool),
            address=[row.address for row in rows] if any(row.address for row in rows) else (),
            id_number_near={
                number: row.id_number_near for number, row in enumerate(rows) if row.id_number_near
            },
        )


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
