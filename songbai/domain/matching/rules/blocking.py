"""Which records are worth comparing: those that share a key. Arrays in, pairs out.

Each pass builds one number for every record on both sides from a few fields; records with the same
number make a pair. A person is lost only when every pass misses: each tolerates other damage.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .dates import swapped
from .names import Characters, CodePoints

Keys = NDArray[np.uint64]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]

#: A key shared by more records of the register than this says nothing and is left out.
CROWD = 400
_MIX = np.uint64(0x9E3779B97F4A7C15)
_NONE = np.uint64(0)


@dataclass(frozen=True)
class People:
    """What blocking looks at, as arrays of one length n.

    names: code points in today's characters, shape (n, WIDTH). birth_date: ``datetime64[D]``, NaT
    unknown. region: 12-digit numbers, 0 unknown. phone: first 8 bytes of the index as ``uint64``, 0
    none.
    """

    names: CodePoints
    birth_date: NDArray[np.datetime64]
    region: NDArray[np.int64]
    phone: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.names)


def mixed(*columns: NDArray[np.integer]) -> Keys:
    """One well-spread number from several columns; the same columns give the same number."""
    with np.errstate(over="ignore"):
        key = np.full(len(columns[0]), np.uint64(0x243F6A8885A308D3))
        for column in columns:
            key = (key ^ column.astype(np.uint64)) * _MIX
            key ^= key >> np.uint64(29)
    return key | np.uint64(1)


def passes(people: People, known: Characters, *, turned: bool = False) -> Iterator[Keys]:
    """The keys of each pass; 0 where a record lacks what the pass needs.

    ``turned`` exchanges day and month in the one pass that looks for that, on one side of a join.
    """
    points = people.names
    heard = known.heard[points].astype(np.uint16)
    bag = mixed(*np.sort(heard, axis=1).T)
    surname, named = heard[:, 0], points[:, 0] > 0
    born = people.birth_date.astype(np.int64)
    dated = ~np.isnat(people.birth_date) & named
    year = people.birth_date.astype("datetime64[Y]").astype(np.int64)
    of_year = born - people.birth_date.astype("datetime64[Y]").astype("datetime64[D]").astype(
        np.int64
    )
    placed, homed = people.region % 10**6 > 0, people.region % 1000 > 0
    district, town = people.region // 10**6, people.region // 1000
    other = swapped(people.birth_date) if turned else people.birth_date
    yield _where(mixed(surname, born), dated)
    yield _where(mixed(bag, district, year), dated & placed)
    yield _where(mixed(bag, of_year), dated)
    yield _where(mixed(bag, town), named & placed)
    yield _where(mixed(town, born), dated & placed)
    yield _where(mixed(bag, other.astype(np.int64)), dated & ~np.isnat(other))
    yield _where(mixed(people.phone), people.phone > 0)
    for at in (1, 2):
        given = heard[:, at]
        yield _where(mixed(surname, given, people.region), named & homed & (given > 0))
    yield _where(mixed(surname, heard[:, 2], born), dated & (heard[:, 2] > 0))


def _where(keys: Keys, has: NDArray[np.bool_]) -> Keys:
    return np.where(has, keys, _NONE)


def join(left: Keys, right: Keys, crowd: int = CROWD) -> Pairs:
    """Positions (left, right) with the same key; keys more than ``crowd`` share on the right are
    skipped."""
    asked = np.flatnonzero(left)
    few = _possible(left[asked], right)
    order = few[np.argsort(right[few], kind="stable")]
    ordered = right[order]
    low = np.searchsorted(ordered, left[asked], side="left")
    high = np.searchsorted(ordered, left[asked], side="right")
    count = high - low
    count[count > crowd] = 0
    rows = np.repeat(asked, count)
    starts = np.repeat(low - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    return rows, order[starts + np.arange(len(rows))]


def _possible(asked: Keys, right: Keys) -> NDArray[np.int64]:
    """Positions on the right whose key may be asked for: a bitmap sieves before sorting."""
    bits = np.uint64(24)
    marked = np.zeros(1 << 24, dtype=bool)
    marked[(asked >> (np.uint64(64) - bits)).astype(np.int64)] = True
    return np.flatnonzero(marked[(right >> (np.uint64(64) - bits)).astype(np.int64)] & (right > 0))


def candidates(rows: People, register: People, known: Characters) -> Pairs:
    """Pairs of a row and a record that share a key of any pass, each once."""
    if not len(rows) or not len(register):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    found = [
        np.empty(0, dtype=np.int64),
        *(
            one * len(register) + two
            for one, two in (
                join(left, right)
                for left, right in zip(
                    passes(rows, known, turned=True), passes(register, known), strict=True
                )
            )
        ),
    ]
    pairs = np.unique(np.concatenate(found))
    return pairs // len(register), pairs % len(register)


def within(register: People, known: Characters) -> Pairs:
    """Pairs inside the register, the earlier position first, each once."""
    one, two = candidates(register, register, known)
    first = one < two
    return one[first], two[first]


def share_name(left: CodePoints, right: CodePoints, known: Characters) -> NDArray[np.bool_]:
    """Pairs whose names can be alike at all: all but one character of the shorter one are found
    in the other by sound, or the whole is of another length by one.

    A cheap sieve before names are compared one by one; ``left`` and ``right`` have shape (n, WIDTH)
    in the characters of today.
    """
    one, two = known.heard[left], known.heard[right]
    length = np.minimum((left > 0).sum(axis=1), (right > 0).sum(axis=1))
    common = np.zeros(len(left), dtype=np.int64)
    for at in range(left.shape[1]):
        here = (one[:, at : at + 1] == two).any(axis=1) & (left[:, at] > 0)
        common += here & (one[:, at] > 0)
    alike: NDArray[np.bool_] = common >= np.maximum(length - 1, 1)
    return alike
