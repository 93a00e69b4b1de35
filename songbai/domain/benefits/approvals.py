"""What happens when others agree to a list of payments, to a debt paid back or let off."""

from songbai.core.accounts.rules import Actor
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.registry import approval
from songbai.domain.benefits.declares import BENEFIT_APPROVE, BENEFIT_PAY, BENEFIT_PROPOSE

from .actions.correcting import recovering
from .actions.cycles import proposing


@approval(
    proposing.KIND,
    label="发放名单",
    propose=BENEFIT_PROPOSE,
    decide=BENEFIT_APPROVE,
    may_vote=proposing.may_approve,
)
def cycle_approved(actor: Actor, proposal: Proposal) -> None:
    """The list may be paid."""
    proposing.approve(actor, proposal)


@approval(
    recovering.WAIVER,
    label="免除应退回的钱",
    propose=BENEFIT_PAY,
    decide=BENEFIT_APPROVE,
    may_vote=recovering.may_agree,
)
def waiver_agreed(actor: Actor, proposal: Proposal) -> None:
    """Less is owed."""
    recovering.waive(actor, proposal)


@approval(
    recovering.RETURN,
    label="退回的钱到账",
    propose=BENEFIT_PAY,
    decide=BENEFIT_APPROVE,
    may_vote=recovering.may_agree,
)
def return_agreed(actor: Actor, proposal: Proposal) -> None:
    """The money is back."""
    recovering.returned(actor, proposal)
