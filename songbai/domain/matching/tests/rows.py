"""Single rows of a feed, put together as columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from songbai.domain.matching.queries import Rows


@dataclass(frozen=True, slots=True)
class Row:
    """One row; the columns are those of ``Rows``, and "" or None means not said."""

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


def columns_of(rows: Sequence[Row]) -> Rows:
    """The rows as columns."""
    return Rows(
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
