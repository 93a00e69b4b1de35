import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, index, known, machine, once, stays
from songbai.domain.catalogue.models import Offer, ServiceItem
from songbai.domain.elders.models import Elder
from songbai.domain.providers.models import MedicalPlace, Provider
from songbai.domain.providers.rules import VehicleKind

from .rules import ENDS, TRANSITIONS, OrderState


@row_security(region="region_id", person="elder_id", organisation="provider_id")
class Order(models.Model):
    """A service ordered for an elder, to begin between ``window_start`` and ``window_end``.

    ``destination`` is where the elder is taken; without ``returns`` the visit ends there. Only
    whose shift has ``vehicle`` ("": none is needed) can go; ``load`` is what is used of it.
    """

    number = models.CharField(max_length=16, unique=True, null=True)  # noqa: DJ001
    idempotency_key = models.UUIDField(unique=True, default=uuid.uuid4)
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="orders")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="orders")
    placed_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10)
    state = models.CharField(
        max_length=12,
        choices=choices(OrderState),
        default=OrderState.ACCEPTED,
    )
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    skills = ArrayField(models.CharField(max_length=12), default=list)
    caregivers = models.PositiveSmallIntegerField(default=1, db_default=1)
    destination = models.ForeignKey(
        MedicalPlace, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    returns = models.BooleanField(default=True, db_default=True)
    vehicle = models.CharField(
        max_length=12,
        choices=choices(VehicleKind),
        blank=True,
        default="",
        db_default="",
    )
    load = models.PositiveSmallIntegerField(default=0, db_default=0)
    month = models.CharField(max_length=7)
    total = models.BigIntegerField()
    note = models.CharField(max_length=300, blank=True, default="")
    placed_at = models.DateTimeField(default=clock.now)
    confirm_due = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmations = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    stars = models.PositiveSmallIntegerField(null=True)
    comment = models.CharField(max_length=300, blank=True, default="")
    cancel_reason = models.CharField(max_length=120, blank=True, default="")
    #: The visit left doubts at which nobody has looked: its money does not move on.
    held = models.BooleanField(default=False, db_default=False)
    #: Who said after a look that the care was given: pays no order that rests on that word.
    looked_by = models.ForeignKey(
        Account, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["region", "window_start"]),
            models.Index(fields=["provider", "-window_start"]),
            models.Index(fields=["provider", "month"]),
            models.Index(fields=["elder", "-window_start"]),
            models.Index(fields=["month", "region"]),
            models.Index(fields=["-window_start"]),
            index(
                "orders_in_progress",
                "region",
                "window_start",
                when=Q(state__in=["accepted", "assigned", "in_service"]),
            ),
            index("orders_to_confirm_due", "confirm_due", when=Q(state="to_confirm")),
            index("orders_without_caregiver", "region", "window_start", when=Q(state="accepted")),
            index("orders_held", "region", "window_start", when=Q(held=True)),
        ]
        constraints = [
            known("state", OrderState, "order_state_known"),
            holds("order_window_forwards", window_end__gt=F("window_start")),
            holds("order_total_not_negative", total__gte=0),
            holds("order_one_or_two_caregivers", caregivers__range=(1, 2)),
            holds(
                "order_ends_at_home_or_a_destination",
                Q(returns=True) | Q(destination__isnull=False),
            ),
            holds(
                "order_held_is_not_paid",
                Q(held=False) | Q(state__in=[OrderState.TO_CONFIRM, OrderState.DONE]),
            ),
            holds("order_stars_1_to_5", Q(stars__isnull=True) | Q(stars__range=(1, 5))),
        ]
        triggers = [
            machine("order_state_machine", sorted(TRANSITIONS), ENDS),
            stays("order_is_kept"),
        ]

    @property
    def standing(self) -> str:
        """Its word of the status vocabulary: what nobody has looked at is not done yet."""
        return "held" if self.held and self.state == OrderState.DONE else self.state


@row_security(region="region_id", person="elder_id", organisation="provider_id")
class OrderLine(models.Model):
    """One item of an order at the price of that day, in fen."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(
        ServiceItem, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    minutes = models.PositiveIntegerField()
    price = models.BigIntegerField()


@row_security(region="region_id", person="elder_id", organisation="provider_id")
class PayerShare(models.Model):
    """What one payer pays of an order, in fen."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shares")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    payer = models.CharField(max_length=20)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            once("one_share_per_payer", "order", "payer"),
            holds("share_positive", amount__gt=0),
        ]
