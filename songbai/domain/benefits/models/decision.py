"""What was decided for people, and what somebody must look at before it is paid."""

import pgtrigger
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, fixed, forever, holds, index, known, machine, once, stays
from songbai.domain.benefits.rules.cycle import (
    EXCEPTION_ENDS,
    EXCEPTION_TRANSITIONS,
    Change,
    ExceptionKind,
    ExceptionState,
    Outcome,
    State,
)
from songbai.domain.elders.models import Elder

from .cycle import Cycle, Snapshot, only_while

#: Rows come as whole partitions; nobody adds or changes one afterwards.
_WHOLE = "RAISE EXCEPTION 'decisions are written as a whole';"


@insert_only
@row_security(region="region_id", person="elder_id")
class Decision(models.Model):
    """What one cycle decided for one person: all whom no criterion rules out, and all stopped.

    ``failed`` and ``unknown`` are the bits of ``Policy.bits``; ``amount`` is fen, null when it
    cannot be decided; ``before`` what the cycle before gave. ``cause`` is the key of the fact that
    made the change, or one of ``CAUSE_WORDS``. One partition for each snapshot, loaded whole:
    always name ``snapshot`` beside ``cycle``. Nobody's criteria are lost: see the criteria file.
    """

    pk = models.CompositePrimaryKey("snapshot_id", "elder_id", "cycle_id")
    snapshot = models.ForeignKey(
        Snapshot,
        on_delete=models.PROTECT,
        related_name="decisions",
        db_constraint=False,
        db_index=False,
    )
    cycle = models.ForeignKey(
        Cycle,
        on_delete=models.PROTECT,
        related_name="decisions",
        db_constraint=False,
        db_index=False,
    )
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    outcome = models.SmallIntegerField(choices=[(o.value, o.name) for o in Outcome])
    change = models.SmallIntegerField(choices=[(c.value, c.name) for c in Change])
    failed = models.BigIntegerField()
    unknown = models.BigIntegerField()
    amount = models.BigIntegerField(null=True)
    before = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=30, default="")

    class Meta:
        indexes = [
            models.Index(fields=["cycle", "region_id", "elder"], name="decisions_of_a_cycle"),
        ]
        constraints = [
            holds(
                "decision_amount_when_decided",
                Q(outcome=Outcome.CANNOT_DECIDE.value, amount=None)
                | ~Q(outcome=Outcome.CANNOT_DECIDE.value) & Q(amount__gte=0),
            ),
        ]
        triggers = [
            forever("decision_is_forever_too"),
            pgtrigger.Trigger(
                name="decisions_come_whole",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_WHOLE,
            ),
        ]


@row_security(region="region_id", person="elder_id")
class CycleException(models.Model):
    """Something about a decision that somebody must look at: the work list.

    ``facts`` names the missing facts, ``about`` says more in words without secrets. ``blocking``
    ones keep the money back and the town from confirming.
    """

    cycle = models.ForeignKey(
        Cycle,
        on_delete=models.PROTECT,
        related_name="exceptions",
        db_constraint=False,
        db_index=False,
    )
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=16, choices=choices(ExceptionKind))
    blocking = models.BooleanField()
    facts = models.CharField(max_length=120, blank=True, default="")
    about = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(
        max_length=10,
        choices=choices(ExceptionState),
        default=ExceptionState.OPEN,
    )
    found_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True)
    settled_by_id = models.BigIntegerField(null=True)
    settled_by = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [
            index("exceptions_open", "region_id", "kind", when=Q(state="open")),
            models.Index(fields=["elder"], name="exceptions_of_elder"),
        ]
        constraints = [
            once("exception_once", "cycle", "elder", "kind"),
            known("state", ExceptionState, "exception_state_known"),
            holds("exception_settled_when_settled", Q(state="open") ^ Q(settled_at__isnull=False)),
        ]
        triggers = [
            machine("exception_settled_once", EXCEPTION_TRANSITIONS, EXCEPTION_ENDS),
            only_while(State.DECIDED, "exception"),
            stays("exception_stays"),
            fixed(
                "exception_is_fixed",
                but=["state", "settled_at", "settled_by_id", "settled_by", "reason"],
            ),
            # What a town confirmed and others approved is not changed behind their backs.
            pgtrigger.Trigger(
                name="exception_settled_in_time",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
                func="""
                IF EXISTS (SELECT FROM benefits_cycle WHERE id = NEW.cycle_id AND (
                    state = 'closed'
                    OR NEW.state <> 'carried' AND state NOT IN ('checked', 'in_towns'))) THEN
                  RAISE EXCEPTION 'cycle % is past its checks', NEW.cycle_id;
                END IF;
                RETURN NEW;
                """,
            ),
        ]
