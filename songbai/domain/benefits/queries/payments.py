"""Reading payments and bank files, always as somebody and in scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Sum

from songbai.core import scope
from songbai.core.accounts.queries import people_of
from songbai.core.acting import SYSTEM, Actor, require
from songbai.core.crypto import decrypt
from songbai.core.errors import NotFound
from songbai.core.found import found_in
from songbai.domain.benefits.bank.format import REASONS
from songbai.domain.benefits.declares import BENEFIT_READ
from songbai.domain.benefits.models import (
    BankAnswer,
    Cycle,
    Notice,
    Payment,
    PaymentBatch,
    PaymentLine,
)
from songbai.domain.benefits.rules.paying import LineState, PaymentState
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import CurrentFact, Elder, Fact
from songbai.domain.elders.queries import note_read, person_of_records
from songbai.domain.elders.queries.facts import plain
from songbai.domain.elders.rules.kinds import BANK_CARD

from .sendable import held_back, sendable

Row = TypeVar("Row", bound=Model)


def batches_of(actor: Actor, cycle: Cycle) -> QuerySet[PaymentBatch]:
    """The bank files of a cycle of the district in scope. Raises NotAllowed."""
    return cut(actor, PaymentBatch.objects.filter(cycle=cycle).order_by("number"))


def batch(actor: Actor, batch_id: int) -> PaymentBatch:
    """One bank file with its cycle. Raises NotFound, NotAllowed."""
    rows = cut(actor, PaymentBatch.objects.select_related("cycle"))
    return found_in(rows.filter(pk=batch_id))


def lines_of(actor: Actor, batch: PaymentBatch, state: str = "") -> QuerySet[PaymentLine]:
    """The lines of a file in scope, in its order, with their people. Raises NotAllowed."""
    rows = PaymentLine.objects.filter(batch=batch).select_related("elder").order_by("number")
    return cut(actor, rows.filter(state=state) if state else rows)


def answers_of(actor: Actor, cycle: Cycle) -> QuerySet[BankAnswer]:
    """What the bank answered to a cycle's files, latest first. Raises NotAllowed."""
    rows = BankAnswer.objects.filter(batch__cycle=cycle).select_related("batch")
    return cut(actor, rows.order_by("-id"))


def payments_of(actor: Actor, cycle: Cycle, state: str = "") -> QuerySet[Payment]:
    """The payments of a cycle in scope, with their people. Raises NotAllowed."""
    rows = Payment.objects.filter(cycle=cycle).select_related("elder")
    rows = rows.order_by("region_id", "elder_id")
    return cut(actor, rows.filter(state=state) if state else rows)


@dataclass(frozen=True)
class Total:
    """People and fen."""

    people: int = 0
    fen: int = 0


@dataclass(frozen=True)
class CycleTotals:
    """What a cycle's payments come to: by state, and what they are made of, in fen."""

    by_state: dict[PaymentState, Total]
    entitled: int
    arrears: int
    withheld: int

    @property
    def all(self) -> Total:
        """All payments together."""
        found = self.by_state.values()
        return Total(sum(one.people for one in found), sum(one.fen for one in found))


def totals_of(actor: Actor, cycle: Cycle) -> CycleTotals:
    """The sums of a cycle's payments in scope. Raises NotAllowed."""
    rows = cut(actor, Payment.objects.filter(cycle=cycle))
    by_state = {
        PaymentState(state): Total(people, fen)
        for state, people, fen in rows.values_list("state").annotate(
            people=Count("id"), fen=Sum("amount")
        )
    }
    sums = rows.aggregate(
        entitled=Sum("entitled", default=0),
        arrears=Sum("arrears", default=0),
        withheld=Sum("withheld", default=0),
    )
    return CycleTotals(by_state, **sums)


def payment(actor: Actor, payment_id: int) -> Payment:
    """One payment in scope with its person and cycle. Raises NotFound, NotAllowed."""
    rows = Payment.objects.select_related("elder", "cycle__region")
    return found_in(cut(actor, rows.filter(pk=payment_id)))


def tries_of(actor: Actor, payment: Payment) -> QuerySet[PaymentLine]:
    """Every line in which a payment went to the bank, the latest first. Raises NotAllowed."""
    rows = PaymentLine.objects.filter(payment=payment).select_related("batch")
    return cut(actor, rows.order_by("-id"))


def failed(actor: Actor, policy: str = "") -> QuerySet[Payment]:
    """The work list: payments the bank refused, the oldest first. Raises NotAllowed."""
    rows = Payment.objects.filter(state=PaymentState.FAILED)
    rows = rows.filter(policy=policy) if policy else rows
    return cut(actor, rows.select_related("elder").order_by("month", "region_id", "id"))


