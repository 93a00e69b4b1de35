"""Money of months after a death, or after the city was left, is held; what nobody can spend goes
back; the way back too.
"""

from collections.abc import Collection
from dataclasses import replace

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.elders.actions.turning import ask_to_see_to
from songbai.domain.elders.models import Elder, Followed
from songbai.domain.elders.under_way import Cause, Life, Parting, under_way

from .actions.doubling import join, part
from .actions.lapsing import end_early, give_again
from .actions.paying import end, hold_back, let_go
from .models import CreditGrant, Payment
from .queries.cycles import policy_of
from .rules.facts import yuan
from .rules.months import Month
from .rules.paying import PaymentState


def _to_pay(records: Collection[int]) -> QuerySet[Payment]:
    """Payments that are not with the bank; also those a list made of somebody known to be dead, or
    gone.
    """
    return Payment.objects.filter(
        elder_id__in=records,
        state__in=[PaymentState.READY, PaymentState.FAILED, PaymentState.HELD],
    ).select_related("cycle__snapshot", "cycle__policy_text")


def _stands(life: Life, payment: Payment) -> Life:
    """The money follows what the policy asks for: where the hukou is, or where she lives."""
    gone = policy_of(payment.cycle).left_by(Month(payment.month), life.left)
    return replace(life, away=Cause.LEFT if gone else None, left={})


def _later(life: Life, payment: Payment) -> bool:
    """The month of the death itself is still owed; later ones only where the law says so."""
    if life.died_on is None or life.away is Cause.LEFT:
        return True
    return payment.month > clock.month_of(life.died_on) and not policy_of(payment.cycle).pays_dead


def _hold(actor: Actor, life: Life, payment: Payment) -> str:
    """What came back from the bank is not sent again, and nobody is asked to pay it back."""
    words = f"{payment.month} 的 {yuan(payment.amount)} "
    if payment.state != PaymentState.FAILED:
        hold_back(actor, payment, life.words)
        return words + "先不发"
    released = end(actor, payment, life.words)
    return words + "没有发成，不再发" + (f"，{yuan(released)} 不用退回" if released else "")


def _release(actor: Actor, life: Life, followed: Followed) -> bool:  # noqa: ARG001
    """What was called off is found again by corrections; what an officer let go went on."""
    let_go(actor, followed.subject_id, PaymentState(followed.detail["was"]))
    return True


def _unspent(records: Collection[int]) -> QuerySet[CreditGrant]:
    return CreditGrant.objects.filter(elder_id__in=records, lapsed_at=None)


def _end(actor: Actor, life: Life, grant: CreditGrant) -> str:  # noqa: ARG001
    end_early(actor, grant)
    return f"{grant.month} {grant.group_name}没用完的退回"


def _give(actor: Actor, life: Life, followed: Followed) -> bool:  # noqa: ARG001
    return give_again(actor, followed.subject_id)


def _join(actor: Actor, root: Elder, second: CreditGrant) -> str:
    over = join(actor, root, second)
    words = f"{second.month} {second.group_name}两份档案合起来多用了 {yuan(over)}，请看怎么办"
    return words if over else ""


def _part(actor: Actor, parting: Parting) -> None:
    """Grants of both go on as if they had never been one. A month for which one grant was given to
    two people: somebody looks whose, and what lacks.
    """
    for second in _unspent([parting.back.pk]).order_by("pk"):
        part(actor, second, parting)
    given = _unspent([parting.kept.pk]).filter(
        granted_at__gte=parting.since, granted_at__lt=parting.until
    )
    for grant in given.order_by("pk"):
        words = f"{grant.month} {grant.group_name}是合并期间发的，只发了一份，请看两位各该有没有"
        ask_to_see_to(parting.back, "grant", grant.pk, words, parted=parting.merge)


under_way(
    Payment,
    "payment",
    "待遇发放",
    rows=_to_pay,
    stop=_hold,
    again=_release,
    causes=(Cause.DIED, Cause.LEFT),
    applies=_later,
    stands=_stands,
    back="照常发",
)
under_way(
    CreditGrant,
    "grant",
    "额度和电子券",
    rows=_unspent,
    stop=_end,
    again=_give,
    causes=(Cause.DIED, Cause.LEFT),
    part=_part,
    doubled=_join,
    back="又可以用了",
)
