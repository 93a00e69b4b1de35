"""What an elder agreed to, who may act for her, and what may not be erased."""

from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import fixed, forever, holds, index, once, stays

from .elder import Elder


@insert_only
@row_security(region="region_id", person="elder_id")
class Consent(models.Model):
    """Consent given or withdrawn for one purpose; the newest row is in force.

    ``version`` is the wording that was shown. ``standing`` says as what the person acted.
    """

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="consents")
    region_id = models.CharField(max_length=12)
    purpose = models.CharField(max_length=30)
    version = models.PositiveSmallIntegerField()
    given = models.BooleanField()
    standing = models.CharField(max_length=10)
    account_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=40)
    proof = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["elder", "purpose", "-id"])]
        triggers = [forever("consent_is_forever")]


@row_security(region="region_id", changed_by_region_only=True)
class LegalHold(models.Model):
    """Why a person's record must not be erased for now: a dispute, an inquiry, a court."""

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="holds")
    region_id = models.CharField(max_length=12)
    reason = models.CharField(max_length=120)
    placed_by_id = models.BigIntegerField(null=True)
    placed_by = models.CharField(max_length=40)
    placed_at = models.DateTimeField(default=clock.now)
    lifted_by_id = models.BigIntegerField(null=True)
    lifted_by = models.CharField(max_length=40, blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [index("hold_in_force", "elder", when=Q(lifted_at=None))]
        triggers = [
            stays("hold_stays"),
            fixed("hold_is_only_lifted", but=["lifted_by_id", "lifted_by", "lifted_at"]),
        ]


@row_security(region="region_id", person="elder_id", account="account_id")
class Proxy(models.Model):
    """Somebody who may act for an elder: with scope, proof and an end.

    ``is_guardian``: decides in the elder's place. Ended is who has a ``valid_until`` in the past;
    ``end_reason`` says why when somebody ended it.
    """

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="proxies")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="proxies")
    relation = models.CharField(max_length=12)
    may_order = models.BooleanField(default=True)
    may_see_money = models.BooleanField(default=True)
    is_guardian = models.BooleanField(default=False)
    proof = models.CharField(max_length=80)
    proof_file_id = models.UUIDField(null=True)
    bound_by_id = models.BigIntegerField(null=True)
    end_reason = models.CharField(max_length=120, blank=True)
    valid_from = models.DateTimeField(default=clock.now)
    valid_until = models.DateTimeField()

    class Meta:
        constraints = [
            once("one_proxy_per_pair", "elder", "account"),
            holds("proxy_ends_later", valid_until__gt=F("valid_from")),
        ]
