"""What happens when others agree to a proposal about an elder."""

from datetime import timedelta
from functools import partial

from songbai.core.accounts.rules import Actor
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.registry import approval, bar
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
from .actions import corrections, erasure, family, numbers


def erase_later(actor: Actor, proposal: Proposal) -> None:
    """A job of the owner's erases the person."""
    erasure.check(actor, proposal)
    tasks.erase.defer(proposal_id=proposal.pk)


bar("let_in", family.stands_behind)
approval(
    family.RELATIVE,
    label="绑定家属",
    propose=PROXY_INVITE,
    decide=PROXY_BIND,
    lasts=timedelta(days=14),
    may_vote=family.may_decide,
)(partial(family.bind_decided, guardian=False))
approval(
    family.GUARDIAN,
    label="登记监护人",
    propose=PROXY_BIND,
    decide=PROXY_BIND,
    may_vote=family.may_decide_office,
)(partial(family.bind_decided, guardian=True))
approval(
    family.HERSELF,
    label="登记老人本人的号码",
    propose=PROXY_BIND,
    decide=PROXY_BIND,
    may_vote=family.may_decide_office,
)(partial(family.bind_decided, guardian=False))
approval(
    family.GUARDIAN_END,
    label="结束监护",
    propose=PROXY_BIND,
    decide=PROXY_BIND,
    may_vote=family.may_decide_office,
)(family.end_decided)
approval(
    numbers.NUMBER,
    label="换手机号",
    propose=NUMBER_ASK,
    decide=PROXY_BIND,
    may_vote=numbers.may_decide_number,
)(numbers.number_decided)
approval(
    numbers.NUMBER_KIN,
    label="换手机号（家属申请）",
    propose=NUMBER_ASK,
    decide=PROXY_BIND,
    lasts=timedelta(days=14),
    may_vote=numbers.may_decide_kin,
    may_refuse=numbers.is_holder,
    waits=numbers.WAIT,
)(numbers.number_decided)
approval(
    corrections.CORRECTION,
    label="更正资料",
    propose=CORRECTION_ASK,
    decide=CORRECTION_DECIDE,
    may_vote=corrections.may_decide,
)(corrections.carry_out)
approval(
    corrections.WITHDRAWAL,
    label="撤回登记",
    propose=CORRECTION_ASK,
    decide=CORRECTION_DECIDE,
    may_vote=corrections.may_decide,
)(corrections.take_back)
approval(
    erasure.ERASURE,
    label="清除个人信息",
    propose=ERASURE_ASK,
    decide=ERASURE_DECIDE,
    needed=2,
    may_vote=erasure.may_decide,
)(erase_later)
