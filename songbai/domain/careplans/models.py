import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, known, machine, once, stays
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.rules.needs import Frequency
from songbai.domain.catalogue.models import Offer, ServiceItem
from songbai.domain.elders.models import Elder

from .rules import MOST, TRANSITIONS, PlanState


@row_security(region="region_id", person="elder_id", proxy_only=True)
class CarePlan(models.Model):
    """What an elder needs again and again. ``version`` counts the changes of a draft.

    ``revises`` is the agreed plan a later draft was made from; it stays in force until the draft is
    agreed. ``verified`` is false where the suggestions were not compared with an official text.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    number = models.CharField(max_length=16, unique=True, null=True)  # noqa: DJ001
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="care_plans")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    revises = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8,
        choices=choices(PlanState),
        default=PlanState.DRAFT,
    )
    version = models.PositiveIntegerField(default=1)
    verified = models.BooleanField(default=False)
    drafted_at = models.DateTimeField(default=clock.now)
    agreed_at = models.DateTimeField(null=True)
    agreed_by_id = models.BigIntegerField(null=True)
    agreed_by = models.CharField(max_length=40, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["elder", "-id"]),
            models.Index(fields=["region", "state", "drafted_at"]),
        ]
        constraints = [
            known("state", PlanState, "care_plan_state_known"),
            once("one_first_plan_per_assessment", "assessment", when=Q(revises__isnull=True)),
            once("one_draft_plan_each", "elder", when=Q(state="draft")),
            once("one_agreed_plan_each", "elder", when=Q(state="agreed")),
            holds("agreed_plan_says_when", ~Q(state="agreed") | Q(agreed_at__isnull=False)),
        ]
        triggers = [
            machine("care_plan_state_machine", sorted(TRANSITIONS)),
            stays("care_plan_is_kept"),
        ]


#: A line is changed while its plan is a draft, and never after.
_ONLY_IN_DRAFTS = """
IF (SELECT state FROM careplans_careplan WHERE id = NEW.plan_id) <> 'draft' THEN
  RAISE EXCEPTION 'an agreed plan is not changed';
END IF;
RETURN NEW;
"""


@row_security(region="region_id", person="elder_id", proxy_only=True)
class CarePlanLine(models.Model):
    """One service of a plan: how often, why, from whom.

    ``suggested_*`` is what the assessment suggested (empty for what a person added); ``kept`` is
    false for what the family does not want. Without an offer nobody gives it in the village.
    """

    plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, related_name="lines")
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(ServiceItem, on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, null=True, on_delete=models.PROTECT, related_name="+")
    times = models.PositiveSmallIntegerField()
    per = models.CharField(max_length=5, choices=[(per, per) for per in MOST])
    suggested_times = models.PositiveSmallIntegerField(null=True)
    suggested_per = models.CharField(max_length=5, blank=True, default="")
    minutes = models.PositiveIntegerField()
    because = ArrayField(models.CharField(max_length=80), default=list)
    kept = models.BooleanField(default=True)

    class Meta:
        constraints = [
            once("an_item_once_in_a_plan", "plan", "item"),
            holds("line_times_possible", times__gte=1, times__lte=31),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="lines_change_in_drafts_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_ONLY_IN_DRAFTS,
            ),
            stays("care_plan_line_is_kept"),
        ]

    @property
    def frequency(self) -> Frequency:
        """How often it is done."""
        return Frequency.model_validate({"times": self.times, "per": self.per})

    @property
    def suggested(self) -> Frequency | None:
        """How often the assessment suggested; None for what a person added."""
        if self.suggested_times is None:
            return None
        return Frequency.model_validate({"times": self.suggested_times, "per": self.suggested_per})
