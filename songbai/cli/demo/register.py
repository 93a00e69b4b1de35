"""Elders as rows of the register: personal fields encrypted in a pool of processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songbai.cli.demo import geography
from songbai.cli.demo.batch import (
    RISK_NAMES,
    ElderBatch,
    HardshipClass,
    LivingSituation,
    codes_of,
    risk_tags_of,
)
from songbai.core.crypto import blind_index_many
from songbai.core.crypto.bulk import encrypt_many
from songbai.core.regions.rules import short_name
from songbai.domain.elders.rules import door

#: Elders encrypted by one call of a pool process.
SLICE = 8_000
#: Spreads numbers over the codes; no multiple of 3 or 7, so that none comes twice.
SPREAD = 11_863_279_637
#: Columns of one block, in the order of the text.
NAMES = [
    "id",
    "region_id",
    "name",
    "initials",
    "sex",
    "birth_date",
    "id_number",
    "id_number_index",
    "phone",
    "phone_index",
    "address",
    "longitude",
    "latitude",
    "household",
    "hardship",
    "living",
    "special_family",
    "ability_level",
    "risks",
    "door_code",
    "registered_at",
    "died_on",
]
RISK_SETS = tuple(tuple(RISK_NAMES[tag] for tag in risk_tags_of(mask)) for mask in range(64))


def pool() -> ProcessPoolExecutor:
    """Two processes, or as many as there are, that only encrypt."""
    return ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn"))


def blocks(executor: Executor, batch: ElderBatch, first: int, registered: str) -> Iterator[bytes]:
    """The elders as COPY text; ``first`` is the number of the first, in the order of the batch."""
    tasks = [
        executor.submit(
            encrypted, batch.take(slice(begin, begin + SLICE)), first + begin, registered
        )
        for begin in range(0, len(batch), SLICE)
    ]
    return (task.result() for task in tasks)


def encrypted(batch: ElderBatch, first: int, registered: str) -> bytes:
    """One block of COPY text; runs in a pool process."""
    from songbai.cli.demo.tables import text

    return b"".join(text(columns(batch, first, registered), len(batch)))


def columns(batch: ElderBatch, first: int, registered: str) -> dict[str, Any]:
    """The columns of the table of elders for one batch."""
    numbers, phones = batch.id_number.tolist(), batch.phone.tolist()
    values = (
        np.arange(first, first + len(batch)),
        batch.village_code,
        batch.name,
        np.char.upper(batch.initials),
        np.where(batch.female, "f", "m"),
        batch.birth_date,
        encrypt_many(numbers),
        blind_index_many(numbers),
        encrypt_many(phones),
        blind_index_many(phones),
        encrypt_many(addresses(batch)),
        np.round(batch.lon, 6),
        np.round(batch.lat, 6),
        batch.household + 1,
        codes_of(HardshipClass, batch.hardship),
        codes_of(LivingSituation, batch.living),
        batch.special_family,
        [level or None for level in batch.ability.tolist()],
        [RISK_SETS[mask] for mask in batch.risk_tags.tolist()],
        door_codes(first, len(batch)),
        registered,
        None,
    )
    return dict(zip(NAMES, values, strict=True))


def addresses(batch: ElderBatch) -> list[str]:
    """Where the door is: block and flat in a community, group and house in a village."""
    words = [
        f"{geography.divisions()[village.code[:9] + '000'].name}{short_name(village.name)}"
        for village in batch.villages
    ]
    urban = [village.is_urban for village in batch.villages]
    return [
        f"{words[row]}{door // 24 + 1} 幢 {door % 24 // 4 + 1}-{door % 4 + 1}"
        if urban[row]
        else f"{words[row]}{door // 60 + 1} 组 {door % 60 + 1} 号"
        for row, door in zip(batch.village.tolist(), batch.door.tolist(), strict=True)
    ]


def door_codes(first: int, count: int) -> list[str]:
    """Codes of the doors of elders with these numbers: no two alike, and no order to be seen."""
    left = (np.arange(first, first + count) * SPREAD) % len(door.LETTERS) ** door.LENGTH
    letters = np.zeros((count, door.LENGTH), dtype=np.int64)
    for place in range(door.LENGTH):
        left, letters[:, place] = np.divmod(left, len(door.LETTERS))
    codes: list[str] = np.array(list(door.LETTERS))[letters].view(f"<U{door.LENGTH}")[:, 0].tolist()
    return codes


def uuids(first: int, count: int, seed: int) -> list[str]:
    """Random UUIDs (version 4), the same for the same seed."""
    raw: NDArray[np.uint8] = np.random.default_rng([seed, first, 9]).integers(
        256, size=(count, 16), dtype=np.uint8
    )
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = raw.tobytes().hex()
    return [
        f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
        for h in (text[i : i + 32] for i in range(0, len(text), 32))
    ]
