"""Who assesses, and what oversight has to look into."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import row_security, written_by
from songbai.core.states import choices, forever, holds, index, never, once, stays
from songbai.core.texts_fields import FormedField
from songbai.domain.assessments.rules.agreement import Measure
from songbai.domain.elders.models import Elder

#: Organisations are told apart by number alone, whatever their kind. Bodies count from here, so
#: that the manager of a body never has the number of a provider.
FIRST_BODY = 1_000_000_000


@written_by(region="region_id")
class Body(models.Model):
    """A designated assessment body; the list is public. ``capacity`` is assessments a month.

    ``serves_as`` is the number of the organisation under which the same legal person gives care.
    """

    open_to_all = True

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = FormedField(form="organisation", max_length=60)
    uscc = FormedField(form="code", max_length=18, unique=True)
    phone = FormedField(form="phone", max_length=20, blank=True, default="")
    instruments = ArrayField(models.CharField(max_length=20))
    capacity = models.PositiveIntegerField()
    serves_as = models.BigIntegerField(null=True)
    designated_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region", "name"])]
        constraints = [
            holds("body_numbers_are_apart", id__gte=FIRST_BODY),
            holds("body_has_capacity", capacity__gt=0),
        ]


@row_security(region="region_id", organisation="body_id", account="account_id")
class Assessor(models.Model):
    """Somebody a body sends. ``medical``: with a medical or nursing background."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="assessors")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=20, unique=True)
    name = FormedField(form="person", max_length=40)
    medical = models.BooleanField()
    certificate = models.CharField(max_length=40)
    certificate_until = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["body", "certificate_until"])]
        constraints = [
            once(
                "an_account_assesses_for_one_body",
                "account",
                when=Q(left_on=None, account__isnull=False),
            )
        ]


@row_security(region="region_id", person="elder_id", account="account_id")
class Recusal(models.Model):
    """An assessor declared an interest in an elder: kin, neighbour, quarrel."""

    assessor = models.ForeignKey(Assessor, on_delete=models.PROTECT, related_name="recusals")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    account_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [once("recusal_once", "assessor", "elder")]
        triggers = [forever("recusal_is_forever")]


@row_security(region="region_id", organisation="body_id")
class Outlier(models.Model):
    """A measure of a body that was out of the ordinary, and what came of looking into it.

    One stays open until somebody says what was found; then it can be noticed again.
    """

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="outliers")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    instrument = models.CharField(max_length=20)
    measure = models.CharField(max_length=12, choices=choices(Measure))
    value = models.FloatField()
    usual = models.FloatField()
    noticed_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=40, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [index("outliers_open", "region", when=Q(closed_at=None))]
        constraints = [
            once("an_outlier_open_once", "body", "instrument", "measure", when=Q(closed_at=None)),
            holds("a_closed_outlier_says_what_was_found", Q(closed_at=None) | ~Q(note="")),
        ]
        triggers = [
            stays("outlier_is_kept"),
            never("outlier_is_closed_once", pgtrigger.Q(old__closed_at__isnull=False)),
        ]
