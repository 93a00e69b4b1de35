"""People who stand in the register twice."""

from dataclasses import dataclass

import numpy as np

from songbai.core.acting import Actor, require
from songbai.core.errors import NotAllowed
from songbai.core.regions.rules import bounds
from songbai.domain.matching.declares import MATCH_READ
from songbai.domain.matching.queries.people import register_of, scope_of, with_addresses
from songbai.domain.matching.reference import characters, weights
from songbai.domain.matching.rules import Band, FieldLine
from songbai.domain.matching.rules.lines import lines
from songbai.domain.matching.rules.linking import (
    NO_PAIRS,
    compare,
    ranked,
    worth_comparing_within,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one person; ``elder_id`` is the smaller id."""

    elder_id: int
    other_id: int
    band: Band
    score: float
    why: tuple[FieldLine, ...]


def find_duplicates(actor: Actor, region: str) -> list[Pair]:
    """Pairs of elders of one division who may be one person, strongest first.

    ``region`` is a code or prefix inside the actor's scope; a district of 200,000 takes some ten
    seconds. Two different valid identity numbers are never CERTAIN. Pairs that were decided or
    merged before are found again: see ``actions.search_duplicates``. Raises NotAllowed.
    """
    require(actor, MATCH_READ)
    low, high = scope_of(actor)
    inner_low, inner_high = bounds(region.rstrip("0") if len(region) == 12 else region)
    if not (low <= inner_low and inner_high <= high):
        raise NotAllowed
    register = register_of(actor, [region])
    if len(register.id) < 2:
        return []
    known, weigh = characters(), weights()
    pairs = worth_comparing_within(register.columns, known)
    register = with_addresses(register, np.concatenate(pairs))
    levels = compare(register.columns, register.columns, pairs, known, weigh, NO_PAIRS, NO_PAIRS)
    linked = ranked(pairs, levels, weigh)
    found = [
        Pair(
            int(register.id[linked.row[place]]),
            int(register.id[linked.other[place]]),
            Band(int(linked.band[place])),
            float(linked.score[place]),
            lines(linked.levels, place, weigh),
        )
        for place in range(len(linked.row))
    ]
    return sorted(found, key=lambda pair: (-pair.score, pair.elder_id, pair.other_id))
