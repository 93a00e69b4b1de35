"""Money to be paid back: in instalments, by the person or out of what comes; or waived."""

import re
import uuid
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Sum

from songbai.core import clock, texts
from songbai.core.acting import Actor, Reach, may, on, publish, require
from songbai.core.approvals.actions import NewProposal, propose
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import payload_of
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.core.ledger.actions import Posting, post
from songbai.core.ledger.rules import AccountSpec
from songbai.core.reasons import ReasonMissing, reason_in
from songbai.domain.benefits import money
from songbai.domain.benefits.declares import BENEFIT_APPROVE, BENEFIT_PAY
from songbai.domain.benefits.models import Arrears, Instalment, Payment, Recovery
from songbai.domain.benefits.queries.accounts import accounts_of
from songbai.domain.benefits.rules.account import change
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.paying import (
    MOST_INSTALMENTS,
    InstalmentState,
    instalments,
    months_from,
)
from songbai.domain.elders.queries import person_of_records

WAIVER = "benefit_waiver"
RETURN = "benefit_return"


#: The number of a receipt or of a bank entry: nothing else says that money is there.
RECEIPT = re.compile(r"[0-9]{3}")


class NothingToPlan(Refused):
    """要还的钱已经全部排好分期，或已经还清。"""


class Died(Refused):
    """老人去世了，没有发放可以扣。请和家属商量到窗口退回，或报批免除。"""


class Lives(Refused):
    """老人健在，请先和本人商量排分期。"""


class WrongPlan(Refused):
    """分期要在 1 到 60 个月之间，从这个月或以后开始。"""

    field = "count"


class NotDue(Refused):
    """这一期已经还过、扣过或免过了。请刷新看最新状态。"""


class MoreThanOwed(Refused):
    """免除的金额要大于 0，不能超过还没还的钱。"""

    field = "amount"


@transaction.atomic
def set_instalments(actor: Actor, recovery_id: int, count: int, first: str) -> list[Instalment]:
    """Spread what is owed and not yet planned over so many months from ``first`` (``YYYY-MM``).

    An instalment due is withheld from the payment of its month when it fits into it whole. Raises
    NotFound, NotAllowed, Died, NothingToPlan, WrongPlan.
    """
    recovery = _locked(actor, recovery_id)
    if recovery.elder.died_on:
        raise Died
    due = _due_sum(recovery)
    if recovery.open <= due:
        raise NothingToPlan
    if not 1 <= count <= MOST_INSTALMENTS or first < clock.month_of(clock.today()):
        raise WrongPlan
    last = recovery.instalments.aggregate(n=Max("number"))["n"] or 0
    parts = instalments(recovery.open - due, count)
    when = zip(months_from(first, len(parts)), parts, strict=True)
    rows = [_part(recovery, last + place, month, fen) for place, (month, fen) in enumerate(when, 1)]
    Instalment.objects.bulk_create(rows)
    _tell(actor, "recovery.planned", recovery, instalments=len(rows))
    return rows


@transaction.atomic
def repay(actor: Actor, instalment_id: int) -> Instalment:
    """The person paid one instalment back; asked twice it is paid once.

    Done when another officer has agreed (``ask_return``). Raises NotFound, NotAllowed, NotDue.
    """
    found = found_in(Instalment.objects.filter(pk=instalment_id))
    recovery = _locked(actor, found.recovery_id)
    changed = Instalment.objects.filter(pk=found.pk, state=InstalmentState.DUE).update(
        state=InstalmentState.REPAID, settled_at=clock.now()
    )
    if changed != 1:
        raise NotDue
    Recovery.objects.filter(pk=recovery.pk).update(settled=F("settled") + found.amount)
    _post(actor, recovery, ("repaid", found.pk), money.cash(recovery.region_id), found.amount)
    _tell(actor, "recovery.repaid", recovery, fen=found.amount)
    found.refresh_from_db()
    return found


@transaction.atomic
def repay_whole(actor: Actor, recovery_id: int) -> int:
    """The family of somebody who died paid back all that is open, at the counter; the fen paid.

    What no instalment holds yet becomes one of this month. Done when another officer has agreed
    (``ask_return``). Raises NotFound, NotAllowed, Lives, NothingToPlan.
    """
    recovery = _locked(actor, recovery_id)
    whole, due = _whole(recovery), _due_sum(recovery)
    if whole > due:
        last = recovery.instalments.aggregate(n=Max("number"))["n"] or 0
        _part(recovery, last + 1, clock.month_of(clock.today()), whole - due).save()
    for part in recovery.instalments.filter(state=InstalmentState.DUE).order_by("number"):
        repay(actor, part.pk)
    return whole


