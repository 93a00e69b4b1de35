from datetime import datetime, timedelta

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, index, machine, once, stays
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from songbai.domain.providers.models import Provider, StaffMember

from .rules import (
    ASSIGNMENT_ENDS,
    ASSIGNMENT_TRANSITIONS,
    LATE_MINUTES,
    PLAN_ENDS,
    PLAN_TRANSITIONS,
    AssignmentState,
    PlanState,
    WishKind,
)

#: Whom a standing wish does not let come is sent for a reason only, whoever sends.
AGAINST_A_WISH = """
IF EXISTS (
  SELECT FROM dispatch_wish w JOIN providers_staffmember s ON s.id = NEW.staff_id
  WHERE w.elder_id = NEW.elder_id AND w.ended_at IS NULL AND (
    w.kind = 'refuses' AND w.staff_id = NEW.staff_id
    OR w.kind = 'woman' AND s.sex <> 'f' OR w.kind = 'man' AND s.sex <> 'm')
) THEN
  RAISE EXCEPTION 'sent against a wish of the elder without a reason' USING ERRCODE = '23514';
END IF;
RETURN NEW;
"""


@row_security(
    region="region_id",
    person="elder_id",
    organisation="provider_id",
    account="account_id",
    proxy_only=True,
)
class Assignment(models.Model):
    """One caregiver for one order at one time, with the reason for the choice.

    ``seat`` 2 is the second caregiver of an order that needs two. ``expected_at`` is when she is
    thought to come, once that is later than what was told.
    """

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
    seat = models.PositiveSmallIntegerField(default=1, db_default=1)
    staff_name = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    during = DateTimeRangeField()
    state = models.CharField(
        max_length=10,
        choices=choices(AssignmentState),
        default=AssignmentState.ACTIVE,
    )
    travel_minutes = models.PositiveIntegerField(default=0)
    metres = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=120)
    others = models.JSONField(default=list)
    override_reason = models.CharField(max_length=120, blank=True, default="")
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(default=clock.now)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expected_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["staff", "starts_at"]),
            models.Index(fields=["region", "starts_at"]),
            models.Index(fields=["account", "starts_at"]),
            models.Index(fields=["elder", "starts_at"]),
        ]
        constraints = [
            once("one_active_assignment_per_seat", "order", "seat", when=Q(state="active")),
            ExclusionConstraint(
                name="assignments_do_not_overlap",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(state="active"),
            ),
        ]
        triggers = [
            machine("assignment_state_machine", ASSIGNMENT_TRANSITIONS, ASSIGNMENT_ENDS),
            stays("assignment_is_kept"),
            pgtrigger.Trigger(
                name="assignment_keeps_to_wishes",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__state="active", new__override_reason=""),
                func=AGAINST_A_WISH,
            ),
        ]


@row_security(region="region_id", person="elder_id")
class Wish(models.Model):
    """What an elder asks of whoever comes: a man or a woman, somebody, or not somebody."""

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="wishes")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=choices(WishKind))
    staff = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="+")
    staff_name = models.CharField(max_length=40, blank=True, default="")
    said_by = models.CharField(max_length=40)
    said_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "wishes"
        indexes = [index("wishes", "elder", when=Q(ended_at=None))]
        constraints = [
            holds(
                "wish_names_somebody_or_a_sex",
                Q(kind__in=["prefers", "refuses"], staff__isnull=False)
                | Q(kind__in=["woman", "man"], staff__isnull=True),
            ),
        ]
        triggers = [stays("wish_is_kept")]

    @property
    def words(self) -> str:
        """不要陈樟; 只要女护理员."""
        return f"{WishKind(self.kind).words}{self.staff_name}"


