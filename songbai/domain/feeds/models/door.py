from django.contrib.postgres.fields import ArrayField
from django.db import models

from songbai.core import clock
from songbai.core.crypto.fields import EncryptedField
from songbai.core.states import once


class FeedKey(models.Model):
    """A department's key to the machine's door: for which feeds, for which division."""

    open_to_all = True

    class Algorithm(models.TextChoices):
        """How the department signs."""

        HMAC_SM3 = "hmac-sm3"
        ED25519 = "ed25519"

    key_id = models.CharField(max_length=24, unique=True)
    department = models.CharField(max_length=12)
    scope = models.CharField(max_length=12)
    feeds = ArrayField(models.CharField(max_length=30))
    algorithm = models.CharField(max_length=10, choices=Algorithm.choices)
    secret = EncryptedField()
    issued_at = models.DateTimeField(default=clock.now)
    issued_by = models.CharField(max_length=40)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=40, blank=True)
    #: To the minute: a department that pushes all day does not write this row all day.
    last_used_at = models.DateTimeField(null=True)


class Nonce(models.Model):
    """A number used once: a signed request that is played again finds its nonce here."""

    open_to_all = True

    key = models.ForeignKey(FeedKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    value = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [once("nonce_once", "key", "value")]
