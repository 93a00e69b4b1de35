"""Joining two records of one person, and taking that back."""

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.registry import Act
from songbai.core.acting import Actor, publish, require
from songbai.core.errors import Refused
from songbai.core.found import refusing
from songbai.core.reasons import reason_in
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of
from songbai.domain.matching.declares import MATCH_DECIDE, MATCH_UNDO
from songbai.domain.matching.models import Candidate, Decision, Merge, Undo
from songbai.domain.matching.queries.joined import merge as merge_by_id
from songbai.domain.matching.rules import CandidateState, Verdict, common_division
from songbai.domain.matching.rules.states import Standing, surviving


class AlreadyMerged(Refused):
    """这两份档案里有一份已经合并过了。请刷新看合并记录。"""


class AlreadyUndone(Refused):
    """这次合并已经撤销了。请刷新看最新状态。"""


def checked_reason(reason: str) -> str:
    """The reason without blanks at its ends, at most 200 characters. Raises ReasonMissing."""
    plain = reason.strip()
    reason_in(plain, "请写明理由，至少 4 个字，方便以后核对。")
    return plain[:200]


def require_both(actor: Actor, act: Act, one: Elder, two: Elder) -> None:
    """Stop here unless the actor may do this to both people. Raises NotAllowed."""
    for elder in (one, two):
        require(actor, act, reach_of(elder))


def merge(
    actor: Actor,
    one: Elder,
    two: Elder,
    *,
    reason: str,
    score: float,
    why: list[list[object]],
    candidate: Candidate | None = None,
) -> Merge:
    """Let two records be read as one person, by a link that can be undone.

    The record with a checked identity number survives, else the older one. ``why`` are the stored
    field lines. Raises AlreadyMerged, ReasonMissing, NotAllowed.
    """
    require_both(actor, MATCH_DECIDE, one, two)
    kept = surviving(_standing(one), _standing(two))
    survivor, gone = (one, two) if kept == one.pk else (two, one)
    with refusing(AlreadyMerged, "merged"):
        made = Merge.objects.create(
            elder=gone,
            survivor=survivor,
            region_id=gone.region_id,
            candidate=candidate,
            score=score,
            why=why,
            reason=checked_reason(reason),
            clerk_id=actor.account_id,
            clerk=actor.name,
            at=clock.now(),
        )
        _tell(actor, "elder.merged", made)
        return made


@transaction.atomic
def undo(actor: Actor, merge_id: int, reason: str) -> Undo:
    """Take a merge back: two people again, each with the own facts, never joined by themselves.

    Raises AlreadyUndone, ReasonMissing, NotFound, NotAllowed.
    """
    require(actor, MATCH_UNDO)
    made = merge_by_id(actor, merge_id)
    require_both(actor, MATCH_UNDO, made.elder, made.survivor)
    reason = checked_reason(reason)
    with refusing(AlreadyUndone):
        taken_back = Undo.objects.create(
            merge=made,
            region_id=made.region_id,
            reason=reason,
            clerk_id=actor.account_id,
            clerk=actor.name,
            at=clock.now(),
        )
    _remember_different(actor, made, reason)
    _tell(actor, "elder.merge_undone", made)
    return taken_back


def _remember_different(actor: Actor, made: Merge, reason: str) -> None:
    low, high = sorted((made.elder, made.survivor), key=lambda elder: elder.pk)
    pair, _ = Candidate.objects.get_or_create(
        elder=low,
        other=high,
        defaults={
            "region_id": common_division(low.region_id, high.region_id),
            "score": made.score,
            "why": made.why,
            "found_at": clock.now(),
        },
    )
    known = Candidate.objects.filter(pk=pair.pk)
    known.filter(state=CandidateState.SAME).update(state=CandidateState.OPEN)
    known.filter(state=CandidateState.OPEN).update(
        state=CandidateState.DIFFERENT, decided_at=clock.now()
    )
    Decision.objects.create(
        candidate=pair,
        region_id=pair.region_id,
        verdict=Verdict.DIFFERENT,
        reason=reason,
        clerk_id=actor.account_id,
        clerk=actor.name,
        at=clock.now(),
    )


def _standing(elder: Elder) -> Standing:
    return Standing(elder.pk, bool(bytes(elder.id_number_index or b"")), elder.died_on is None)


def _tell(actor: Actor, kind: str, made: Merge) -> None:
    """One event for each record, so that both histories show it."""
    for elder in (made.survivor, made.elder):
        publish(
            kind,
            actor,
            subject=("merge", made.pk),
            region=elder.region_id,
            person_id=elder.pk,
            elder=made.elder_id,
            survivor=made.survivor_id,
        )
