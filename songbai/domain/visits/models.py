import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, index, machine, once, stays
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from songbai.domain.providers.models import Provider, StaffMember

from .rules import ENDS, TRANSITIONS, Trouble, VisitState, Where


@row_security(
    region="region_id", person="elder_id", organisation="provider_id", account="account_id"
)
class Visit(models.Model):
    """What happened at the door. ``*_at`` is the device's time, ``*_received`` ours."""

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="visit")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="visits")
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="visits")
    account = models.ForeignKey(
        Account, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="visits")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="visits")
    state = models.CharField(
        max_length=12,
        choices=choices(VisitState),
        default=VisitState.SERVING,
    )
    in_record = models.UUIDField(unique=True, default=uuid.uuid4)
    in_at = models.DateTimeField()
    in_received = models.DateTimeField()
    in_scanned = models.BooleanField()
    in_longitude = models.FloatField(null=True)
    in_latitude = models.FloatField(null=True)
    in_metres = models.PositiveIntegerField(null=True)
    in_reason = models.CharField(max_length=120, blank=True, default="")
    out_record = models.UUIDField(unique=True, null=True)
    out_at = models.DateTimeField(null=True)
    out_received = models.DateTimeField(null=True)
    out_scanned = models.BooleanField(null=True)
    out_longitude = models.FloatField(null=True)
    out_latitude = models.FloatField(null=True)
    out_metres = models.PositiveIntegerField(null=True)
    out_reason = models.CharField(max_length=120, blank=True, default="")
    doubts = ArrayField(models.CharField(max_length=12), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["region", "in_at"]),
            models.Index(fields=["provider", "in_at"]),
            models.Index(fields=["-in_at"]),
            index("visits_left_open", "account", when=Q(state="serving")),
        ]
        constraints = [
            holds("visit_ends_after_begin", Q(out_at__isnull=True) | Q(out_at__gte=F("in_at")))
        ]
        triggers = [
            machine("visit_state_machine", sorted(TRANSITIONS), ENDS),
            stays("visit_is_kept"),
        ]

    @property
    def minutes(self) -> int | None:
        """Minutes between check-in and check-out, as their times are shown."""
        return clock.minutes_between(self.in_at, self.out_at) if self.out_at else None


@row_security(region="region_id", person="elder_id", organisation="provider_id")
class VisitStep(models.Model):
    """One step of the item's standard, done."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="steps")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=60, blank=True, default="")
    done = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [once("one_record_per_step", "visit", "code")]


@row_security(region="region_id", person="elder_id", organisation="provider_id")
class Report(models.Model):
    """What a caregiver said from the door; open until somebody has seen to it."""

    record = models.UUIDField(unique=True)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reports")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="reports")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=12, choices=choices(Trouble))
    where = models.CharField(
        max_length=5, choices=choices(Where), default=Where.DOOR, db_default=Where.DOOR
    )
    note = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=40, blank=True, default="")
    outcome = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [index("reports_open", "region", "at", when=Q(seen_at=None))]
        constraints = [
            once("one_open_report_of_a_kind", "assignment", "kind", when=Q(seen_at=None))
        ]

    @property
    def words(self) -> str:
        """What was said, and when it was heard by telephone."""
        heard = "（电话里听说的）" if self.where == Where.PHONE else ""
        return f"{Trouble(self.kind).words}{heard}"
