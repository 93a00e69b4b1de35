from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.crypto.fields import EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, machine, once, stays
from songbai.domain.feeds.rules.states import TRANSITIONS, DeliveryState, Way


@row_security(region="region_id")
class Feed(models.Model):
    """What one department owes one division: when something came last, and when the next is due."""

    code = models.CharField(max_length=30)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.CharField(max_length=12)
    active = models.BooleanField(default=True)
    due_on = models.DateField(db_index=True)
    late_since = models.DateField(null=True)
    last_received_at = models.DateTimeField(null=True)
    last_as_of = models.DateTimeField(null=True)

    class Meta:
        constraints = [once("one_feed_per_division", "code", "region")]


@row_security(region="region_id")
class Delivery(models.Model):
    """One file or push. Counts are of rows; ``as_of`` is the moment the sender speaks of.

    ``rows`` = ``refused`` + ``matched`` + ``unmatched`` + ``registered`` once written; ``new``,
    ``changed``, ``same`` and ``older`` split all but the refused by what was known before.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="deliveries")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=32)
    sender_key = models.CharField(max_length=80, null=True)  # noqa: DJ001  # unique when given
    way = models.CharField(max_length=8, choices=choices(Way))
    sender = models.CharField(max_length=40)
    file_name = models.CharField(max_length=120)
    file_bytes = models.BigIntegerField()
    as_of = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    last_received_at = models.DateTimeField(default=clock.now)
    times_received = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=10,
        choices=choices(DeliveryState),
        default=DeliveryState.RECEIVED,
    )
    reason = models.CharField(max_length=300, blank=True)
    layout = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    older = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    unmatched = models.PositiveIntegerField(default=0)
    registered = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["feed", "-received_at"]),
            models.Index(fields=["region", "-received_at"]),
        ]
        constraints = [
            once("delivery_once", "feed", "digest", "as_of"),
            once("sender_key_once", "feed", "sender_key"),
            holds(
                "delivery_counts_add_up",
                ~Q(state=DeliveryState.WRITTEN)
                | Q(rows=F("refused") + F("matched") + F("unmatched") + F("registered")),
            ),
        ]
        triggers = [
            machine("delivery_state_machine", sorted(TRANSITIONS)),
            stays("delivery_is_kept"),
        ]


@row_security(region="region_id")
class RawPart(models.Model):
    """Some megabytes of the file as it came, encrypted; emptied when the delivery is done with."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="raw_parts")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    body = EncryptedField(bulky=True)

    class Meta:
        constraints = [once("raw_part_once", "delivery", "number")]


@row_security(region="region_id")
class Piece(models.Model):
    """Some rows of a delivery as they came, encrypted; emptied once they are written.

    A killed run goes on with the first piece that is not done: a piece is done in the transaction
    that writes its rows. ``against``: by row, where other rows of the delivery contradict it.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="pieces")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    body = EncryptedField(bulky=True)
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    against = models.JSONField(default=dict)

    class Meta:
        constraints = [
            once("piece_once", "delivery", "number"),
            holds("done_piece_is_empty", Q(done_at__isnull=True) | Q(body=b"")),
        ]


@row_security(region="region_id")
class RefusedRow(models.Model):
    """A row that goes back: its cells encrypted, ``problems`` as ``[{column, title, reason}]``.

    The reason never quotes a personal cell.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="refused_rows")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    row_number = models.PositiveIntegerField()
    cells = EncryptedField()
    problems = models.JSONField()

    class Meta:
        constraints = [once("refused_row_once", "delivery", "row_number")]
