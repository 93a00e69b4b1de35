from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import row_security

from .rules import HardshipClass, LivingSituation, Sex


def _choices(
    kind: type[Sex] | type[HardshipClass] | type[LivingSituation],
) -> list[tuple[str, str]]:
    return [(str(member), str(member)) for member in kind]


@row_security(region="region_id", person="id")
class Elder(models.Model):
    """A registered person of 60 or more. ID number, phone and address are encrypted."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    initials = models.CharField(max_length=12)
    sex = models.CharField(max_length=1, choices=_choices(Sex))
    birth_date = models.DateField()
    id_number = models.BinaryField()
    id_number_index = models.BinaryField(unique=True, max_length=32)
    phone = models.BinaryField(default=b"")
    address = models.BinaryField(default=b"")
    longitude = models.FloatField()
    latitude = models.FloatField()
    household = models.BigIntegerField()
    hardship = models.CharField(
        max_length=12, choices=_choices(HardshipClass), default=HardshipClass.NONE
    )
    living = models.CharField(
        max_length=16, choices=_choices(LivingSituation), default=LivingSituation.WITH_CHILDREN
    )
    special_family = models.BooleanField(default=False)
    ability_level = models.PositiveSmallIntegerField(null=True)
    risks = ArrayField(models.CharField(max_length=12), default=list)
    door_code = models.UUIDField(default=uuid.uuid4, unique=True)
    registered_at = models.DateTimeField(default=timezone.now)
    died_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["region", "name"]),
            models.Index(fields=["region", "initials"]),
            models.Index(fields=["region", "birth_date"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ability_level__isnull=True)
                | models.Q(ability_level__range=(0, 4)),
                name="ability_level_0_to_4",
            ),
            models.CheckConstraint(condition=models.Q(sex__in=["m", "f"]), name="elder_sex_known"),
        ]

    def __str__(self) -> str:
        return f"elder {self.pk}"


@row_security(region="region_id", person="elder_id", account="account_id")
class Proxy(models.Model):
    """Somebody who may act for an elder: with scope, proof and an end."""

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="proxies")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="proxies")
    relation = models.CharField(max_length=12)
    may_order = models.BooleanField(default=True)
    may_see_money = models.BooleanField(default=True)
    proof = models.CharField(max_length=80)
    valid_from = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["elder", "account"], name="one_proxy_per_pair"),
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")), name="proxy_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"proxy {self.pk}"


@row_security(region="region_id")
class ElderCount(models.Model):
    """How many living elders of a village share age band and situation, as of ``counted_at``.

    A summary, rebuilt whole by ``actions.recount``; the register itself is the truth.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    age_band = models.PositiveSmallIntegerField()
    hardship = models.CharField(max_length=12, choices=_choices(HardshipClass))
    living = models.CharField(max_length=16, choices=_choices(LivingSituation))
    n = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "age_band", "hardship", "living"], name="one_count_per_group"
            ),
            models.CheckConstraint(
                condition=models.Q(age_band__gte=50) & models.Q(age_band__lte=100),
                name="age_band_50_to_100",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.age_band}+: {self.n}"
