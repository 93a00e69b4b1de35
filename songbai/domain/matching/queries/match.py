"""Matching the rows of a feed against the register."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songbai.core.acting import Actor, require
from songbai.domain.elders.declares import ELDER_READ
from songbai.domain.matching.models import Candidate
from songbai.domain.matching.queries.people import (
    Register,
    by_number,
    by_phone,
    phone_keys,
    register_of,
    with_addresses,
)
from songbai.domain.matching.queries.rows import Matches, Offer, Rows
from songbai.domain.matching.reference import characters, weights
from songbai.domain.matching.rules import Band, CandidateState, normal_name
from songbai.domain.matching.rules.blocking import Pairs
from songbai.domain.matching.rules.lines import lines
from songbai.domain.matching.rules.linking import (
    Columns,
    Linked,
    compare,
    ranked,
    worth_comparing,
)
from songbai.domain.matching.rules.places import region_numbers

#: With more unknown rows than this the whole register is read once; with fewer, their districts.
WHOLE_REGISTER_FROM = 20_000


def match_rows(actor: Actor, rows: Rows, *, source: str, thorough: bool = False) -> Matches:
    """Find the elder each row speaks of; reads only, in the caller's transaction.

    ``source`` names who sent the rows (gongan, renshe …): with the row's key it recalls what a
    clerk decided before, so a batch sent again needs no second decision. A row joined by identity
    number has its name, birth date and sex compared too; where they contradict it is doubtful. A
    row whose checked number nobody has is somebody new; with ``thorough`` (village registers, by
    the hundred) it is compared all the same, and offered to a clerk when it looks like a person
    entered under another number; ``find_duplicates`` finds those for everybody else. Rows are
    compared with the register, not with each other (``feeds.comparing`` does). The elder found is
    the record itself, not the one it may be merged into: a merge that is undone must leave each
    record its own facts. Sees what the actor sees; feeds call it as the system. For doubtful rows
    call ``matching.actions.offer_rows`` in the same transaction.

    Raises NotAllowed.
    """
    require(actor, ELDER_READ)
    answer = _Answer(len(rows))
    said = _decided(source, rows)
    numbered = np.flatnonzero(rows.id_number_index != np.zeros(1, dtype="V32"))
    found = by_number(actor, numbered, rows.id_number_index[numbered])
    agree = _agree(rows, found.place, found.name, found.birth_date, found.sex)
    answer.join(found.place[agree], found.id[agree])
    for row, elder_id in said.same.items():
        answer.join(np.array([row]), np.array([elder_id]))
    contrary = {
        int(row): int(elder)
        for row, elder in zip(found.place[~agree], found.id[~agree], strict=True)
        if answer.band[row] == Band.NEW
    }
    open_rows = answer.band == Band.NEW
    if not thorough:
        settled = (rows.id_number_index != np.zeros(1, dtype="V32")) & rows.id_number_checked
        settled[list(contrary)] = False
        open_rows &= ~settled
    rest = np.flatnonzero(open_rows)
    if len(rest):
        _compare(actor, rows, rest, contrary, said, answer)
    return answer.matches()


class _Answer:
    """What is known so far, row by row."""

    def __init__(self, count: int) -> None:
        self.elder_id = np.zeros(count, dtype=np.int64)
        self.band = np.full(count, Band.NEW, dtype=np.uint8)
        self.score = np.zeros(count, dtype=np.float32)
        self.why: dict[int, tuple[object, ...]] = {}
        self.offers: list[Offer] = []

    def join(self, places: NDArray[np.int64], elders: NDArray[np.int64]) -> None:
        self.elder_id[places], self.band[places], self.score[places] = elders, Band.CERTAIN, np.inf

    def matches(self) -> Matches:
        return Matches(self.elder_id, self.band, self.score, self.why, self.offers)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Decided:
    """What clerks said before about rows of this source: by row, and pairs that are not one."""

    same: dict[int, int]
    different: frozenset[tuple[int, int]]


def _decided(source: str, rows: Rows) -> _Decided:
    """Few rows ever reach a clerk, so all decisions about a source are read and looked up."""
    past = (
        Candidate.objects.filter(source=source, other=None)
        .exclude(state=CandidateState.OPEN)
        .values_list("row_key", "elder_id", "state")
    )
    by_key: dict[str, list[tuple[int, str]]] = {}
    for key, elder_id, state in past.iterator():
        by_key.setdefault(key, []).append((elder_id, state))
    same: dict[int, int] = {}
    different = set()
    if by_key:
        for row, key in enumerate(rows.key):
            for elder_id, state in by_key.get(key, ()):
                if state == CandidateState.SAME:
                    same[row] = elder_id
                else:
                    different.add((row, elder_id))
    return _Decided(same, frozenset(different))


def _agree(
    rows: Rows,
    places: NDArray[np.int64],
    names: NDArray[np.str_],
    births: NDArray[np.datetime64],
    sexes: NDArray[np.str_],
) -> NDArray[np.bool_]:
    """Pairs of one number where nothing else contradicts: the many that need no second look."""
    if not len(places):
        return np.empty(0, dtype=bool)
    same_name = np.asarray(rows.name, dtype=np.str_)[places] == names
    born = rows.birth_date[places]
    same_birth = np.isnat(born) | (born == births)
    sex = rows.sex[places]
    same_sex = (sex == "") | (sex == sexes)
    agree: NDArray[np.bool_] = same_name & (same_birth | same_sex)
    return agree


def _compare(
    actor: Actor,
    rows: Rows,
    rest: NDArray[np.int64],
    contrary: dict[int, int],
    said: _Decided,
    answer: _Answer,
) -> None:
    """Score the rows that no number or clerk settled, field by field."""
    near = _near(actor, rows, rest)
    districts = _districts(rows, rest)
    asked = {*contrary.values(), *(elder for _, elder in near)}
    if districts is not None:
        asked.update(by_phone(rows.phone_index[rest]))
    register = register_of(actor, districts, asked)
    if not len(register.id):
        return
    left = _columns(rows, rest)
    at = {int(row): place for place, row in enumerate(rest)}
    same_pairs = _pairs(at, register, list(contrary.items()))
    near_pairs = _pairs(at, register, near)
    known, weigh = characters(), weights()
    pairs = worth_comparing(left, register.columns, known, same_pairs, near_pairs)
    pairs = _without(pairs, rest, register, said.different)
    if len(left.address):
        register = with_addresses(register, pairs[1])
    levels = compare(left, register.columns, pairs, known, weigh, same_pairs, near_pairs)
    linked = ranked(pairs, levels, weigh)
    for place in range(len(linked.row)):
        _note(answer, linked, place, int(rest[linked.row[place]]), register)


def _note(answer: _Answer, linked: Linked, place: int, row: int, register: Register) -> None:
    elder_id, score = int(register.id[linked.other[place]]), float(linked.score[place])
    why = lines(linked.levels, place, weights())
    if linked.band[place] == Band.CERTAIN:
        answer.elder_id[row] = elder_id
    else:
        answer.offers.append(Offer(row, elder_id, score, why))
    if answer.band[row] == Band.NEW:
        answer.band[row], answer.score[row], answer.why[row] = linked.band[place], score, why


def _near(actor: Actor, rows: Rows, rest: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pairs (row, elder) whose numbers are one slip apart."""
    asked = [(int(row), digest) for row in rest for digest in rows.id_number_near.get(int(row), ())]
    if not asked:
        return []
    places = np.arange(len(asked))
    digests = np.frombuffer(b"".join(digest for _, digest in asked), dtype="V32")
    found = by_number(actor, places, digests)
    return [
        (asked[place][0], elder)
        for place, elder in zip(found.place.tolist(), found.id.tolist(), strict=True)
    ]


