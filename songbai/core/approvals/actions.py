"""Proposing, voting, withdrawing, letting lapse."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.crypto import encrypt
from songbai.core.errors import NotAllowed, NotFound, Refused, SongbaiError
from songbai.core.events.actions import on, publish
from songbai.core.reasons import ReasonMissing, too_short
from songbai.core.waiting import wait_for

from . import registry
from .models import Proposal, Vote
from .queries import get, payload_of
from .rules import ProposalState, Verdict, outcome


class AlreadyAsked(Refused):
    """同样的事您已经提过，正等审批，不用再提。"""


class OwnProposal(NotAllowed):
    """这是您自己提的，要由另一位同事来审。"""


class TooNear(NotAllowed):
    """申请人的授权是您登记的，或号码是您提出要核对的。这件要由另一位同事来审。"""


class AlreadyDecided(Refused):
    """这件事已经办完，或已经过期，不能再审。请刷新看结果。"""


class AlreadyVoted(Refused):
    """您已经审过这一件了，请等另一位同事。"""


@dataclass(frozen=True)
class NewProposal:
    """What is asked for. ``about`` is what lists show and never holds a secret."""

    key: UUID
    kind: str
    about: str
    subject: tuple[str, int]
    region: str
    why: str
    person_id: int | None = None
    organisation_id: int | None = None
    proof_file_id: UUID | None = None
    payload: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def propose(actor: Actor, new: NewProposal) -> Proposal:
    """Ask for something that others decide; the same key asked twice is one proposal.

    Raises NotAllowed, AlreadyAsked for what the same person asked already and is still open.
    """
    kind = registry.kind(new.kind)
    require(actor, kind.propose)
    wait_for([f"proposal:{new.kind}:{new.subject}"])
    _not_asked_yet(actor, new)
    now = clock.now()
    proposal, made = Proposal.objects.get_or_create(
        idempotency_key=new.key,
        defaults={
            "kind": new.kind,
            "about": new.about[:120],
            "subject_kind": new.subject[0],
            "subject_id": new.subject[1],
            "region_id": new.region,
            "person_id": new.person_id,
            "organisation_id": new.organisation_id,
            "payload": encrypt(json.dumps(new.payload, ensure_ascii=False)),
            "why": new.why[:300],
            "proof_file_id": new.proof_file_id,
            "proposer_id": actor.account_id,
            "proposer_name": actor.name,
            "proposer_role": actor.kind or "system",
            "proposer_index": _index_of(actor),
            "needed": kind.needed,
            "proposed_at": now,
            "expires_at": now + kind.lasts,
        },
    )
    if made:
        _tell("proposal.made", actor, proposal)
    elif proposal.proposer_id != actor.account_id:
        raise NotFound
    return proposal


def _not_asked_yet(actor: Actor, new: NewProposal) -> None:
    like = Proposal.objects.filter(
        proposer_id=actor.account_id,
        kind=new.kind,
        subject_kind=new.subject[0],
        subject_id=new.subject[1],
        state=ProposalState.OPEN,
        expires_at__gt=clock.now(),
        about=new.about[:120],
    )
    payload = json.loads(json.dumps(new.payload))
    if any(payload_of(one) == payload for one in like.exclude(idempotency_key=new.key)):
        raise AlreadyAsked


@transaction.atomic
def vote(actor: Actor, proposal_id: int, verdict: Verdict, why: str = "") -> Proposal:
    """Say yes or no to what somebody else proposed; the last vote needed carries it out, once it
    has waited as long as its kind asks for.

    Raises NotFound, OwnProposal, TooNear, AlreadyVoted, AlreadyDecided, ReasonMissing, NotAllowed,
    and what carrying it out raises (then the vote is not cast either).
    """
    get(actor, proposal_id)
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    _may_vote(actor, proposal, verdict)
    if verdict is Verdict.NO and too_short(why):
        raise ReasonMissing("不同意要写明原因，至少 4 个字，申请人会看到。", field="why")
    Vote.objects.create(
        proposal=proposal,
        region_id=proposal.region_id,
        person_id=proposal.person_id,
        organisation_id=proposal.organisation_id,
        voter_id=actor.account,
        voter_name=actor.name,
        voter_role=actor.kind or "system",
        voter_index=_index_of(actor),
        verdict=verdict,
        why=why.strip()[:300],
        at=clock.now(),
    )
    verdicts = [Verdict(said) for said in proposal.votes.values_list("verdict", flat=True)]
    end = outcome(verdicts, proposal.needed)
    if end is ProposalState.APPROVED and clock.now() < registry.kind(proposal.kind).due(proposal):
        return proposal
    if end is not ProposalState.OPEN:
        _end(actor, proposal, end)
    if end is ProposalState.APPROVED:
        registry.kind(proposal.kind).approved(actor, proposal)
    return proposal


def carry_out(actor: Actor) -> int:
    """Do what was agreed to and has waited long enough; what cannot be done any more lapses.

    Returns how many were done. Raises NotAllowed.
    """
    system_only(actor)
    kinds = [kind for kind in registry.kinds() if kind.waits]
    rows = Proposal.objects.filter(state=ProposalState.OPEN, kind__in=[one.name for one in kinds])
    agreed = rows.filter(votes__verdict=Verdict.YES, expires_at__gt=clock.now()).distinct()
    return sum(_carry_out(actor, pk) for pk in agreed.order_by("id").values_list("pk", flat=True))


@transaction.atomic
def _carry_out(actor: Actor, proposal_id: int) -> bool:
    found = Proposal.objects.select_for_update(skip_locked=True).filter(pk=proposal_id)
    proposal = found.filter(state=ProposalState.OPEN).first()
    if proposal is None:
        return False
    kind = registry.kind(proposal.kind)
    verdicts = [Verdict(said) for said in proposal.votes.values_list("verdict", flat=True)]
    agreed = outcome(verdicts, proposal.needed) is ProposalState.APPROVED
    if not agreed or clock.now() < kind.due(proposal):
        return False
    try:
        with transaction.atomic():
            _end(actor, proposal, ProposalState.APPROVED)
            kind.approved(actor, proposal)
    except SongbaiError:
        proposal.refresh_from_db()
        _end(actor, proposal, ProposalState.EXPIRED)
        return False
    return True


@transaction.atomic
def withdraw(actor: Actor, proposal_id: int) -> Proposal:
    """Take back what one proposed oneself, while nobody decided.

    Raises NotFound, NotAllowed, AlreadyDecided.
    """
    get(actor, proposal_id)
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.proposer_id != actor.account_id:
        raise NotAllowed("只有提的人自己能撤回。")
    if proposal.state != ProposalState.OPEN:
        raise AlreadyDecided
    _end(actor, proposal, ProposalState.WITHDRAWN)
    return proposal


@transaction.atomic
def lapse(actor: Actor) -> int:
    """Close what nobody decided in time; returns how many.

    Raises NotAllowed.
    """
    system_only(actor)
    due = Proposal.objects.select_for_update(skip_locked=True).filter(
        state=ProposalState.OPEN, expires_at__lte=clock.now()
    )
    rows = list(due.order_by("id")[:1000])
    for proposal in rows:
        _end(actor, proposal, ProposalState.EXPIRED)
    return len(rows)


def _may_vote(actor: Actor, proposal: Proposal, verdict: Verdict) -> None:
    kind = registry.kind(proposal.kind)
    if proposal.proposer_id == actor.account_id or (
        proposal.proposer_index and bytes(proposal.proposer_index) == _index_of(actor)
    ):
        raise OwnProposal
    if proposal.state != ProposalState.OPEN or proposal.expires_at <= clock.now():
        raise AlreadyDecided
    if verdict is Verdict.NO and kind.may_refuse and kind.may_refuse(actor, proposal):
        return
    if registry.is_barred(actor, proposal):
        raise TooNear
    if kind.may_vote is None:
        require(actor, kind.decide)
    elif not kind.may_vote(actor, proposal):
        raise NotAllowed
    if proposal.votes.filter(voter_id=actor.account).exists():
        raise AlreadyVoted
    yes = proposal.votes.filter(verdict=Verdict.YES).count()
    if verdict is Verdict.YES and yes >= proposal.needed:  # agreed to; it only waits
        raise AlreadyDecided


def _end(actor: Actor, proposal: Proposal, state: ProposalState) -> None:
    proposal.state, proposal.decided_at = state, clock.now()
    proposal.save(update_fields=["state", "decided_at"])
    _tell(f"proposal.{state}", actor, proposal)


def _index_of(actor: Actor) -> bytes:
    """The phone index of who acts: two accounts with one phone, one after the other, are one."""
    row = Account.objects.filter(pk=actor.account).values_list("phone_index", flat=True).first()
    return bytes(row or b"")


def _tell(what: str, actor: Actor, proposal: Proposal) -> None:
    publish(
        what,
        actor,
        **on("proposal", proposal),
        person_id=proposal.person_id,
        organisation_id=proposal.organisation_id,
        about=proposal.about,
        of=proposal.kind,
    )
