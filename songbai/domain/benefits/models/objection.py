"""Who does not accept a decision, and what was found; and who was told about one at home."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, fixed, holds, index, known, machine, never, once, stays
from songbai.domain.benefits.rules import cycle
from songbai.domain.benefits.rules.cycle import NoticeKind
from songbai.domain.benefits.rules.objection import (
    ENDS,
    TRANSITIONS,
    UNSETTLED,
    Channel,
    Ground,
    State,
)
from songbai.domain.elders.models import Elder

from .cycle import Cycle, only_while

_RESULTS = [(result, result) for result in ("yes", "no", "cannot_decide")]
#: What may still be written; what was objected to stays as it was said.
_MOVING = [
    "state", "not_by", "taken_at", "taken_by_id", "taken_by", "answered_at", "found", "now_result",
    "now_fen", "text", "voiced_by",
]  # fmt: skip


@row_security(region="region_id", person="elder_id", proxy_only=True)
class Objection(models.Model):
    """Somebody does not accept what was decided for one policy and month.

    ``known_at`` is until when the decision knew what it knew; ``then_*`` is what it said,
    ``now_*`` what the same month gives with what was known at the answer. ``not_by`` are the
    accounts that decided or approved, as far as who takes it on sees them (everybody sees what
    they did themselves): none of them answers.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="objections")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    cycle = models.ForeignKey(Cycle, null=True, on_delete=models.PROTECT, related_name="objections")
    state = models.CharField(max_length=10, choices=choices(State), default=State.OPEN)
    channel = models.CharField(max_length=8, choices=choices(Channel))
    ground = models.CharField(max_length=10, choices=choices(Ground))
    text = models.CharField(max_length=300, blank=True, default="")
    voiced_by = models.CharField(max_length=40)
    raised_by_id = models.BigIntegerField(null=True)
    raised_by = models.CharField(max_length=40)
    raised_at = models.DateTimeField(default=clock.now)
    due_on = models.DateField()
    known_at = models.DateTimeField()
    then_result = models.CharField(max_length=13, choices=_RESULTS)
    then_fen = models.BigIntegerField(null=True)
    not_by = ArrayField(models.BigIntegerField(), default=list)
    taken_at = models.DateTimeField(null=True)
    taken_by_id = models.BigIntegerField(null=True)
    taken_by = models.CharField(max_length=40, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    found = models.CharField(max_length=300, blank=True, default="")
    now_result = models.CharField(max_length=13, choices=_RESULTS, blank=True, default="")
    now_fen = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["elder", "-id"], name="objections_of_elder"),
            index(
                "objections_to_answer",
                "region",
                "due_on",
                when=Q(state__in=[s.value for s in UNSETTLED]),
            ),
        ]
        constraints = [
            known("state", State, "objection_state_known"),
            once(
                "one_unsettled_objection",
                "elder",
                "policy",
                "month",
                when=Q(state__in=[s.value for s in UNSETTLED]),
            ),
            holds("objection_taken_by_somebody", ~Q(state="taken") | Q(taken_by_id__isnull=False)),
            holds(
                "objection_answered_whole",
                ~Q(state="answered") | Q(answered_at__isnull=False) & ~Q(now_result=""),
            ),
        ]
        triggers = [
            machine("objection_state_machine", TRANSITIONS, ENDS),
            stays("objection_is_kept"),
            never(
                "objection_not_judged_by_its_deciders",
                pgtrigger.Condition("NEW.taken_by_id = ANY(NEW.not_by)"),
            ),
            pgtrigger.ReadOnly(name="objection_stays_as_raised", exclude=_MOVING),
            never(
                "settled_objection_stays",
                pgtrigger.Q(old__state__in=[State.ANSWERED.value, State.WITHDRAWN.value]),
            ),
        ]


@insert_only
@row_security(region="region_id", person="elder_id", proxy_only=True)
class NoticeGiven(models.Model):
    """Somebody was told about a month's benefits at home, at a counter or by phone."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.CharField(max_length=7)
    way = models.CharField(max_length=8)
    listener = models.CharField(max_length=40)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["elder", "-id"], name="notices_given_to_elder")]
        constraints = [holds("notice_way_known", way__in=["home", "counter", "phone"])]
        triggers = [stays("notice_given_stays")]


@row_security(region="region_id", person="elder_id")
class Notice(models.Model):
    """What a person is told about a change in a cycle: what, how much, why, how to object.

    For everybody new, changed or stopped; whoever goes on as before reads the decision. ``cycle``
    is None for what is told beside cycles: another account.
    """

    cycle = models.ForeignKey(
        Cycle,
        on_delete=models.PROTECT,
        related_name="notices",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=choices(NoticeKind))
    amount = models.BigIntegerField()
    text = models.CharField(max_length=500)
    made_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["elder", "-id"], name="notices_of_elder"),
            index("notices_to_send", "id", when=Q(sent_at__isnull=True)),
        ]
        constraints = [once("one_notice_of_a_cycle", "cycle", "elder")]
        triggers = [
            only_while(cycle.State.IN_TOWNS, "notice"),
            stays("notice_stays"),
            fixed("notice_is_fixed", but=["sent_at", "text"]),
        ]
