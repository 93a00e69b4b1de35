"""What happens when others agree to a proposal about an elder."""

from datetime import timedelta

from songbai.core.accounts.rules import Actor
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.registry import approval
from songbai.domain.elders.declares import (
    CORRECTION_ASK,
    CORRECTION_DECIDE,
    ERASURE_ASK,
    ERASURE_DECIDE,
    NUMBER_ASK,
    PROXY_BIND,
    PROXY_INVITE,
)

from . import tasks
from .actions import corrections, erasure, family, numbers, withdrawing


@approval(
    family.RELATIVE,
    label="绑定家属",
    propose=PROXY_INVITE,
    decide=PROXY_BIND,
    lasts=timedelta(days=14),
    may_vote=family.may_decide,
)
def relative_agreed(actor: Actor, proposal: Proposal) -> None:
    """The invited relative may act from now on."""
    family.bind_decided(actor, proposal, guardian=False)


@approval(
    family.GUARDIAN,
    label="登记监护人",
    propose=PROXY_BIND,
    decide=PROXY_BIND,
    may_vote=family.may_decide_office,
)
def guardian_agreed(actor: Actor, proposal: Proposal) -> None:
    """The guardian decides from now on."""
    family.bind_decided(actor, proposal, guardian=True)


@approval(
    family.GUARDIAN_END,
    label="结束监护",
    propose=PROXY_BIND,
    decide=PROXY_BIND,
    may_vote=family.may_decide_office,
)
def guardian_end_agreed(actor: Actor, proposal: Proposal) -> None:
    """The guardianship is over."""
    family.end_decided(actor, proposal)


@approval(
    numbers.NUMBER,
    label="换手机号",
    propose=NUMBER_ASK,
    decide=PROXY_BIND,
    may_vote=numbers.may_decide_number,
)
@approval(
    numbers.NUMBER_KIN,
    label="换手机号（家属申请）",
    propose=NUMBER_ASK,
    decide=PROXY_BIND,
    lasts=timedelta(days=14),
    may_vote=numbers.may_decide_kin,
)
def number_agreed(actor: Actor, proposal: Proposal) -> None:
    """The person logs in by the new number from now on."""
    numbers.number_decided(actor, proposal)


@approval(
    corrections.CORRECTION,
    label="更正资料",
    propose=CORRECTION_ASK,
    decide=CORRECTION_DECIDE,
    may_vote=corrections.may_decide,
)
def correction_agreed(actor: Actor, proposal: Proposal) -> None:
    """The fact is entered, with who asked and who agreed."""
    corrections.carry_out(actor, proposal)


@approval(
    withdrawing.WITHDRAWAL,
    label="撤回登记",
    propose=CORRECTION_ASK,
    decide=CORRECTION_DECIDE,
    may_vote=corrections.may_decide,
)
def withdrawal_agreed(actor: Actor, proposal: Proposal) -> None:
    """What was said says nothing any more."""
    withdrawing.carry_out(actor, proposal)


@approval(
    erasure.ERASURE,
    label="清除个人信息",
    propose=ERASURE_ASK,
    decide=ERASURE_DECIDE,
    needed=2,
    may_vote=erasure.may_decide,
)
def erasure_agreed(actor: Actor, proposal: Proposal) -> None:
    """A job of the owner's erases the person."""
    erasure.check(actor, proposal)
    tasks.erase.defer(proposal_id=proposal.pk)
