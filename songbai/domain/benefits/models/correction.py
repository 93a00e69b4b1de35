"""What is put right afterwards: a closed month stays, the difference is a row of its own."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.scope import row_security
from songbai.core.states import choices, fixed, holds, index, known, machine, never, once, stays
from songbai.domain.benefits.rules.paying import (
    INSTALMENT_ENDS,
    INSTALMENT_TRANSITIONS,
    InstalmentState,
    SuspensionReason,
)
from songbai.domain.elders.models import Elder

from .cycle import Cycle
from .payment import Payment


@row_security(region="region_id", person="elder_id")
class Arrears(models.Model):
    """Money owed for a past month (补发): paid as part of a later payment.

    ``month`` is the month it is for, ``cause`` the fact or word that explains it (as of a
    decision), ``known_at`` until when the facts were known that show it; ``withdrawn_at`` when it
    turned out not to be owed, before it was paid. Fen.
    """

    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    policy = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    number = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField()
    cause = models.CharField(max_length=30)
    cycle = models.ForeignKey(
        Cycle, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.PROTECT, related_name="arrears_lines"
    )
    known_at = models.DateTimeField()
    found_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "arrears"
        indexes = [
            index("arrears_open", "policy", "region_id", when=Q(payment=None, withdrawn_at=None))
        ]
        constraints = [
            holds("arrears_paid_or_withdrawn", Q(payment=None) | Q(withdrawn_at=None)),
            once("arrears_once", "elder", "policy", "month", "number"),
            holds("arrears_positive", amount__gt=0),
        ]
        triggers = [
            stays("arrears_stay"),
            fixed("arrears_are_fixed", but=["payment", "withdrawn_at"]),
            never(
                "arrears_paid_once",
                pgtrigger.Q(old__payment__isnull=False)
                | pgtrigger.Q(old__withdrawn_at__isnull=False),
            ),
        ]


@row_security(region="region_id", person="elder_id")
class Recovery(models.Model):
    """Money paid that was not owed (追缴), to be paid back in instalments or waived; fen.

    ``released`` is what turned out to be owed after all, so that nobody asks for it any more.
    """

    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    policy = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    number = models.PositiveSmallIntegerField()
    owed = models.BigIntegerField()
    settled = models.BigIntegerField(default=0)
    waived = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    cause = models.CharField(max_length=30)
    cycle = models.ForeignKey(
        Cycle, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    known_at = models.DateTimeField()
    found_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "recoveries"
        indexes = [
            index(
                "recoveries_open",
                "region_id",
                "-id",
                when=~Q(owed=F("settled") + F("waived") + F("released")),
            )
        ]
        constraints = [
            once("recovery_once", "elder", "policy", "month", "number"),
            holds(
                "never_more_than_owed",
                owed__gt=0,
                settled__gte=0,
                waived__gte=0,
                released__gte=0,
                owed__gte=F("settled") + F("waived") + F("released"),
            ),
        ]
        triggers = [
            stays("recovery_stays"),
            fixed("recovery_is_fixed", but=["settled", "waived", "released"]),
        ]

    @property
    def open(self) -> int:
        """Fen still owed."""
        return self.owed - self.settled - self.waived - self.released


@row_security(region="region_id", person="elder_id")
class Instalment(models.Model):
    """One part of a recovery, due in a month: withheld, paid back, waived or released."""

    recovery = models.ForeignKey(
        Recovery, on_delete=models.PROTECT, related_name="instalments", db_index=False
    )
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    number = models.PositiveSmallIntegerField()
    due_month = models.CharField(max_length=7)
    amount = models.BigIntegerField()
    state = models.CharField(
        max_length=8, choices=choices(InstalmentState), default=InstalmentState.DUE.value
    )
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.PROTECT, related_name="instalments"
    )
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            once("instalment_once", "recovery", "number"),
            holds("instalment_positive", amount__gt=0),
            holds("instalment_settled_when_settled", Q(state="due") ^ Q(settled_at__isnull=False)),
            holds("instalment_withheld_from_a_payment", Q(state="withheld") ^ Q(payment=None)),
            known("state", InstalmentState, "instalment_state_known"),
        ]
        triggers = [
            machine("instalment_state_machine", INSTALMENT_TRANSITIONS, INSTALMENT_ENDS),
            stays("instalment_stays"),
            fixed("instalment_is_fixed", but=["state", "payment", "settled_at"]),
            # The parts of a recovery never come to more than what is owed.
            pgtrigger.Trigger(
                name="instalments_within_the_recovery",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func="""
                IF (SELECT sum(i.amount) FROM benefits_instalment i
                    WHERE i.recovery_id = NEW.recovery_id AND i.state NOT IN ('waived', 'released'))
                  > (SELECT owed FROM benefits_recovery WHERE id = NEW.recovery_id) THEN
                  RAISE EXCEPTION 'instalments of % come to more than is owed', NEW.recovery_id;
                END IF;
                RETURN NULL;
                """,
            ),
        ]


@row_security(region="region_id", person="elder_id")
class Suspension(models.Model):
    """Somebody is not paid for a time: why, from when, who said so; and when it ended, by whom."""

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region_id = models.CharField(max_length=12)
    policy = models.CharField(max_length=40)
    reason = models.CharField(max_length=12, choices=choices(SuspensionReason))
    note = models.CharField(max_length=120, blank=True, default="")
    since = models.DateField()
    begun_at = models.DateTimeField(default=clock.now)
    begun_by_id = models.BigIntegerField(null=True)
    begun_by = models.CharField(max_length=40)
    until = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.BigIntegerField(null=True)
    ended_by = models.CharField(max_length=40, blank=True, default="")
    end_note = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [
            index("suspensions_open", "region_id", "-id", when=Q(ended_at=None)),
            models.Index(fields=["elder", "-id"], name="suspensions_of_elder"),
        ]
        constraints = [
            once("one_open_suspension", "elder", "policy", when=Q(ended_at=None)),
            holds("suspension_ends_later", Q(until=None) | Q(until__gte=F("since"))),
            holds(
                "suspension_ended_when_ended",
                Q(ended_at=None, until=None) | Q(ended_at__isnull=False, until__isnull=False),
            ),
            known("reason", SuspensionReason, "suspension_reason_known"),
        ]
        triggers = [
            stays("suspension_stays"),
            never("suspension_ends_once", pgtrigger.Q(old__ended_at__isnull=False)),
            pgtrigger.ReadOnly(
                name="suspension_is_fixed",
                fields=["elder", "policy", "reason", "since", "begun_at", "begun_by_id"],
            ),
        ]
