from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.ledger.rules import WHOLE
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import holds, index, once
from songbai.domain.benefits.rules.policy import SPENT, Channel
from songbai.domain.elders.models import Elder


@row_security(region="region_id", person="elder_id")
class CreditGrant(models.Model):
    """One month's money to be spent by orders, given to one elder under one policy.

    A credit pays everything while it lasts, a voucher a share of what the elder would pay; rates
    are hundredths of a percent, by where the service is given. The money is in the ledger, on one
    account for a channel and month; what is left of it goes back at ``lapses_at``.
    """

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="credit_grants")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.CharField(max_length=40)
    channel = models.CharField(
        max_length=8,
        choices=[(channel.value, channel.value) for channel in sorted(SPENT)],
        default=Channel.CREDIT.value,
    )
    month = models.CharField(max_length=7)
    group_name = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    home_rate = models.PositiveSmallIntegerField(default=WHOLE)
    institution_rate = models.PositiveSmallIntegerField(default=0)
    granted_at = models.DateTimeField(default=clock.now)
    lapses_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["region", "month"]),
            index("grants_to_lapse", "lapses_at", when=Q(lapsed_at=None)),
        ]
        constraints = [
            once("one_credit_grant_a_month", "elder", "policy", "month"),
            holds("credit_positive", amount__gt=0),
            holds("grant_pays_a_share", home_rate__lte=WHOLE, institution_rate__lte=WHOLE),
            holds("grant_is_spent", channel__in=sorted(c.value for c in SPENT)),
        ]
