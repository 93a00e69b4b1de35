"""Many deliveries at once, as they stand when they are written and forgotten: only counts."""

from collections.abc import Sequence
from datetime import date

from songbai.domain.feeds.models import Delivery, Feed


def load(feed: Feed, rows: Sequence[Delivery], due_on: date) -> None:
    """Keep past deliveries of a feed, oldest first; the next is due on a day."""
    Delivery.objects.bulk_create(rows)
    feed.last_received_at, feed.last_as_of = rows[-1].received_at, rows[-1].as_of
    feed.due_on = due_on
    feed.save(update_fields=["last_received_at", "last_as_of", "due_on"])
