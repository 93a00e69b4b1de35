from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils import timezone

from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from songbai.domain.providers.models import Provider, StaffMember

from .rules import AssignmentState


@row_security(
    region="region_id", person="elder_id", organisation="provider_id", account="account_id"
)
class Assignment(models.Model):
    """One caregiver for one order at one time, with the reason for the choice."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="assignments")
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="assignments")
    account = models.ForeignKey(
        Account, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    staff_name = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    during = DateTimeRangeField()
    state = models.CharField(
        max_length=10,
        choices=[(s.value, s.value) for s in AssignmentState],
        default=AssignmentState.ACTIVE,
    )
    travel_minutes = models.PositiveIntegerField(default=0)
    metres = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=120)
    others = models.JSONField(default=list)
    override_reason = models.CharField(max_length=120, blank=True, default="")
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["staff", "starts_at"]),
            models.Index(fields=["region", "starts_at"]),
            models.Index(fields=["account", "starts_at"]),
            models.Index(fields=["elder", "starts_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(state="active"),
                name="one_active_assignment_per_order",
            ),
            ExclusionConstraint(
                name="assignments_do_not_overlap",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(state="active"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="assignment_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"
