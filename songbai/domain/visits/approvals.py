"""What happens when another officer agrees to something about a visit."""

from songbai.core.accounts.rules import Actor
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.registry import approval
from songbai.domain.orders.declares import ORDER_REVERSE, ORDER_SETTLE

from .actions import reversing


@approval(
    reversing.REVERSAL,
    label="追回没做的订单",
    propose=ORDER_REVERSE,
    decide=ORDER_SETTLE,
    may_vote=reversing.may_decide,
)
def reversal_agreed(actor: Actor, proposal: Proposal) -> None:
    """The money goes back; what was paid is owed."""
    reversing.carry_out(actor, proposal)
