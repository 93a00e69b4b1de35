from __future__ import annotations

from django.db import models
from django.utils import timezone

from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.domain.elders.models import Elder


@row_security(region="region_id", person="elder_id")
class CreditGrant(models.Model):
    """One month's credit given to one elder under one policy; the money is in the ledger."""

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="credit_grants")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    group_name = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["region", "month"])]
        constraints = [
            models.UniqueConstraint(
                fields=["elder", "policy", "month"], name="one_credit_grant_a_month"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="credit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.month}"
