"""A clerk says whether a doubtful pair is one person."""

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, require
from songbai.core.errors import Refused
from songbai.domain.elders.queries import reach_of
from songbai.domain.matching.declares import MATCH_DECIDE
from songbai.domain.matching.models import Candidate, Decision
from songbai.domain.matching.queries.joined import candidate
from songbai.domain.matching.rules import CandidateState, Verdict

from .merging import checked_reason, merge


class NotOpen(Refused):
    """这一对已经有人判定过了。请刷新看结果。"""


@transaction.atomic
def decide(actor: Actor, pair: Candidate, verdict: Verdict, reason: str) -> Decision:
    """Say that a pair is one person, or two. One person: two records are merged; a row is that
    elder's from now on, also when it is sent again.

    Of two clerks at once the second is told. Raises NotOpen, ReasonMissing, AlreadyMerged,
    NotFound, NotAllowed, ValueError for a verdict that decides nothing.
    """
    if verdict is Verdict.REOPEN:
        raise ValueError("reopening has an action of its own")
    pair = _own(actor, pair)
    reason = checked_reason(reason)
    same = verdict is Verdict.SAME
    _change(pair, CandidateState.OPEN, CandidateState.SAME if same else CandidateState.DIFFERENT)
    made = _record(actor, pair, verdict, reason)
    if same and pair.other is not None:
        merge(
            actor,
            pair.elder,
            pair.other,
            reason=reason,
            score=pair.score,
            why=pair.why,
            candidate=pair,
        )
    elif same:
        # A row that is one elder is none of the others it was offered with.
        offered = Candidate.objects.filter(source=pair.source, row_key=pair.row_key, other=None)
        for rival in offered.filter(state=CandidateState.OPEN).exclude(pk=pair.pk).order_by("id"):
            _change(rival, CandidateState.OPEN, CandidateState.DIFFERENT)
            _record(actor, rival, Verdict.DIFFERENT, "这一行已判定为另一位老人")
    return made


@transaction.atomic
def reopen(actor: Actor, pair: Candidate, reason: str) -> Decision:
    """Put a pair back on the list: one that was called two people, or a row's elder.

    Two merged records are taken apart by ``undo`` instead. Raises NotOpen, ReasonMissing,
    NotFound, NotAllowed.
    """
    pair = _own(actor, pair)
    if pair.other_id is not None and pair.state == CandidateState.SAME:
        raise NotOpen("这两份档案已经合并。请在合并记录里撤销。")
    reason = checked_reason(reason)
    _change(pair, CandidateState(pair.state), CandidateState.OPEN)
    return _record(actor, pair, Verdict.REOPEN, reason)


def _own(actor: Actor, pair: Candidate) -> Candidate:
    """The pair as it is now, if the actor may decide about both records."""
    require(actor, MATCH_DECIDE)
    now = candidate(actor, pair.pk)
    require(actor, MATCH_DECIDE, reach_of(now.elder))
    if now.other is not None:
        require(actor, MATCH_DECIDE, reach_of(now.other))
    return now


def _change(pair: Candidate, old: CandidateState, new: CandidateState) -> None:
    decided = None if new is CandidateState.OPEN else clock.now()
    changed = (
        Candidate.objects.filter(pk=pair.pk, state=old)
        .exclude(state=new)
        .update(state=new, decided_at=decided)
    )
    if changed != 1:
        raise NotOpen
    pair.state, pair.decided_at = new, decided


def _record(actor: Actor, pair: Candidate, verdict: Verdict, reason: str) -> Decision:
    made = Decision.objects.create(
        candidate=pair,
        region_id=pair.region_id,
        verdict=verdict,
        reason=reason,
        clerk_id=actor.account_id,
        clerk=actor.name,
        at=clock.now(),
    )
    publish(
        "matching.decided",
        actor,
        **on("candidate", pair),
        verdict=str(verdict),
        source=pair.source,
        row_key=pair.row_key,
        other=pair.other_id,
    )
    return made


__all__ = ["NotOpen", "decide", "reopen"]