def _part(recovery: Recovery, number: int, month: str, fen: int) -> Instalment:
    return Instalment(
        recovery=recovery,
        elder_id=recovery.elder_id,
        region_id=recovery.region_id,
        number=number,
        due_month=month,
        amount=fen,
    )


@transaction.atomic
def ask_return(
    actor: Actor, recovery_id: int, part_id: int, receipt: str, key: uuid.UUID
) -> Proposal:
    """Propose to note that an instalment came back (0: all of somebody who died) by this receipt.

    Another officer looks whether the money is in the till or on the account. Raises NotFound,
    NotAllowed, NotDue, Lives, NothingToPlan, ReasonMissing.
    """
    recovery = _locked(actor, recovery_id)
    receipt = texts.narrow(receipt)
    if not RECEIPT.search(receipt):
        raise ReasonMissing("请写收据号或银行回单号，核对的人会看到。", field="receipt")
    if part_id:
        due = found_in(recovery.instalments.filter(pk=part_id, state=InstalmentState.DUE), NotDue)
        fen, what = due.amount, f"本人退回第 {due.number} 期 {yuan(due.amount)}"
    else:
        fen = _whole(recovery)
        what = f"家属退回 {yuan(fen)}"
    about, why = f"{what}，收据 {receipt}", f"收据或回单 {receipt}"
    return _proposed(actor, recovery, key, RETURN, about, why, part=part_id, fen=fen)


def _proposed(
    actor: Actor,
    recovery: Recovery,
    key: uuid.UUID,
    kind: str,
    about: str,
    why: str,
    **payload: int,
) -> Proposal:
    """Ask another officer to agree to something about a recovery."""
    return propose(
        actor,
        NewProposal(
            key=key,
            kind=kind,
            about=about,
            subject=("recovery", recovery.pk),
            region=recovery.region_id,
            person_id=recovery.elder_id,
            why=why,
            payload=payload,
        ),
    )


def returned(actor: Actor, proposal: Proposal) -> None:
    """What happens when another officer found the money; in the transaction of their vote.

    Raises NotDue, NothingToPlan when it is no longer owed, MoreThanOwed when less is.
    """
    payload = payload_of(proposal)
    if payload["part"]:
        repay(actor, int(payload["part"]))
    elif repay_whole(actor, int(proposal.subject_id or 0)) != payload["fen"]:
        raise MoreThanOwed


def _whole(recovery: Recovery) -> int:
    if not recovery.elder.died_on:
        raise Lives
    if not recovery.open:
        raise NothingToPlan
    return recovery.open


@transaction.atomic
def ask_waiver(
    actor: Actor, recovery_id: int, fen: int, why: str, key: uuid.UUID | None = None
) -> Proposal:
    """Propose to waive a part of what is owed because of hardship; another officer decides.

    Raises NotFound, NotAllowed, MoreThanOwed, ReasonMissing.
    """
    recovery = _locked(actor, recovery_id)
    reason_in(why, "请写明家庭的困难，至少 4 个字，审批的人会看到。", field="why")
    if not 0 < fen <= recovery.open:
        raise MoreThanOwed
    about = f"免除应退回的 {yuan(fen)}（还剩 {yuan(recovery.open)} 未还）"
    return _proposed(actor, recovery, key or uuid.uuid4(), WAIVER, about, why.strip(), fen=fen)


def may_agree(actor: Actor, proposal: Proposal) -> bool:
    """Whoever decides is of the district or above."""
    district = proposal.region_id[:6].ljust(12, "0")
    return may(actor, BENEFIT_APPROVE, Reach(district))


def waive(actor: Actor, proposal: Proposal) -> None:
    """What happens when another officer agreed; in the transaction of their vote.

    Raises MoreThanOwed when it was paid back meanwhile.
    """
    recovery = Recovery.objects.select_for_update().get(pk=proposal.subject_id)
    fen = int(payload_of(proposal)["fen"])
    if not 0 < fen <= recovery.open:
        raise MoreThanOwed
    Recovery.objects.filter(pk=recovery.pk).update(waived=F("waived") + fen)
    _trim(recovery, InstalmentState.WAIVED)
    _post(actor, recovery, ("waived", proposal.pk), _claims(recovery), fen)
    _tell(actor, "recovery.waived", recovery, fen=fen)


