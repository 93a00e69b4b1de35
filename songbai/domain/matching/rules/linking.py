"""From rows and a register to who is who: candidates, levels, scores, bands. Arrays only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from songbai.domain.matching.rules.states import Band

from . import blocking
from .blocking import Pairs, People
from .dates import compare_births
from .evidence import (
    ID_LEVELS,
    SEX_LEVELS,
    IdLevel,
    Levels,
    SexLevel,
    Weights,
    bands,
    may_join,
    score,
    two_people,
)
from .names import NAME_LEVELS, Characters, NameLevel, code_points, compare_names
from .places import (
    ADDRESS_LEVELS,
    PHONE_LEVELS,
    AddressLevel,
    PhoneLevel,
    compare_addresses,
    compare_regions,
)

NO_PAIRS: Pairs = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
#: At most so many elders are offered for one row.
MOST_OFFERS = 5


@dataclass(frozen=True)
class Columns:
    """People as columns of one length n; on the left the rows of a feed, on the right the register.

    name: texts that went through ``normal_name``. birth_date: ``datetime64[D]``. sex: "m", "f", "".
    region: 12-digit numbers, 0 unknown. phone: first 8 bytes of the blind index, 0 none. numbered:
    has a valid identity number; checked: one with a check character. address: plain, or empty.
    """

    name: NDArray[np.str_]
    birth_date: NDArray[np.datetime64]
    sex: NDArray[np.str_]
    region: NDArray[np.int64]
    phone: NDArray[np.uint64]
    numbered: NDArray[np.bool_]
    checked: NDArray[np.bool_]
    address: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.name)

    def people(self, known: Characters) -> People:
        """What blocking looks at."""
        names = known.today[code_points(self.name)]
        return People(names, self.birth_date, self.region, self.phone)


@dataclass(frozen=True)
class Linked:
    """Pairs that were scored, best first within a row.

    row, other: positions on both sides. band: of the pair; only the best of a row can be CERTAIN.
    """

    row: NDArray[np.int64]
    other: NDArray[np.int64]
    score: NDArray[np.float32]
    band: NDArray[np.uint8]
    levels: Levels


def link(
    rows: Columns,
    register: Columns,
    known: Characters,
    weights: Weights,
    *,
    same_number: Pairs,
    near_number: Pairs,
) -> Linked:
    """Compare rows with a register. ``same_number`` and ``near_number`` are pairs already found by
    identity number; they are compared even when nothing else brings them together."""
    pairs = worth_comparing(rows, register, known, same_number, near_number)
    levels = compare(rows, register, pairs, known, weights, same_number, near_number)
    return ranked(pairs, levels, weights)


def link_within(register: Columns, known: Characters, weights: Weights) -> Linked:
    """Pairs inside a register that may be one person, the earlier position as ``row``."""
    pairs = worth_comparing_within(register, known)
    levels = compare(register, register, pairs, known, weights, NO_PAIRS, NO_PAIRS)
    return ranked(pairs, levels, weights)


def worth_comparing(
    rows: Columns, register: Columns, known: Characters, same_number: Pairs, near_number: Pairs
) -> Pairs:
    """Pairs that share a key and could reach a clerk, and those with a number in common."""
    left, right = rows.people(known), register.people(known)
    found = blocking.candidates(left, right, known)
    pairs = _united(len(register), found, same_number, near_number)
    return _sieved(pairs, left, right, known, len(register), same_number, near_number)


def worth_comparing_within(register: Columns, known: Characters) -> Pairs:
    """Pairs of a register that share a key and could reach a clerk, the earlier position first."""
    people = register.people(known)
    pairs = blocking.within(people, known)
    return _sieved(pairs, people, people, known, len(register), NO_PAIRS, NO_PAIRS)


def _united(width: int, *several: Pairs) -> Pairs:
    joined = np.unique(np.concatenate([row * width + other for row, other in several]))
    return joined // max(width, 1), joined % max(width, 1)


def _marked(pairs: Pairs, width: int, wanted: Pairs) -> NDArray[np.bool_]:
    return np.isin(pairs[0] * width + pairs[1], wanted[0] * width + wanted[1])


def _sieved(
    pairs: Pairs,
    left: People,
    right: People,
    known: Characters,
    width: int,
    same_number: Pairs,
    near_number: Pairs,
) -> Pairs:
    """Only pairs that could reach a clerk: names alike, or a number, or birth date and village, or
    a telephone, in common."""
    one, two = pairs
    keep = blocking.share_name(left.names[one], right.names[two], known)
    same_birth = left.birth_date[one] == right.birth_date[two]
    keep |= same_birth & (left.region[one] == right.region[two])
    keep |= same_birth & (left.phone[one] == right.phone[two]) & (left.phone[one] > 0)
    keep |= _marked(pairs, width, same_number) | _marked(pairs, width, near_number)
    return one[keep], two[keep]


def compare(
    rows: Columns,
    register: Columns,
    pairs: Pairs,
    known: Characters,
    weights: Weights,
    same_number: Pairs,
    near_number: Pairs,
) -> Levels:
    """How each pair compares, field by field. Where nothing could make it worth showing, the names
    are called different without a look."""
    one, two = pairs
    unknown = np.full(len(one), ADDRESS_LEVELS.index(AddressLevel.UNKNOWN), dtype=np.uint8)
    with_address = len(rows.address) > 0 and len(register.address) > 0
    best = Levels(
        id_number=_numbers(rows, register, pairs, same_number, near_number),
        name=np.full(len(one), NAME_LEVELS.index(NameLevel.SAME), dtype=np.uint8),
        birth_date=compare_births(rows.birth_date[one], register.birth_date[two]),
        sex=_sexes(rows.sex[one], register.sex[two]),
        region=compare_regions(rows.region[one], register.region[two]),
        phone=_phones(rows.phone[one], register.phone[two]),
        address=unknown * 0 + ADDRESS_LEVELS.index(AddressLevel.SAME) if with_address else unknown,
        rarity=np.full(len(one), weights.widest, dtype=np.float32),
    )
    # Names and addresses are compared one by one: only where they can still make a difference.
    hopeful = np.flatnonzero(
        (score(best, weights) >= weights.doubtful)
        | (best.id_number == ID_LEVELS.index(IdLevel.SAME))
    )
    name = np.full(len(one), NAME_LEVELS.index(NameLevel.DIFFERENT), dtype=np.uint8)
    rarity = np.zeros(len(one), dtype=np.float32)
    name[hopeful], rarity[hopeful] = _names(
        rows.name[one[hopeful]], register.name[two[hopeful]], known, weights
    )
    if with_address:
        unknown[hopeful] = [
            ADDRESS_LEVELS.index(compare_addresses(rows.address[a], register.address[b]))
            for a, b in zip(one[hopeful], two[hopeful], strict=True)
        ]
    return replace(best, name=name, rarity=rarity, address=unknown)


def _numbers(
    rows: Columns, register: Columns, pairs: Pairs, same_number: Pairs, near_number: Pairs
) -> NDArray[np.uint8]:
    one, two = pairs
    found = np.full(len(one), ID_LEVELS.index(IdLevel.DIFFERENT), dtype=np.uint8)
    guarded = rows.checked[one] & register.checked[two]
    found[~guarded] = ID_LEVELS.index(IdLevel.UNCHECKED)
    missing = ~(rows.numbered[one] & register.numbered[two])
    found[missing] = ID_LEVELS.index(IdLevel.UNKNOWN)
    found[_marked(pairs, len(register), near_number)] = ID_LEVELS.index(IdLevel.NEAR)
    found[_marked(pairs, len(register), same_number)] = ID_LEVELS.index(IdLevel.SAME)
    return found


def _names(
    left: NDArray[np.str_], right: NDArray[np.str_], known: Characters, weights: Weights
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Levels and rarity; each two different names are compared once."""
    both, where = np.unique(np.stack([left, right], axis=1), axis=0, return_inverse=True)
    level = np.array(
        [NAME_LEVELS.index(compare_names(str(a), str(b), known)) for a, b in both], dtype=np.uint8
    )
    alike = level < NAME_LEVELS.index(NameLevel.ONE_OTHER)
    rarity = np.array(
        [
            weights.rarity(known.modern(str(pair[1]))) if like else 0.0
            for pair, like in zip(both, alike, strict=True)
        ],
        dtype=np.float32,
    )
    where = where.reshape(-1)
    return level[where], rarity[where]


