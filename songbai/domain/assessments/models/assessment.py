"""The assessment: its way through the states, its agreed answers, its result; and what each
assessor found, kept separately, tap by tap.
"""

import uuid

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, forever, holds, index, known, machine, once, stays
from songbai.core.texts_fields import FormedField
from songbai.domain.assessments.rules.due import Why
from songbai.domain.assessments.rules.process import (
    CONCLUDED,
    ENDS,
    OPEN,
    TRANSITIONS,
    Channel,
    State,
)
from songbai.domain.elders.models import Elder

from .body import Assessor, Body

RESULT = ("choices", "background", "scores", "total", "initial_level", "changes", "final_level")


@row_security(region="region_id", person="elder_id", organisation="body_id")
class Assessment(models.Model):
    """One assessment of one elder with one version of one instrument.

    ``choices`` and ``background`` are the agreed answers as ``rules.stored`` keeps them.
    ``current`` marks the result that holds now; only it has a day from which the next is due.
    """

    number = models.CharField(max_length=20, unique=True, null=True)  # noqa: DJ001
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="assessments")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    instrument = models.CharField(max_length=20)
    standard_code = models.CharField(max_length=40)
    standard_version = models.CharField(max_length=10)
    state = models.CharField(max_length=12, choices=choices(State), default=State.REQUESTED)
    channel = models.CharField(max_length=10, choices=choices(Channel))
    reason = models.CharField(max_length=200, blank=True, default="")
    requested_by_id = models.BigIntegerField(null=True)
    requested_by = models.CharField(max_length=40)
    requested_at = models.DateTimeField(default=clock.now)
    gate = models.JSONField(null=True)
    gate_outcome = models.CharField(max_length=4, blank=True, default="")
    body = models.ForeignKey(Body, null=True, on_delete=models.PROTECT, related_name="assessments")
    assigned_at = models.DateTimeField(null=True)
    appeal_of = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="second"
    )
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    choices = ArrayField(models.SmallIntegerField(), null=True)
    background = models.JSONField(null=True)
    scores = models.JSONField(null=True)
    total = models.SmallIntegerField(null=True)
    initial_level = models.PositiveSmallIntegerField(null=True)
    changes = models.JSONField(default=list)
    final_level = models.PositiveSmallIntegerField(null=True)
    verified = models.BooleanField(default=False)
    review_seed = models.CharField(max_length=40, blank=True, default="")
    review_drawn = models.BooleanField(null=True)
    publicity_until = models.DateField(null=True)
    concluded_at = models.DateTimeField(null=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    appeal_until = models.DateField(null=True)
    final_at = models.DateTimeField(null=True)
    current = models.BooleanField(default=False)
    due_on = models.DateField(null=True)
    due_why = models.CharField(
        max_length=40, choices=[(w.name.lower(), w.value) for w in Why], blank=True, default=""
    )
    late_answers = models.PositiveIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=120, blank=True, default="")
    cancel_reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["elder", "-id"]),
            models.Index(fields=["region", "state"]),
            models.Index(fields=["body", "-assigned_at"]),
            index("assessments_due_by_region", "region", "due_on", when=Q(current=True)),
            index("assessments_due_by_body", "body", "due_on", when=Q(current=True)),
            index("assessments_publicity_ends", "publicity_until", when=Q(state="publicised")),
            index("assessments_appeal_ends", "appeal_until", when=Q(state="noticed")),
        ]
        constraints = [
            known("state", State, "assessment_state_known"),
            once(
                "one_open_assessment_each",
                "elder",
                "instrument",
                when=Q(state__in=sorted(s.value for s in OPEN), appeal_of__isnull=True),
            ),
            once("one_current_result_each", "elder", "instrument", when=Q(current=True)),
            holds(
                "concluded_has_a_level",
                ~Q(state__in=sorted(s.value for s in CONCLUDED)) | Q(final_level__isnull=False),
            ),
            holds(
                "changes_only_raise",
                Q(final_level__isnull=True) | Q(final_level__gte=F("initial_level")),
            ),
            holds("only_the_current_is_due", Q(due_on__isnull=True) | Q(current=True)),
        ]
        triggers = [
            machine("assessment_state_machine", sorted(TRANSITIONS), ENDS),
            stays("assessment_is_kept"),
            pgtrigger.Protect(
                name="a_result_told_is_not_changed",
                operation=pgtrigger.UpdateOf(*RESULT),  # type: ignore[no-untyped-call]  # library
                condition=pgtrigger.Q(old__concluded_at__isnull=False),
            ),
            pgtrigger.Protect(
                name="stopped_means_stopped",
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]  # library
                condition=pgtrigger.Q(old__stopped_at__isnull=False)
                & ~pgtrigger.Q(new__state="cancelled"),
            ),
        ]


@row_security(region="region_id", person="elder_id", organisation="body_id", account="account_id")
class AssessorAnswers(models.Model):
    """One assessor's place in an assessment, with the answers as merged from the devices.

    ``name`` is the assessor's, ``during`` the booked time. ``started_at`` and ``finished_at`` are
    the device's own times.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="sheets")
    assessor = models.ForeignKey(Assessor, on_delete=models.PROTECT, related_name="sheets")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+", db_index=False)
    account_id = models.BigIntegerField(null=True)
    name = FormedField(form="person", max_length=40)
    active = models.BooleanField(default=True)
    during = DateTimeRangeField(null=True)
    answers = models.JSONField(default=dict)
    questions = ArrayField(models.CharField(max_length=20), default=list)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    total = models.SmallIntegerField(null=True)
    level = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account_id", "-id"])]
        constraints = [
            once("one_sheet_per_assessor", "assessment", "assessor", when=Q(active=True)),
            ExclusionConstraint(
                name="assessor_in_one_place_at_a_time",
                expressions=[
                    ("assessor", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(active=True, during__isnull=False, finished_at__isnull=True),
            ),
            holds(
                "finished_sheet_has_a_level", Q(finished_at__isnull=True) | Q(level__isnull=False)
            ),
        ]
        triggers = [stays("sheet_is_kept")]


@insert_only
@row_security(region="region_id", person="elder_id", organisation="body_id", account="account_id")
class Tap(models.Model):
    """One answer as a device recorded it. ``record`` is its own id, ``at`` its own time."""

    record = models.UUIDField(unique=True, default=uuid.uuid4)
    sheet = models.ForeignKey(AssessorAnswers, on_delete=models.PROTECT, related_name="taps")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+", db_index=False)
    account_id = models.BigIntegerField(null=True)
    item = models.CharField(max_length=20)
    value = models.JSONField(null=True)
    device = models.CharField(max_length=40)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    replaces = ArrayField(models.UUIDField(), default=list)

    class Meta:
        triggers = [forever("tap_is_forever")]