def to_mend(actor: Actor, policy: str = "") -> QuerySet[Payment]:
    """Of those, the ones nobody has mended yet: somebody must act. Raises NotAllowed."""
    return failed(actor, policy).exclude(sendable())


def mended(actor: Actor, policy: str = "") -> QuerySet[Payment]:
    """Of those, the ones the next file takes along. Raises NotAllowed."""
    return failed(actor, policy).filter(sendable())


def held(actor: Actor, policy: str = "") -> QuerySet[Payment]:
    """The work list beside: what a death, a claim or another's account holds back, the oldest
    first. Raises NotAllowed.
    """
    rows = Payment.objects.filter(state__in=[PaymentState.READY, PaymentState.HELD])
    rows = rows.filter(held_back(), **({"policy": policy} if policy else {}))
    return cut(actor, rows.select_related("elder").order_by("month", "region_id", "id"))


def without_account(actor: Actor, cycle: Cycle | None = None) -> QuerySet[Payment]:
    """Payments that wait because nobody said an account. Raises NotAllowed."""
    known = scope.visible(CurrentFact, actor).filter(
        elder_id=OuterRef("elder_id"), kind="bank_card"
    )
    rows = Payment.objects.filter(~Exists(known), state=PaymentState.READY)
    rows = rows.filter(cycle=cycle) if cycle else rows
    return cut(actor, rows.select_related("elder").order_by("month", "region_id", "id"))


def last_reasons(payments: Iterable[Payment]) -> dict[int, str]:
    """Why each failed last, in words, by payment. The caller read the payments in scope."""
    lines = PaymentLine.objects.filter(
        payment_id__in=[payment.pk for payment in payments], state=LineState.FAILED
    )
    found = lines.order_by("payment_id", "-id").distinct("payment_id")
    return {line.payment_id: REASONS.get(line.reason, line.reason) for line in found}


def account_of(actor: Actor, line: PaymentLine, *, purpose: str, where: str) -> str:
    """The account of a line with all but its last four digits hidden; leaves the trace.

    Raises NotFound, NotAllowed.
    """
    if not cut(actor, PaymentLine.objects.filter(pk=line.pk)).exists():
        raise NotFound
    elder = scope.visible(Elder, actor).get(pk=line.elder_id)
    note_read(actor, [elder], fields=["bank_card"], purpose=purpose, where=where)
    return masked(decrypt(line.account))


def account_now(elder: Elder) -> str:
    """The account that stands for somebody, "" when nobody said one; who shows it masks it."""
    stands = scope.visible(CurrentFact, SYSTEM).filter(elder_id=elder.pk, kind=BANK_CARD)
    fact = scope.visible(Fact, SYSTEM).filter(pk__in=stands.values("fact_id")).first()
    return plain(fact) if fact is not None else ""


def others_with_account(actor: Actor, payment: Payment) -> list[Elder]:
    """Other people in scope for whom the account of a payment stands, too; the caller leaves the
    trace of reading. Who lives elsewhere is not told. Raises NotAllowed.
    """
    require(actor, BENEFIT_READ)
    mine = person_of_records([payment.elder.merged_into_id or payment.elder_id])
    stands = scope.visible(CurrentFact, SYSTEM).filter(kind=BANK_CARD)
    account = stands.filter(elder_id=payment.elder_id).values("value_index")
    same = stands.filter(value_index__in=account).exclude(elder_id__in=mine)
    people = scope.visible(Elder, actor).filter(pk__in=same.values("elder_id"), died_on=None)
    return list(people.select_related("region").order_by("pk"))


def told_beside(actor: Actor, elder: Elder) -> QuerySet[Notice]:
    """What somebody was told beside the months' lists under all her records, newest first.

    Raises NotAllowed.
    """
    records = person_of_records([elder.pk])
    return _about(actor, Notice.objects.filter(elder__in=records, cycle=None)).order_by("-id")


def masked(account: str) -> str:
    """An account as lists show it."""
    return f"{'*' * max(len(account) - 4, 4)}{account[-4:]}" if account else "（已清除）"


def payments_of_elder(actor: Actor, elder: Elder) -> QuerySet[Payment]:
    """What one person was paid and is to be paid under all her records, latest month first.

    Raises NotAllowed.
    """
    mine = Payment.objects.filter(elder__in=person_of_records([elder.pk]))
    return _about(actor, mine).order_by("-month", "policy")


def cut(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Rows with a region, cut to the actor's. Raises NotAllowed."""
    require(actor, BENEFIT_READ)
    return scope.cut(rows, actor)


def _about(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Rows about people: the family sees those it acts for, an office those in its scope."""
    if actor.kind is FAMILY:
        require(actor, BENEFIT_READ)
        return rows.filter(elder_id__in=people_of(actor))
    return cut(actor, rows)
