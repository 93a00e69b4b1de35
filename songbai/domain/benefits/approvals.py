"""What happens when others agree to a list of payments, to a debt paid back or let off."""

from songbai.core.approvals.registry import approval
from songbai.domain.benefits.declares import BENEFIT_APPROVE, BENEFIT_PAY, BENEFIT_PROPOSE

from .actions.correcting import recovering
from .actions.cycles import proposing

approval(
    proposing.KIND,
    label="发放名单",
    propose=BENEFIT_PROPOSE,
    decide=BENEFIT_APPROVE,
    may_vote=proposing.may_approve,
)(proposing.approve)
approval(
    recovering.WAIVER,
    label="免除应退回的钱",
    propose=BENEFIT_PAY,
    decide=BENEFIT_APPROVE,
    may_vote=recovering.may_agree,
)(recovering.waive)
approval(
    recovering.RETURN,
    label="退回的钱到账",
    propose=BENEFIT_PAY,
    decide=BENEFIT_APPROVE,
    may_vote=recovering.may_agree,
)(recovering.returned)
