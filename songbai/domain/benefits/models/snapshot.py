from django.db import models

from songbai.core import clock
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only
from songbai.core.states import choices, forever, holds, known, once
from songbai.domain.benefits.rules.cycle import FileKind


@insert_only
class PolicyText(models.Model):
    """The very text of a policy file that was decided by, under its SHA-256."""

    open_to_all = True

    digest = models.CharField(max_length=64, primary_key=True)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    text = models.TextField()
    kept_at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = [forever("policy_text_is_forever")]


@insert_only
class Snapshot(models.Model):
    """The facts of everybody in a division for a month, as known at a moment, frozen in a file.

    ``policies`` are the digests of the policy files by code, ``without_source`` the facts they ask
    for that no source delivers (unknown for everybody). The row holds nothing about a person; the
    file does and is read by the system only. ``previous`` is what changes are told against.
    """

    open_to_all = True

    key = models.UUIDField(unique=True)
    month = models.CharField(max_length=7)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    known_at = models.DateTimeField()
    taken_at = models.DateTimeField(default=clock.now)
    policies = models.JSONField()
    without_source = models.JSONField(default=list)
    rows = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["month", "region"])]
        constraints = [holds("snapshot_month_is_one", month__regex="^\\d{4}-(0[1-9]|1[0-2])$")]
        triggers = [forever("snapshot_is_forever")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month}"


@insert_only
class SnapshotFile(models.Model):
    """One Parquet file of a snapshot, in the folder ``lake`` of the installation.

    ``layout`` says where each policy's criteria stand in the words of the criteria file.
    """

    open_to_all = True

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=choices(FileKind))
    name = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    bytes = models.BigIntegerField()
    layout = models.JSONField(default=dict)
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            once("one_file_of_a_kind", "snapshot", "kind"),
            known("kind", FileKind, "snapshot_file_kind_known"),
        ]
        triggers = [forever("snapshot_file_is_forever")]
