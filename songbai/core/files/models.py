import uuid

from django.db import models

from songbai.core import clock
from songbai.core.crypto.fields import EncryptedField
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, forever

from .rules import FileKind


@row_security(
    region="region_id", person="person_id", organisation="organisation_id", account="account_id"
)
@insert_only
class StoredFile(models.Model):
    """A file that was handed in. ``digest`` is SHA-256 of the plain content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    region_id = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=choices(FileKind))
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    purpose = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)
    content = EncryptedField(bulky=True)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "-at"]),
            models.Index(fields=["purpose", "at"]),
        ]
        triggers = [forever("file_is_fixed")]