def _sexes(left: NDArray[np.str_], right: NDArray[np.str_]) -> NDArray[np.uint8]:
    found = np.where(
        left == right, SEX_LEVELS.index(SexLevel.SAME), SEX_LEVELS.index(SexLevel.DIFFERENT)
    )
    found[(left == "") | (right == "")] = SEX_LEVELS.index(SexLevel.UNKNOWN)
    return found.astype(np.uint8)


def _phones(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint8]:
    found = np.where(
        left == right, PHONE_LEVELS.index(PhoneLevel.SAME), PHONE_LEVELS.index(PhoneLevel.DIFFERENT)
    )
    found[(left == 0) | (right == 0)] = PHONE_LEVELS.index(PhoneLevel.UNKNOWN)
    return found.astype(np.uint8)


def ranked(pairs: Pairs, levels: Levels, weights: Weights) -> Linked:
    """Pairs worth showing, best first within a row; a best pair that does not lead is doubtful."""
    scores = score(levels, weights)
    allowed = may_join(levels)
    by_number = levels.id_number == ID_LEVELS.index(IdLevel.SAME)
    band = bands(scores, allowed, weights)
    band[two_people(levels)] = Band.NEW
    # The same number decides by itself: it is joined, or else a clerk has to look.
    band[by_number] = np.where(allowed[by_number], Band.CERTAIN, Band.DOUBTFUL)
    row, other = pairs
    order = np.lexsort((other, -scores, ~by_number, row))
    order = order[band[order] > Band.NEW]
    row, other, scores, band = row[order], other[order], scores[order], band[order]
    best = np.r_[True, row[1:] != row[:-1]] if len(row) else np.empty(0, dtype=bool)
    second = np.full(len(row), -np.inf, dtype=np.float32)
    followed = np.flatnonzero(best[:-1] & ~best[1:]) if len(row) else np.empty(0, dtype=np.int64)
    second[followed] = scores[followed + 1]
    leads = by_number[order] | (scores - second >= weights.clear)
    band[(band == Band.CERTAIN) & ~(best & leads)] = Band.DOUBTFUL
    place = np.arange(len(row)) - np.maximum.accumulate(np.where(best, np.arange(len(row)), 0))
    settled = np.repeat(band[best], np.diff(np.r_[np.flatnonzero(best), len(row)])) == Band.CERTAIN
    keep = (place < MOST_OFFERS) & (~settled | best)
    chosen = np.flatnonzero(keep)
    return Linked(
        row[chosen], other[chosen], scores[chosen], band[chosen], levels.take(order[chosen])
    )
