"""Who may act for an elder."""

from django.db import models
from django.db.models import F

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import holds, once

from .elder import Elder


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
