"""Proposing a list for payment: others approve it."""

import uuid

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, may, require
from songbai.core.approvals.actions import NewProposal
from songbai.core.approvals.actions import propose as propose_to_others
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import Refused
from songbai.domain.benefits.declares import BENEFIT_APPROVE, BENEFIT_PROPOSE
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.facts import yuan

from . import steps

KIND = "benefit_cycle"


class AlreadyProposed(Refused):
    """这个批次已经报上去了，正在等另一位同事审批。"""


@transaction.atomic
def propose(actor: Actor, cycle: Cycle, why: str = "") -> Proposal:
    """Ask another person of the district or above to approve a noticed cycle for payment.

    After a refusal it can be proposed again. Raises NotAllowed, AlreadyProposed, WrongState.
    """
    require(actor, BENEFIT_PROPOSE, Reach(cycle.region_id))
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.state not in {State.NOTICED, State.PROPOSED}:
        raise steps.WrongState
    asked = [ProposalState.OPEN, ProposalState.APPROVED]
    last = Proposal.objects.filter(pk=held.proposal_id or 0, state__in=asked)
    if held.state == State.PROPOSED and last.exists():
        raise AlreadyProposed
    proposal = propose_to_others(actor, _proposal(held, why))
    if held.state == State.PROPOSED:
        Cycle.objects.filter(pk=held.pk).update(proposal_id=proposal.pk)
        steps.note(actor, [held], State.PROPOSED)
    else:
        steps.advance(actor, held, State.PROPOSED, proposal_id=proposal.pk)
    cycle.refresh_from_db()
    return proposal


def _proposal(cycle: Cycle, why: str) -> NewProposal:
    policy = policy_of(cycle)
    about = f"{policy.name}，{clock.month_words(cycle.month)}：{cycle.yes:,} 人，{yuan(cycle.fen)}"
    return NewProposal(
        key=uuid.uuid4(),
        kind=KIND,
        about=about,
        subject=("cycle", cycle.pk),
        region=cycle.region_id,
        why=why or f"新增 {cycle.new}，变化 {cycle.changed}，停发 {cycle.stopped}",
    )


def approve(actor: Actor, proposal: Proposal) -> None:
    """What happens when another person agreed; in the transaction of their vote.

    Raises WrongState.
    """
    cycle = Cycle.objects.get(pk=proposal.subject_id)
    if cycle.proposal_id != proposal.pk:
        raise steps.WrongState
    steps.advance(actor, cycle, State.APPROVED)


def may_approve(actor: Actor, proposal: Proposal) -> bool:
    """Whoever approves is of the district or above, and confirmed no town's part of it."""
    if not may(actor, BENEFIT_APPROVE, Reach(proposal.region_id)):
        return False
    confirmed = Cycle.objects.filter(
        pk=proposal.subject_id, towns__confirmed_by_id=actor.account
    ).exists()
    return not confirmed
