"""Which records are one person: what other rooms ask; and who stands in the register twice."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from songbai.core import scope
from songbai.core.acting import Actor, require
from songbai.core.errors import NotAllowed
from songbai.core.found import found_in
from songbai.core.regions.rules import bounds, inside
from songbai.core.sql import rows
from songbai.domain.matching.declares import MATCH_READ
from songbai.domain.matching.models import Candidate, Merge, Undo
from songbai.domain.matching.queries.people import register_of, scope_of, with_addresses
from songbai.domain.matching.reference import characters, weights
from songbai.domain.matching.rules import Band, CandidateState, FieldLine
from songbai.domain.matching.rules.lines import lines
from songbai.domain.matching.rules.linking import (
    NO_PAIRS,
    compare,
    ranked,
    worth_comparing_within,
)

#: A chain of merges is followed to its end; it cannot be a circle (see the trigger of Merge).
_SURVIVORS = """
WITH RECURSIVE active AS (
    SELECT m.elder_id, m.survivor_id FROM matching_merge m
    WHERE NOT EXISTS (SELECT 1 FROM matching_undo u WHERE u.merge_id = m.id)
), walk(asked, reached) AS (
    SELECT id, id FROM unnest(%s::bigint[]) AS id
    UNION ALL
    SELECT walk.asked, active.survivor_id FROM walk JOIN active ON active.elder_id = walk.reached
)
SELECT asked, reached FROM walk
WHERE NOT EXISTS (SELECT 1 FROM active WHERE active.elder_id = walk.reached)
"""


def active_merges() -> QuerySet[Merge]:
    """Merges that stand; the database cuts them to the session's scope."""
    return Merge.objects.filter(~Exists(Undo.objects.filter(merge=OuterRef("pk"))))


def survivors(elder_ids: Iterable[int]) -> dict[int, int]:
    """For each record the one it is read as: itself, unless it was merged."""
    return dict(rows(_SURVIVORS, [sorted(set(elder_ids))]))


def open_candidates(actor: Actor, region: str = "") -> QuerySet[Candidate]:
    """Doubtful pairs of a division that wait for a clerk, the most likely first.

    Raises NotAllowed.
    """
    rows = _candidates(actor).filter(state=CandidateState.OPEN)
    return rows.filter(**inside(region)).order_by("-score", "id")


def candidate(actor: Actor, candidate_id: int) -> Candidate:
    """One doubtful pair in the actor's scope, with both records and its decisions.

    Raises NotFound, NotAllowed.
    """
    return found_in(
        _candidates(actor)
        .select_related("elder__region", "other__region", "region")
        .prefetch_related("decisions")
        .filter(pk=candidate_id)
    )


def merges(actor: Actor, region: str = "") -> QuerySet[Merge]:
    """Merges of a division, newest first, with what undid them. Raises NotAllowed."""
    return (
        _merges(actor)
        .filter(**inside(region))
        .select_related("elder__region", "survivor__region", "undo")
        .order_by("-id")
    )


def merge(actor: Actor, merge_id: int) -> Merge:
    """One merge in the actor's scope. Raises NotFound, NotAllowed."""
    return found_in(
        _merges(actor)
        .select_related("elder__region", "survivor__region", "undo")
        .filter(pk=merge_id)
    )


def _candidates(actor: Actor) -> QuerySet[Candidate]:
    require(actor, MATCH_READ)
    return scope.cut(Candidate.objects.all(), actor)


def _merges(actor: Actor) -> QuerySet[Merge]:
    require(actor, MATCH_READ)
    return scope.cut(Merge.objects.all(), actor)


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
