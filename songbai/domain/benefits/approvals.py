"""What happens when others agree to a list of payments, or to let somebody off a debt."""

from __future__ import annotations

from songbai.core.accounts.rules import Act, Actor
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.registry import approval

from .actions.correcting import recovering
from .actions.cycles import proposing


@approval(
    proposing.KIND,
    label="发放名单",
    propose=Act.BENEFIT_PROPOSE,
    decide=Act.BENEFIT_APPROVE,
    may_vote=proposing.may_approve,
)
def cycle_approved(actor: Actor, proposal: Proposal) -> None:
    """The list may be paid."""
    proposing.approve(actor, proposal)


@approval(
    recovering.WAIVER,
    label="免除应退回的钱",
    propose=Act.BENEFIT_PAY,
    decide=Act.BENEFIT_APPROVE,
    may_vote=recovering.may_waive,
)
def waiver_agreed(actor: Actor, proposal: Proposal) -> None:
    """Less is owed."""
    recovering.waive(actor, proposal)
