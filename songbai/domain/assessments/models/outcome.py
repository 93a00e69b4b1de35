"""What follows the answers: signatures, review, notice, appeal; and what makes a new one due."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, fixed, forever, never, once, stays
from songbai.core.texts_fields import FormedField
from songbai.domain.assessments.rules.due import Happening
from songbai.domain.elders.models import Elder

from .assessment import Assessment
from .body import Assessor, Body


@insert_only
@row_security(region="region_id", person="elder_id", organisation="body_id")
class Signature(models.Model):
    """Somebody signed: an assessor, or who gave the information. ``mark`` is the drawn line."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="signatures")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    name = FormedField(form="person", max_length=40)
    relation = models.CharField(max_length=20, blank=True, default="")
    account_id = models.BigIntegerField(null=True)
    mark = models.TextField(blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = [forever("signature_is_forever")]


@row_security(region="region_id", organisation="body_id", person="elder_id")
class Review(models.Model):
    """A second body looks at an assessment that was drawn."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="reviews")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="reviews")
    assessor = models.ForeignKey(Assessor, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    agrees = models.BooleanField(null=True)
    doubted = ArrayField(models.CharField(max_length=20), default=list)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [once("one_review_at_a_time", "assessment", when=Q(done_at=None))]
        triggers = [
            stays("review_is_kept"),
            never("review_is_said_once", pgtrigger.Q(old__done_at__isnull=False)),
        ]


@row_security(region="region_id", person="elder_id")
class Appeal(models.Model):
    """Somebody does not accept a result; another body assesses again."""

    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="appeal")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    account_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)

    class Meta:
        triggers = [stays("appeal_is_kept")]


@row_security(region="region_id", person="elder_id")
class Notice(models.Model):
    """The result letter as it was sent: words, not a reference to words that may change."""

    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="notice")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    letter = models.JSONField()
    issued_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [
            stays("notice_is_kept"),
            fixed("notice_is_only_read", but=["read_at"]),
        ]


@insert_only
@row_security(region="region_id", person="elder_id")
class Occurrence(models.Model):
    """Something happened to an elder that may call for a new assessment; told by other rooms."""

    record = models.UUIDField(unique=True, default=uuid.uuid4)
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="occurrences")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=choices(Happening))
    day = models.DateField()
    source = models.CharField(max_length=60)
    noted_by = models.CharField(max_length=40)
    noted_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["elder", "day"], name="occurrences_of_elder")]
        triggers = [forever("occurrence_is_forever")]
