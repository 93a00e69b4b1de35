"""What oversight has to look into."""

import pgtrigger
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, index, never, once, stays
from songbai.domain.assessments.rules.agreement import Measure

from .body import Body


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
