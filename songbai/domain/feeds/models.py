"""What departments deliver: deliveries with their pieces and rows, and the machine's door."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, index, machine, once, stays
from songbai.domain.feeds.rules.states import (
    ENDS,
    TRANSITIONS,
    UNMATCHED_TRANSITIONS,
    DeliveryState,
    UnmatchedState,
    UnmatchedWhy,
    Way,
)


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
            machine("delivery_state_machine", sorted(TRANSITIONS), ENDS),
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
    """A good row whose person is not known: kept encrypted until someone is found for it.

    ``taken_back``: its department says that the record says nothing any more.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="+", db_index=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="unmatched_rows")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.BinaryField(max_length=16)
    row_number = models.PositiveIntegerField()
    observed_at = models.DateTimeField()
    taken_back = models.BooleanField(default=False, db_default=False)
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
        triggers = [machine("unmatched_state_machine", UNMATCHED_TRANSITIONS)]
