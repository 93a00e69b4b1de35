"""Failed accounts: another account is asked for, or the same one is tried again.

Money that would reach another account takes two officers, and the person is told. What only stops,
or repeats what two officers approved, takes one: each act says why.
"""

import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q

from songbai.core import clock, texts
from songbai.core.acting import Actor, on, publish, require, system_only
from songbai.core.approvals.models import Proposal
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.domain.benefits.actions.correcting.looking import doubtful, worth_less, worth_now
from songbai.domain.benefits.actions.correcting.recovering import (
    give_up,
    release_what_came_back,
)
from songbai.domain.benefits.declares import BENEFIT_PAY
from songbai.domain.benefits.models import Cycle, Notice, Payment, PaymentBatch
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.queries.payments import account_now
from songbai.domain.benefits.queries.sendable import Hold, held_for, held_why, sendable
from songbai.domain.benefits.rules.cycle import PHONE, NoticeKind
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.elders.actions.corrections import AnothersAccount, Correction, ask_correction
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.rules.kinds import BANK_CARD

#: Payments whose money is with nobody.
_WITH_NOBODY = frozenset({PaymentState.FAILED, PaymentState.READY, PaymentState.HELD})


class NotFailed(Refused):
    """这笔钱现在不是发放失败，不用再办。请刷新看最新状态。"""


class AfterDeath(Refused):
    """老人登记已去世，去世以后月份的钱不再发。登记错了的，先撤回去世登记，再一起补发。"""


class NotOwed(Refused):
    """按现在的资料，这个月不该发这么多，不能再发。请选“不再发放”，还该发的会作为补发。"""


class WrongAccount(Refused):
    """账号要填 12 到 30 位数字。请对着存折或社会保障卡再核对一遍。"""

    field = "account"


@transaction.atomic
def ask_account(
    actor: Actor,
    payment_id: int,
    account: str,
    why: str,
    key: uuid.UUID | None = None,
    *,
    shared: bool = False,
) -> Proposal:
    """Propose another account for somebody whose payment failed, or who had none.

    A correction like any other: another officer decides. Then it stands above what departments
    said, the next file pays to it, and the person is told (``tell_account``). ``shared``: it is
    known to be another person's, too. Raises NotFound, NotFailed, AfterDeath, NotOwed,
    WrongAccount, AnothersAccount, ReasonMissing, NotAllowed.
    """
    payment = _to_send(actor, payment_id, {PaymentState.FAILED, PaymentState.READY})
    try:
        digits = texts.card(account)
    except texts.WrongText as error:
        raise WrongAccount(error.message) from error
    reason_in(why, "请写明谁来办的、看了什么证件，至少 4 个字。", field="basis")
    wanted = Correction(key or uuid.uuid4(), BANK_CARD, digits, why, shared=shared)
    try:
        proposal = ask_correction(actor, payment.elder, wanted)
    except AnothersAccount as error:
        raise AnothersAccount(error.message, field="account") from error
    _tell(actor, "payment.account_given", payment)
    return proposal


def tell_account(actor: Actor, elder: Elder) -> None:
    """Tell somebody that their money goes to another account now: on the phone, in the family's
    pages and in the next letter. Raises NotAllowed.
    """
    system_only(actor)
    account = account_now(elder)
    if account and elder.erased_at is None:
        text = (
            f"{elder.name}：领钱的账号改成了尾号 {account[-4:]} 的，以后的钱发到这个账号。"
            f"不是您或家里人办的，马上打 {PHONE}。"
        )
        Notice.objects.create(
            elder=elder, region_id=elder.region_id, kind=NoticeKind.ACCOUNT, amount=0, text=text
        )


@transaction.atomic
def tell_held_accounts(actor: Actor, cycle: Cycle) -> int:
    """Tell each whose payment waits because the account is another living person's, too: once for
    every payment. Returns how many. Raises NotAllowed.
    """
    system_only(actor)
    waiting = Payment.objects.filter(held_for(Hold.ACCOUNT), cycle=cycle, elder__erased_at=None)
    policy, told = policy_of(cycle).name, 0
    for payment in waiting.select_related("elder").order_by("pk"):
        elder = payment.elder
        text = (
            f"{elder.name}：{policy} {clock.month_words(payment.month)}的 {yuan(payment.amount)} "
            f"先不发，领钱的账号也登记在另一位老人名下。请带社会保障卡和身份证到社区核对，"
            f"核对好了就发。不清楚的打 {PHONE}。"
        )
        _, new = Notice.objects.get_or_create(
            elder=elder,
            cycle=None,
            kind=NoticeKind.ACCOUNT,
            text=text,
            defaults={"region_id": elder.region_id, "amount": 0},
        )
        told += new
    return told


