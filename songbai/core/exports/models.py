from django.db import models

from songbai.core import clock
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, forever

from .rules import ExportFormat


@insert_only
@row_security(region="region_id", account="account_id")
class Export(models.Model):
    """One copy of a list that somebody took out. ``secret`` draws the order of its rows."""

    at = models.DateTimeField(default=clock.now)
    account_id = models.BigIntegerField(null=True)
    recipient = models.CharField(max_length=40)
    role = models.CharField(max_length=12)
    region_id = models.CharField(max_length=12)
    what = models.CharField(max_length=40)
    purpose = models.CharField(max_length=60)
    filters = models.CharField(max_length=200, blank=True)
    fields = models.CharField(max_length=200)
    rows = models.PositiveIntegerField()
    format = models.CharField(max_length=4, choices=choices(ExportFormat))
    secret = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["region_id", "-id"]), models.Index(fields=["at"])]
        triggers = [forever("export_is_forever")]
