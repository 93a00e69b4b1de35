from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.crypto.fields import EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, machine, once, stays
from songbai.domain.elders.models import Elder
from songbai.domain.feeds.models import Delivery

from .rules import ENDS, TRANSITIONS, RosterState


@row_security(region="region_id")
class Roster(models.Model):
    """One uploaded register. ``region`` is the village, or the town of a file of several villages.

    ``counts`` are of rows: rows, new, changed, same, refused, doubtful. ``preview`` holds,
    encrypted, what would happen (JSON); it is made anew when the columns or the register change.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    uploaded_by = models.CharField(max_length=40)
    uploaded_at = models.DateTimeField(default=clock.now)
    file_name = models.CharField(max_length=120)
    file_bytes = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    content = EncryptedField(bulky=True, default=b"")
    state = models.CharField(
        max_length=10,
        choices=choices(RosterState),
        default=RosterState.COLUMNS,
    )
    reason = models.CharField(max_length=300, blank=True)
    notes = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    preview = EncryptedField(bulky=True, default=b"")
    previewed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=40, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["region", "-uploaded_at"]),
            models.Index(fields=["digest"]),
        ]
        constraints = [
            holds(
                "written_roster_keeps_no_file",
                ~Q(state=RosterState.WRITTEN) | Q(written_at__isnull=False, content=b""),
            ),
        ]
        triggers = [
            machine("roster_state_machine", sorted(TRANSITIONS), ENDS),
            stays("roster_is_kept"),
        ]


@row_security(region="region_id")
class RosterColumns(models.Model):
    """Which heading was which column, last time, in files of a village from one sender."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    columns = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [once("roster_columns_once", "region", "account")]


@row_security(region="region_id", person="elder_id")
class RosterNote(models.Model):
    """What a village notes about a person beside the facts, newest word, encrypted (JSON)."""

    elder = models.OneToOneField(Elder, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    notes = EncryptedField()
    observed_at = models.DateTimeField()
    roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="+", db_index=False)
