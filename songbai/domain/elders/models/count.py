"""Heads, counted."""

from django.db import models
from django.db.models import Q

from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import holds, once
from songbai.domain.elders.rules import HardshipClass, LivingSituation

from .elder import choices


@row_security(region="region_id")
class ElderCount(models.Model):
    """How many living elders of a village share age band and situation, as of ``counted_at``.

    A summary, rebuilt whole by ``actions.recount``; the register itself is the truth.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    age_band = models.PositiveSmallIntegerField()
    hardship = models.CharField(max_length=12, choices=choices(HardshipClass))
    living = models.CharField(max_length=16, choices=choices(LivingSituation))
    n = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            once("one_count_per_group", "region", "age_band", "hardship", "living"),
            holds("age_band_50_to_100", Q(age_band__gte=50) & Q(age_band__lte=100)),
        ]
