import uuid

from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.scope import row_security
from songbai.core.states import choices, forever, holds

from .rules import Unit


@row_security(region="region_id", person="person_id", organisation="organisation_id")
class LedgerAccount(models.Model):
    """One account of one owner: a person, an organisation, or a public fund."""

    code = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    unit = models.CharField(max_length=8, choices=choices(Unit))
    balance = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(null=True)
    region_id = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person_id"]),
            models.Index(fields=["organisation_id"]),
            models.Index(fields=["region_id"]),
        ]
        constraints = [
            holds("ledger_not_overdrawn", Q(floor__isnull=True) | Q(balance__gte=F("floor")))
        ]


@row_security(region="region_id", person="person_id", organisation="organisation_id")
class Transfer(models.Model):
    """An amount that went from one account to another, for a stated reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    debit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="given")
    credit = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="received")
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    month = models.CharField(max_length=7)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    memo = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    actor_id = models.BigIntegerField(null=True)
    region_id = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"]),
            models.Index(fields=["organisation_id", "month", "kind"]),
            models.Index(fields=["person_id", "-at"]),
            models.Index(fields=["region_id", "month"]),
        ]
        constraints = [
            holds("transfer_positive", amount__gt=0),
            holds("transfer_between_two", ~Q(debit=F("credit"))),
        ]
        triggers = [forever("transfer_is_forever")]