@row_security(region="region_id", account="account_id")
class Position(models.Model):
    """Whether a caregiver lets the desk see where she is at work, and where that was last.

    One row each, changed in place: where she was before is not kept. ``at`` is the phone's time,
    ``received_at`` ours, ``accuracy`` in metres.
    """

    staff = models.OneToOneField(StaffMember, on_delete=models.PROTECT, related_name="position")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    shared = models.BooleanField()
    decided_at = models.DateTimeField()
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    accuracy = models.FloatField(null=True)
    at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            holds(
                "position_whole_and_shared_or_none",
                Q(longitude=None, latitude=None, accuracy=None, at=None, received_at=None)
                | Q(
                    shared=True,
                    longitude__range=(-180, 180),
                    latitude__range=(-90, 90),
                    accuracy__isnull=False,
                    at__isnull=False,
                    received_at__isnull=False,
                ),
            ),
        ]

    @property
    def seen_at(self) -> datetime | None:
        """When she was there; a phone whose clock is ahead is not believed."""
        if self.at is None or self.received_at is None:
            return None
        return min(self.at, self.received_at)


@row_security(region="region_id")
class DayPlan(models.Model):
    """One way to plan a day: a draft for dispatchers until it is published and everybody is told.

    ``basis`` holds by provider the digest of who was sent and who worked when it was made; a plan
    whose basis has changed cannot be published. ``parent`` is the plan it was made from.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    state = models.CharField(max_length=10, choices=choices(PlanState), default=PlanState.DRAFT)
    cause = models.CharField(max_length=80)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    seed = models.PositiveIntegerField(default=1)
    whole = models.BooleanField(default=True)
    cost = models.FloatField()
    figures = models.JSONField()
    basis = models.JSONField()
    made_by_id = models.BigIntegerField(null=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=clock.now)
    published_by = models.CharField(max_length=40, blank=True, default="")
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region", "day", "-made_at"])]
        constraints = [
            holds(
                "plan_published_once",
                Q(state="published", published_at__isnull=False)
                | ~Q(state="published") & Q(published_at__isnull=True),
            ),
        ]
        triggers = [
            machine("plan_state_machine", sorted(PLAN_TRANSITIONS), PLAN_ENDS),
            stays("plan_is_kept"),
        ]


@row_security(region="region_id")
class PlanLine(models.Model):
    """What a plan does with one caregiver's part of an order; ``staff`` None: nobody goes.

    ``before`` is the assignment that stood. ``pinned``: who goes is decided; ``fixed``: when, too.
    ``override_reason``: why somebody goes although the elder is away or somebody else is there.
    """

    plan = models.ForeignKey(DayPlan, on_delete=models.PROTECT, related_name="lines")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    seat = models.PositiveSmallIntegerField(default=1)
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    staff = models.ForeignKey(
        StaffMember, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    staff_name = models.CharField(max_length=40, blank=True, default="")
    starts_at = models.DateTimeField(null=True)
    minutes = models.PositiveIntegerField()
    travel_minutes = models.PositiveIntegerField(default=0)
    metres = models.PositiveIntegerField(default=0)
    familiar = models.BooleanField(null=True)
    reason = models.CharField(max_length=120, blank=True, default="")
    why = models.JSONField(default=dict)
    before = models.ForeignKey(
        Assignment, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    changed = models.BooleanField()
    override_reason = models.CharField(max_length=120, blank=True, default="", db_default="")
    pinned = models.BooleanField(default=False)
    fixed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            once("one_line_per_seat_of_a_plan", "plan", "order", "seat"),
            holds(
                "line_says_who_and_when",
                Q(staff__isnull=True, starts_at__isnull=True)
                | Q(staff__isnull=False, starts_at__isnull=False),
            ),
            holds("line_fixed_is_pinned", Q(pinned=True) | Q(fixed=False)),
        ]
        triggers = [stays("line_is_kept")]

    @property
    def leaves_alone(self) -> bool:
        """Whether somebody was announced and now nobody goes."""
        return self.staff_id is None and self.before_id is not None

    @property
    def breaks_word(self) -> bool:
        """Whether what was announced is left alone, or put off beyond the time asked for."""
        if self.before is None or self.starts_at is None:
            return self.leaves_alone
        latest = self.order.window_end + timedelta(minutes=LATE_MINUTES)
        return self.before.starts_at <= latest < self.starts_at
