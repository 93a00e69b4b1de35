"""Reading payments, files and what is put right, always as somebody and in scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, Exists, F, Model, OuterRef, QuerySet, Sum

from songbai.core.accounts.queries import people_of, require
from songbai.core.accounts.rules import TERRITORIAL, Act, Actor, RoleKind
from songbai.core.crypto import decrypt
from songbai.core.errors import NotFound
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.bank.format import REASONS
from songbai.domain.benefits.models import (
    Arrears,
    BankAnswer,
    Cycle,
    Payment,
    PaymentBatch,
    PaymentLine,
    Recovery,
    Suspension,
)
from songbai.domain.benefits.rules.paying import LineState, PaymentState
from songbai.domain.elders.models import CurrentFact, Elder
from songbai.domain.elders.queries import note_read

Row = TypeVar("Row", bound=Model)


def batches_of(actor: Actor, cycle: Cycle) -> QuerySet[PaymentBatch]:
    """The bank files of a cycle of the district in scope. Raises NotAllowed."""
    return _cut(actor, PaymentBatch.objects.filter(cycle=cycle).order_by("number"))


def batch(actor: Actor, batch_id: int) -> PaymentBatch:
    """One bank file with its cycle. Raises NotFound, NotAllowed."""
    rows = _cut(actor, PaymentBatch.objects.select_related("cycle"))
    found = rows.filter(pk=batch_id).first()
    if found is None:
        raise NotFound
    return found


def lines_of(actor: Actor, batch: PaymentBatch, state: str = "") -> QuerySet[PaymentLine]:
    """The lines of a file in scope, in its order, with their people. Raises NotAllowed."""
    rows = PaymentLine.objects.filter(batch=batch).select_related("elder").order_by("number")
    return _cut(actor, rows.filter(state=state) if state else rows)


def answers_of(actor: Actor, cycle: Cycle) -> QuerySet[BankAnswer]:
    """What the bank answered to a cycle's files, latest first. Raises NotAllowed."""
    rows = BankAnswer.objects.filter(batch__cycle=cycle).select_related("batch")
    return _cut(actor, rows.order_by("-id"))


def payments_of(actor: Actor, cycle: Cycle, state: str = "") -> QuerySet[Payment]:
    """The payments of a cycle in scope, with their people. Raises NotAllowed."""
    rows = Payment.objects.filter(cycle=cycle).select_related("elder")
    rows = rows.order_by("region_id", "elder_id")
    return _cut(actor, rows.filter(state=state) if state else rows)


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
    rows = _cut(actor, Payment.objects.filter(cycle=cycle))
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


def failed(actor: Actor, policy: str = "") -> QuerySet[Payment]:
    """The work list: payments the bank refused, the oldest first. Raises NotAllowed."""
    rows = Payment.objects.filter(state=PaymentState.FAILED)
    rows = rows.filter(policy=policy) if policy else rows
    return _cut(actor, rows.select_related("elder").order_by("month", "region_id", "id"))


def without_account(actor: Actor, cycle: Cycle | None = None) -> QuerySet[Payment]:
    """Payments that wait because nobody said an account. Raises NotAllowed."""
    known = CurrentFact.objects.filter(elder_id=OuterRef("elder_id"), kind="bank_card")
    rows = Payment.objects.filter(~Exists(known), state=PaymentState.READY)
    rows = rows.filter(cycle=cycle) if cycle else rows
    return _cut(actor, rows.select_related("elder").order_by("month", "region_id", "id"))


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
    if not _cut(actor, PaymentLine.objects.filter(pk=line.pk)).exists():
        raise NotFound
    elder = Elder.objects.get(pk=line.elder_id)
    note_read(actor, [elder], fields=["bank_card"], purpose=purpose, where=where)
    return masked(decrypt(line.account))


def masked(account: str) -> str:
    """An account as lists show it."""
    return f"{'*' * max(len(account) - 4, 4)}{account[-4:]}" if account else "（已清除）"


def payments_of_elder(actor: Actor, elder: Elder) -> QuerySet[Payment]:
    """What one person was paid and is to be paid, latest month first. Raises NotAllowed."""
    return _about(actor, Payment.objects.filter(elder=elder)).order_by("-month", "policy")


def arrears_in(actor: Actor, policy: str = "") -> QuerySet[Arrears]:
    """Arrears in scope that no payment carries yet, the oldest month first. Raises NotAllowed."""
    rows = Arrears.objects.filter(payment=None).select_related("elder")
    return _cut(actor, _of(rows, policy).order_by("month", "region_id", "id"))


def arrears_for(actor: Actor, cycle: Cycle) -> QuerySet[Arrears]:
    """Arrears a cycle pays, or would pay if it were made now. Raises NotAllowed."""
    low, high = bounds(cycle.region_id[:6])
    carried = Arrears.objects.filter(payment__cycle=cycle)
    coming = Arrears.objects.filter(
        payment=None, policy=cycle.policy, month__lt=cycle.month,
        region_id__gte=low, region_id__lte=high,
    )  # fmt: skip
    made = Payment.objects.filter(cycle=cycle).exists()
    rows = carried if made else coming
    return _cut(actor, rows.select_related("elder").order_by("region_id", "elder_id", "month"))


def recoveries_in(actor: Actor, policy: str = "", *, open_only: bool = True) -> QuerySet[Recovery]:
    """Recoveries in scope, the newest first. Raises NotAllowed."""
    rows = _of(Recovery.objects.select_related("elder"), policy)
    if open_only:
        rows = rows.exclude(owed=F("settled") + F("waived"))
    return _cut(actor, rows.order_by("-id"))


def recovery(actor: Actor, recovery_id: int) -> Recovery:
    """One recovery in scope with its person and instalments. Raises NotFound, NotAllowed."""
    rows = _cut(actor, Recovery.objects.select_related("elder").prefetch_related("instalments"))
    found = rows.filter(pk=recovery_id).first()
    if found is None:
        raise NotFound
    return found


def suspensions_in(
    actor: Actor, policy: str = "", *, open_only: bool = True
) -> QuerySet[Suspension]:
    """Suspensions in scope, the newest first. Raises NotAllowed."""
    rows = _of(Suspension.objects.select_related("elder"), policy)
    return _cut(actor, (rows.filter(ended_at=None) if open_only else rows).order_by("-id"))


def _of(rows: QuerySet[Row], policy: str) -> QuerySet[Row]:
    return rows.filter(policy=policy) if policy else rows


def _cut(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    require(actor, Act.BENEFIT_READ)
    if actor.is_system:
        return rows
    if actor.kind not in TERRITORIAL or actor.region is None:
        return rows.none()
    low, high = bounds(actor.region)
    return rows.filter(region_id__gte=low, region_id__lte=high)


def _about(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Rows about people: the family sees those it acts for, an office those in its scope."""
    if actor.kind is RoleKind.FAMILY:
        require(actor, Act.BENEFIT_READ)
        return rows.filter(elder_id__in=people_of(actor))
    return _cut(actor, rows)
