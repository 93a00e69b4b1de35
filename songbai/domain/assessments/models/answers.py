"""What each assessor found: kept separately, tap by tap."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import forever, holds, once, stays
from songbai.core.texts_fields import FormedField
from songbai.domain.elders.models import Elder

from .assessment import Assessment
from .body import Assessor, Body


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
