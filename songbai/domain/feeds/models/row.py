from django.db import models
from django.db.models import Q

from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, index, once
from songbai.domain.feeds.rules.states import UnmatchedState, UnmatchedWhy

from .delivery import Delivery, Feed


@row_security(region="region_id")
class SourceRow(models.Model):
    """The newest state of one record of a department, known by its keyed source id.

    ``content`` is a keyed digest of what it said: the same again is no news, older is late.
    ``seen_as_of`` is the moment of the newest delivery it stood in.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.BinaryField(max_length=16)
    region_id = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    content = models.BinaryField(max_length=16)
    observed_at = models.DateTimeField()
    seen_as_of = models.DateTimeField()

    class Meta:
        constraints = [once("source_row_once", "feed", "source_key")]


@row_security(region="region_id")
class UnmatchedRow(models.Model):
    """A good row whose person is not known: kept encrypted until someone is found for it."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="+", db_index=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="unmatched_rows")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.BinaryField(max_length=16)
    row_number = models.PositiveIntegerField()
    observed_at = models.DateTimeField()
    id_number_index = BlindIndexField()
    name = models.CharField(max_length=40)
    cells = EncryptedField()
    why = models.CharField(max_length=12, choices=choices(UnmatchedWhy))
    state = models.CharField(
        max_length=10,
        choices=choices(UnmatchedState),
        default=UnmatchedState.OPEN,
    )
    person_id = models.BigIntegerField(null=True)
    since = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            index("unmatched_open", "region", "-since", when=Q(state="open")),
            index("unmatched_id", "id_number_index", when=Q(state="open")),
        ]
        constraints = [
            once("unmatched_once", "feed", "source_key"),
            holds(
                "matched_row_has_a_person",
                ~Q(state=UnmatchedState.MATCHED) | Q(person_id__isnull=False),
            ),
        ]
