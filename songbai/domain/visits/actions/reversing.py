"""Taking an order back that was confirmed and turns out not to have been given: two officers."""

from uuid import UUID

from django.db import transaction

from songbai.core.acting import Actor, Reach, may, require
from songbai.core.approvals.actions import NewProposal, propose
from songbai.core.approvals.models import Proposal
from songbai.core.reasons import reason_in
from songbai.core.regions.rules import full
from songbai.domain.orders.actions import lock
from songbai.domain.orders.actions.reversing import take_back
from songbai.domain.orders.declares import ORDER_REVERSE, ORDER_SETTLE
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.queries import get
from songbai.domain.orders.rules import REVERSIBLE
from songbai.domain.visits.models import Visit
from songbai.domain.visits.rules import VisitState

REVERSAL = "order_reversal"


@transaction.atomic
def ask_reversal(actor: Actor, order_id: int, why: str, key: UUID) -> Proposal:
    """Propose to take a confirmed order back; another officer of the district decides.

    Raises NotFound, NotAllowed, TooLate, ReasonMissing.
    """
    order = get(actor, order_id)
    require(actor, ORDER_REVERSE, Reach(order.region_id))
    if order.state not in REVERSIBLE or order.held:
        raise TooLate
    reason_in(why, "请写明怎么查明没有做的，至少 4 个字，审批的人和家里会看到。", field="why")
    return propose(
        actor,
        NewProposal(
            key=key,
            kind=REVERSAL,
            about=f"追回订单 {order.number}：服务没有做",
            subject=("order", order.pk),
            region=order.region_id,
            person_id=order.elder_id,
            why=why.strip(),
        ),
    )


def may_decide(actor: Actor, proposal: Proposal) -> bool:
    """Whoever decides is of the district or above: it pays."""
    return may(actor, ORDER_SETTLE, Reach(full(proposal.region_id[:6])))


def carry_out(actor: Actor, proposal: Proposal) -> None:
    """What happens when another officer agreed; the visit counts nowhere. Raises TooLate."""
    take_back(actor, lock(proposal.subject_id), proposal.why)
    came = Visit.objects.filter(order_id=proposal.subject_id, state=VisitState.CHECKED_OUT)
    came.update(state=VisitState.NOT_GIVEN)
