from django.contrib.postgres.fields import ArrayField
from django.db import models

from songbai.core import clock
from songbai.core.scope import insert_only, row_security
from songbai.core.states import forever


@insert_only
@row_security(region="region_id", person="person_id")
class Read(models.Model):
    """One look at a person's record."""

    at = models.DateTimeField(default=clock.now)
    account_id = models.BigIntegerField(null=True)
    reader = models.CharField(max_length=40)
    role = models.CharField(max_length=12)
    person_id = models.BigIntegerField()
    region_id = models.CharField(max_length=12)
    fields = ArrayField(models.CharField(max_length=30))
    purpose = models.CharField(max_length=60)
    where = models.CharField(max_length=120)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "-id"]),
            models.Index(fields=["region_id", "-id"]),
            models.Index(fields=["at"]),
            models.Index(fields=["account_id", "-id"]),
        ]
        triggers = [forever("read_is_forever")]