@transaction.atomic
def try_again(actor: Actor, payment_id: int) -> None:
    """Pay to the same account again: the bank or the person put it in order.

    One hand is enough: the sum and the account are those that were approved; twice is once. Raises
    NotFound, NotFailed, AfterDeath, NotOwed, NotAllowed.
    """
    payment = _to_send(actor, payment_id, {PaymentState.FAILED})
    failed = Payment.objects.filter(pk=payment.pk, state=PaymentState.FAILED)
    if failed.filter(retry=False).update(retry=True):
        _tell(actor, "payment.retried", payment)
    elif not failed.exists():
        raise NotFailed


@transaction.atomic
def call_off(actor: Actor, payment_id: int, why: str) -> None:
    """Do not pay this any more: nobody can be found to pay it to, or it is no longer owed.

    One hand is enough: nothing reaches anybody, the reason stays, and what is still owed for the
    month is found again as arrears, in a list that two officers approve. What was withheld from it
    was not paid either: it is due again. Raises NotFound, NotFailed, ReasonMissing, NotAllowed.
    """
    payment = _found(actor, payment_id, _WITH_NOBODY)
    reason_in(why, field="why")
    end(actor, payment, why.strip())


def end(actor: Actor, payment: Payment, why: str) -> int:
    """A payment that is with nobody is not sent any more; what of its months was asked back is not,
    as far as nobody has it. Returns the fen asked for no longer. Raises NotFailed.
    """
    changed = Payment.objects.filter(pk=payment.pk, state__in=_WITH_NOBODY).update(
        state=PaymentState.CANCELLED
    )
    if changed != 1:
        raise NotFailed
    if payment.withheld:
        give_up(actor, payment)
    _tell(actor, "payment.called_off", payment, why=why[:120])
    return release_what_came_back(actor, payment)


def end_unowed(actor: Actor, cycle: Cycle) -> None:
    """What failed, or was left out of the files so far, is called off where its month is worth less
    by now; what is still owed of it is found again as arrears. Before the first file only what is
    worth nothing: nobody waits a month for the rest of what was just approved.
    """
    first = not PaymentBatch.objects.filter(cycle=cycle).exists()
    left = Q(sendable(), state=PaymentState.READY, retry=False)  # or an officer let it go
    rows = doubtful(cycle).filter(Q(state=PaymentState.FAILED) | left)
    for payment in rows.select_related("elder", "cycle").order_by("pk"):
        if worth_now(payment) < (min(payment.entitled, 1) if first else payment.entitled):
            end(actor, payment, "按现在的资料，这个月不该发这么多")


@transaction.atomic
def pay_after_all(actor: Actor, payment_id: int, why: str) -> None:
    """Pay what a reported death or move holds: it is owed all the same.

    One hand is enough: sum and account are those of the approved list, only the stop is lifted;
    another account would take two. Raises NotFound, NotFailed, ReasonMissing, NotAllowed.
    """
    payment = _found(actor, payment_id, {PaymentState.HELD})
    reason_in(why, field="why")
    held = Payment.objects.filter(pk=payment.pk, state=PaymentState.HELD)
    if held.update(state=PaymentState.READY, retry=True) != 1:
        raise NotFailed
    _tell(actor, "payment.released", payment, why=why.strip()[:120])


def hold_back(actor: Actor, payment: Payment, why: str) -> None:
    """A reported death or move holds a payment that is not with the bank; twice is once."""
    changed = Payment.objects.filter(
        pk=payment.pk, state__in=[PaymentState.READY, PaymentState.FAILED]
    ).update(state=PaymentState.HELD)
    if changed:
        _tell(actor, "payment.held", payment, why=why)


def let_go(actor: Actor, payment_id: int, was: PaymentState) -> bool:  # noqa: ARG001
    """Let a held payment go on as it was; whether it was held."""
    to = PaymentState.FAILED if was is PaymentState.FAILED else PaymentState.READY
    held = Payment.objects.filter(pk=payment_id, state=PaymentState.HELD)
    return bool(held.update(state=to))


def _to_send(actor: Actor, payment_id: int, states: Collection[PaymentState]) -> Payment:
    """A payment that would go out again."""
    payment = _found(actor, payment_id, states)
    held = held_why([payment]).get(payment.pk)
    if held is Hold.DEATH:
        raise AfterDeath
    if held is Hold.CLAIM or worth_less(payment):
        raise NotOwed
    return payment


def _found(actor: Actor, payment_id: int, states: Collection[PaymentState]) -> Payment:
    payment = found_in(Payment.objects.select_related("elder").filter(pk=payment_id))
    require(actor, BENEFIT_PAY, reach_of(payment.elder))
    if payment.state not in states:
        raise NotFailed
    return payment


def _tell(actor: Actor, kind: str, payment: Payment, **payload: Any) -> None:
    publish(
        kind, actor, **on("payment", payment), policy=payment.policy, month=payment.month, **payload
    )
