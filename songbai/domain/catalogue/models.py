from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from songbai.core.states import choices, holds, once
from songbai.domain.providers.models import Provider
from songbai.domain.providers.rules import VehicleKind


class ServiceItem(models.Model):
    """One service with its standard: steps, minutes, skills, guide price in fen.

    ``goes_out``: the elder is taken to a destination, which each order names; ``returns``: and is
    brought home again, where the visit then ends.
    ``vehicle`` is what it cannot be done without ("": nothing), ``load`` what one time uses of it.
    """

    open_to_all = True

    code = models.CharField(max_length=12, primary_key=True)
    kind = models.CharField(max_length=20)
    group = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    plain = models.CharField(max_length=40)
    summary = models.CharField(max_length=120)
    at_home = models.BooleanField()
    minutes = models.PositiveIntegerField()
    caregivers = models.PositiveSmallIntegerField(default=1, db_default=1)
    goes_out = models.BooleanField(default=False, db_default=False)
    returns = models.BooleanField(default=True, db_default=True)
    vehicle = models.CharField(
        max_length=12,
        choices=choices(VehicleKind),
        blank=True,
        default="",
        db_default="",
    )
    load = models.PositiveSmallIntegerField(default=0, db_default=0)
    unit = models.CharField(max_length=8)
    guide_price = models.BigIntegerField()
    skills = ArrayField(models.CharField(max_length=12), default=list)
    steps = models.JSONField(default=list)
    national_ltci_code = models.CharField(max_length=20, blank=True, default="")
    verified = models.BooleanField(default=False)

    class Meta:
        indexes = [
            GinIndex(OpClass("name", "gin_trgm_ops"), name="item_name_trgm"),
            models.Index(fields=["kind", "code"]),
        ]
        constraints = [
            holds("item_stays_out_only_when_it_goes_out", Q(goes_out=True) | Q(returns=True)),
            holds(
                "item_uses_a_load_of_its_vehicle",
                Q(vehicle="", load=0) | ~Q(vehicle="") & Q(load__gte=1),
            ),
        ]


class Offer(models.Model):
    """An item at a price by a provider. Prices change by a new offer; orders keep the old one."""

    open_to_all = True

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="offers")
    item = models.ForeignKey(ServiceItem, on_delete=models.PROTECT, related_name="offers")
    price = models.BigIntegerField()
    areas = ArrayField(models.CharField(max_length=12))
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            once("one_active_offer_per_item", "provider", "item", when=Q(active=True)),
            holds("offer_price_not_negative", price__gte=0),
        ]