def _districts(rows: Rows, rest: NDArray[np.int64]) -> list[str] | None:
    """The districts of the rows; None for everywhere: many rows, or one without a division."""
    numbers = region_numbers(rows.region[rest]) // 10**6
    if len(rest) > WHOLE_REGISTER_FROM or bool((numbers % 100 == 0).any()):
        return None
    return [str(number) for number in np.unique(numbers)]


def _columns(rows: Rows, rest: NDArray[np.int64]) -> Columns:
    return Columns(
        name=np.array([normal_name(rows.name[row]) for row in rest]),
        birth_date=rows.birth_date[rest],
        sex=rows.sex[rest],
        region=region_numbers(rows.region[rest]),
        phone=phone_keys(rows.phone_index[rest]),
        numbered=rows.id_number_index[rest] != np.zeros(1, dtype="V32"),
        checked=rows.id_number_checked[rest],
        address=[rows.address[row] for row in rest] if len(rows.address) else (),
    )


def _pairs(at: dict[int, int], register: Register, found: list[tuple[int, int]]) -> Pairs:
    """Places on both sides of pairs (row, elder id)."""
    left = np.array([at[row] for row, _ in found], dtype=np.int64)
    return left, register.places(np.array([elder for _, elder in found], dtype=np.int64))


def _without(
    pairs: Pairs,
    rest: NDArray[np.int64],
    register: Register,
    different: frozenset[tuple[int, int]],
) -> Pairs:
    """Pairs without those a clerk said are two people."""
    if not different:
        return pairs
    known = zip(rest[pairs[0]].tolist(), register.id[pairs[1]].tolist(), strict=True)
    keep = np.array([pair not in different for pair in known], dtype=bool)
    return pairs[0][keep], pairs[1][keep]
