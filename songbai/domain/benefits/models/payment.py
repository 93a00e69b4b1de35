"""Money on its way: payments of a cycle, the bank's files and answers; and what orders spend."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.ledger.rules import WHOLE
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, fixed, forever, holds, index, known, machine, once, stays
from songbai.domain.benefits.rules.paying import (
    BATCH_ENDS,
    BATCH_TRANSITIONS,
    LINE_ENDS,
    LINE_TRANSITIONS,
    PAYMENT_ENDS,
    PAYMENT_TRANSITIONS,
    BatchState,
    LineState,
    PaymentState,
)
from songbai.domain.benefits.rules.policy import SPENT, Channel
from songbai.domain.elders.models import Elder

from .cycle import Cycle


@row_security(region="region_id", person="elder_id")
class Payment(models.Model):
    """What one cycle owes one person: one for a person, policy and month, paid once.

    ``amount`` = ``entitled`` (the decision) + ``arrears`` of earlier months − ``withheld`` for
    what is owed back; fen. ``retry`` asks for another try with the same account.
    """

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="payments", db_constraint=False
    )
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    policy = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    entitled = models.BigIntegerField()
    arrears = models.BigIntegerField(default=0)
    withheld = models.BigIntegerField(default=0)
    amount = models.BigIntegerField()
    state = models.CharField(
        max_length=10, choices=choices(PaymentState), default=PaymentState.READY.value
    )
    retry = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=clock.now)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["cycle", "state"]),
            index("payments_failed", "region_id", "id", when=Q(state="failed")),
        ]
        constraints = [
            once("one_payment_a_month", "elder", "policy", "month"),
            holds(
                "payment_adds_up",
                amount=F("entitled") + F("arrears") - F("withheld"),
                entitled__gte=0,
                arrears__gte=0,
                withheld__gte=0,
                amount__gte=0,
            ),
            holds(
                "payment_of_something", Q(state="nothing") ^ Q(amount__gt=0) | Q(state="suspended")
            ),
            holds("payment_paid_when_paid", Q(state="paid") ^ Q(paid_at__isnull=True)),
            known("state", PaymentState, "payment_state_known"),
        ]
        triggers = [
            machine("payment_state_machine", PAYMENT_TRANSITIONS, PAYMENT_ENDS),
            stays("payment_stays"),
            fixed("payment_is_fixed", but=["state", "retry", "paid_at"]),
            pgtrigger.Trigger(
                name="payment_of_an_approved_cycle",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
                func="""
                IF EXISTS (SELECT FROM (SELECT DISTINCT cycle_id FROM added) a
                    LEFT JOIN benefits_cycle c ON c.id = a.cycle_id
                    WHERE c.state IS DISTINCT FROM 'paying') THEN
                  RAISE EXCEPTION 'cycle is not being paid';
                END IF;
                RETURN NULL;
                """,
            ),
        ]


@row_security(region="region_id")
class PaymentBatch(models.Model):
    """One file for the bank (批次): the lines of one cycle that go together.

    ``reference`` names it for the bank; the same reference is the same file. Totals are of the
    lines; ``paid`` and ``failed`` follow what the bank answered; fen.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="batches")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    reference = models.CharField(max_length=40, unique=True)
    state = models.CharField(
        max_length=8, choices=choices(BatchState), default=BatchState.BUILT.value
    )
    rows = models.PositiveIntegerField()
    fen = models.BigIntegerField()
    paid_rows = models.PositiveIntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    failed_rows = models.PositiveIntegerField(default=0)
    failed_fen = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    built_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region", "state"])]
        constraints = [
            once("batch_number_once", "cycle", "number"),
            holds(
                "batch_answers_at_most_all",
                rows__gt=0,
                fen__gt=0,
                rows__gte=F("paid_rows") + F("failed_rows"),
                fen__gte=F("paid_fen") + F("failed_fen"),
            ),
            known("state", BatchState, "batch_state_known"),
        ]
        triggers = [
            machine("batch_state_machine", BATCH_TRANSITIONS, BATCH_ENDS),
            stays("batch_stays"),
            pgtrigger.ReadOnly(
                name="batch_is_fixed",
                fields=["cycle", "region", "number", "reference", "rows", "fen", "built_at"],
            ),
        ]


@row_security(region="region_id", person="elder_id")
class PaymentLine(models.Model):
    """A payment in one bank file, to one account. At most one that did not fail for a payment.

    ``account`` is what the money was sent to, as it stood then, encrypted.
    """

    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    account = EncryptedField()
    account_index = BlindIndexField(of="account")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=6, choices=choices(LineState), default=LineState.SENT.value)
    reason = models.CharField(max_length=4, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            once("line_number_once", "batch", "number"),
            once("payment_once_in_a_batch", "payment", "batch"),
            once("payment_is_sent_once", "payment", when=~Q(state="failed")),
            holds("line_failed_why", Q(state="failed") ^ Q(reason="")),
            holds("line_answered_when_answered", Q(state="sent") ^ Q(answered_at__isnull=False)),
            holds("line_positive", amount__gt=0),
            known("state", LineState, "line_state_known"),
        ]
        triggers = [
            machine("line_state_machine", LINE_TRANSITIONS, LINE_ENDS),
            stays("line_stays"),
            pgtrigger.ReadOnly(
                name="line_is_fixed",
                fields=["batch", "payment", "elder", "number", "amount"],
            ),
        ]


@insert_only
@row_security(region="region_id")
class BankAnswer(models.Model):
    """A file of results as the bank gave it: once for each content, however often it comes.

    ``refused`` lists what could not be used: {"line", "why"}; no names, no accounts.
    """

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="answers")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    rows = models.PositiveIntegerField()
    used = models.PositiveIntegerField()
    refused = models.JSONField(default=list)
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = [forever("bank_answer_is_forever")]


@row_security(region="region_id", person="elder_id")
class CreditGrant(models.Model):
    """One month's money to be spent by orders, given to one elder under one policy.

    A credit pays everything while it lasts, a voucher a share of what the elder would pay; rates
    are hundredths of a percent, by where the service is given. The money is in the ledger, on one
    account for a channel and month; what is left of it goes back at ``lapses_at``.
    """

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="credit_grants")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.CharField(max_length=40)
    channel = models.CharField(
        max_length=8,
        choices=[(channel.value, channel.value) for channel in sorted(SPENT)],
        default=Channel.CREDIT.value,
    )
    month = models.CharField(max_length=7)
    group_name = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    home_rate = models.PositiveSmallIntegerField(default=WHOLE)
    institution_rate = models.PositiveSmallIntegerField(default=0)
    granted_at = models.DateTimeField(default=clock.now)
    lapses_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)
    ended = models.BigIntegerField(default=0, db_default=0)
    """Fen given back before the month was over, because nobody can spend it any more."""

    class Meta:
        indexes = [
            models.Index(fields=["region", "month"]),
            index("grants_to_lapse", "lapses_at", when=Q(lapsed_at=None)),
        ]
        constraints = [
            once("one_credit_grant_a_month", "elder", "policy", "month"),
            holds("credit_positive", amount__gt=0),
            holds("ended_not_negative", ended__gte=0),
            holds("grant_pays_a_share", home_rate__lte=WHOLE, institution_rate__lte=WHOLE),
            holds("grant_is_spent", channel__in=sorted(c.value for c in SPENT)),
        ]
