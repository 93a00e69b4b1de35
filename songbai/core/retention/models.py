from django.db import models

from songbai.core import clock
from songbai.core.scope import insert_only
from songbai.core.states import forever


@insert_only
class RetentionRun(models.Model):
    """One run of one rule: how many things were forgotten. Names nobody."""

    open_to_all = True

    code = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)
    before = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["code", "-id"])]
        triggers = [forever("retention_run_stays")]
