from django.db import models

from songbai.core import clock
from songbai.core.scope import insert_only, row_security
from songbai.core.states import forever


@insert_only
@row_security(region="region_id", person="person_id", organisation="organisation_id")
class Event(models.Model):
    """One thing that somebody did."""

    at = models.DateTimeField(default=clock.now)
    kind = models.CharField(max_length=40)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    region_id = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"]),
            models.Index(fields=["person_id", "id"]),
            models.Index(fields=["-at"]),
        ]
        triggers = [forever("event_is_forever")]