def release(actor: Actor, recovery: Recovery, fen: int) -> None:
    """Do not ask for a part of what is open any more: it turned out to be owed to the person."""
    Recovery.objects.filter(pk=recovery.pk).update(released=F("released") + fen)
    _trim(recovery, InstalmentState.RELEASED)
    name = ("released", recovery.pk, recovery.released)
    _post(actor, recovery, name, _claims(recovery), fen)
    _tell(actor, "recovery.released", recovery, fen=fen)


def release_last(actor: Actor, elder: int, policy: str, month: str, fen: int) -> None:
    """Release so much of what is open of one month, the newest claims first."""
    rows = Recovery.objects.select_for_update().filter(
        elder_id__in=list(person_of_records([elder])), policy=policy, month=month
    )
    still = rows.exclude(owed=F("settled") + F("waived") + F("released"))
    for row in still.order_by("-number"):
        part = min(fen, row.open)
        if part:
            release(actor, row, part)
            fen -= part


def release_what_came_back(actor: Actor, payment: Payment) -> int:
    """Nobody owes back what nobody has: a payment came back or is called off. Returns the fen of
    the months it paid that are asked for no longer.
    """
    person, released = payment.elder.merged_into_id or payment.elder_id, 0
    carried = Arrears.objects.filter(payment=payment).values_list("month", flat=True)
    months = sorted({payment.month, *carried})
    accounts = accounts_of(payment.policy, months, [person])
    for month in months:
        fen = -min(0, change(replace(accounts[person, month], moving=False), 0).claimed)
        if fen:
            release_last(actor, person, payment.policy, month, fen)
        released += fen
    return released


def give_up(actor: Actor, payment: Payment) -> None:
    """A payment is called off: instalments withheld from it are due again, and owed."""
    for part in payment.instalments.order_by("pk"):
        recovery = Recovery.objects.select_for_update().get(pk=part.recovery_id)
        Instalment.objects.filter(pk=part.pk).update(
            state=InstalmentState.DUE, payment=None, settled_at=None
        )
        Recovery.objects.filter(pk=recovery.pk).update(settled=F("settled") - part.amount)
    cycle = payment.cycle
    fund = money.fund(cycle.region_id, cycle.policy, cycle.month)
    way = money.owed(payment.elder_id, payment.region_id), fund
    memo = f"{cycle.month} 不再发放，扣还的不算"
    post(actor, [money.moved("payment", payment, "unwithheld", way, payment.withheld, memo)])


def _trim(recovery: Recovery, state: InstalmentState) -> None:
    """Drop the last instalments due, until no more is due than is open."""
    recovery.refresh_from_db()
    for last in recovery.instalments.filter(state=InstalmentState.DUE).order_by("-number"):
        if _due_sum(recovery) <= recovery.open:
            break
        Instalment.objects.filter(pk=last.pk).update(state=state, settled_at=clock.now())


def _claims(recovery: Recovery) -> AccountSpec:
    """The account of the district that claimed it, wherever the person lives."""
    district = recovery.cycle.region_id if recovery.cycle else recovery.region_id
    return money.claims(district, recovery.policy)


def claim(row: Recovery, region: str) -> Posting:
    """The transfer by which a person owes a district what it paid too much."""
    way = money.owed(row.elder_id, row.region_id), money.claims(region, row.policy)
    memo = f"{clock.month_words(row.month)}多发，应退回"
    return money.moved("recovery", row, "claim", way, row.owed, memo)


def _locked(actor: Actor, recovery_id: int) -> Recovery:
    recovery = found_in(Recovery.objects.select_for_update().filter(pk=recovery_id))
    require(actor, BENEFIT_PAY, Reach(recovery.region_id[:6].ljust(12, "0")))
    return recovery


def _due_sum(recovery: Recovery) -> int:
    due = recovery.instalments.filter(state=InstalmentState.DUE)
    return int(due.aggregate(s=Sum("amount", default=0))["s"])


def _post(
    actor: Actor, recovery: Recovery, name: tuple[object, ...], source: AccountSpec, fen: int
) -> None:
    words = {"repaid": "已退回", "waived": "免除", "released": "不用退回了"}
    kind = str(name[0])
    way = source, money.owed(recovery.elder_id, recovery.region_id)
    memo = f"{clock.month_words(recovery.month)}多发，{words[kind]}"
    post(actor, [money.moved("recovery", recovery, kind, way, fen, memo, *name)])


def _tell(actor: Actor, kind: str, recovery: Recovery, **payload: Any) -> None:
    publish(kind, actor, **on("recovery", recovery), **payload)
