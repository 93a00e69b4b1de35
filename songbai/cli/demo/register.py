"""Elders as rows of the register: personal fields encrypted in a pool of processes."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from typing import Any

import numpy as np

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
RISK_SETS = tuple(tuple(RISK_NAMES[tag] for tag in risk_tags_of(mask)) for mask in range(64))


def pool() -> ProcessPoolExecutor:
    """Two processes, or as many as there are, that only encrypt."""
    return ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn"))


Columns = dict[str, Any]


def blocks(
    executor: Executor, batch: ElderBatch, first: int, registered: datetime
) -> Iterator[Columns]:
    """The elders in parts; ``first`` is the number of the first, in the order of the batch."""
    tasks = [
        executor.submit(
            encrypted, batch.take(slice(begin, begin + SLICE)), first + begin, registered
        )
        for begin in range(0, len(batch), SLICE)
    ]
    return (task.result() for task in tasks)


def encrypted(batch: ElderBatch, first: int, registered: datetime) -> Columns:
    """The columns of the table of elders for one part; runs in a pool process."""
    numbers, phones = batch.id_number.tolist(), batch.phone.tolist()
    return {
        "id": np.arange(first, first + len(batch)),
        "region_id": batch.village_code,
        "name": batch.name,
        "initials": np.char.upper(batch.initials),
        "sex": np.where(batch.female, "f", "m"),
        "birth_date": batch.birth_date,
        "id_number": encrypt_many(numbers),
        "id_number_index": blind_index_many(numbers),
        "phone": encrypt_many(phones),
        "phone_index": blind_index_many(phones),
        "address": encrypt_many(addresses(batch)),
        "longitude": np.round(batch.lon, 6),
        "latitude": np.round(batch.lat, 6),
        "household": batch.household + 1,
        "hardship": codes_of(HardshipClass, batch.hardship),
        "living": codes_of(LivingSituation, batch.living),
        "special_family": batch.special_family,
        "ability_level": [level or None for level in batch.ability.tolist()],
        "risks": [RISK_SETS[mask] for mask in batch.risk_tags.tolist()],
        "door_code": door_codes(first, len(batch)),
        "registered_at": registered,
    }


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
