"""What did not come, what was not finished, and files past their time."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, system_only
from songbai.domain.feeds.models import Delivery, Feed, Piece, RawPart, RefusedRow
from songbai.domain.feeds.rules.schema import schemas
from songbai.domain.feeds.rules.states import DeliveryState, is_late

#: A delivery nobody worked on for so long is taken up again.
ABANDONED = timedelta(minutes=15)
#: A refused file is kept so long, for the sender's questions; a written one not at all.
KEPT_DAYS = 30
#: Rows that went back are kept so long for their sender; the counts of the delivery stay.
ROWS_KEPT_DAYS = 180


@transaction.atomic
def note_late(actor: Actor) -> int:
    """One event for each feed that is late, once for each due day; returns how many new ones.

    Two runs at once do not wait for each other and say nothing twice. Raises NotAllowed.
    """
    system_only(actor)
    today = clock.today()
    due = Feed.objects.select_for_update(skip_locked=True).filter(
        active=True, late_since=None, due_on__lt=today
    )
    late = [
        feed
        for feed in due
        if feed.code in schemas() and is_late(schemas()[feed.code].due, feed.due_on, today)
    ]
    for feed in late:
        feed.late_since = today
        feed.save(update_fields=["late_since"])
        publish("feeds.late", actor, **on("feed", feed), feed=feed.code, due_on=str(feed.due_on))
    return len(late)


def open_deliveries(actor: Actor) -> list[Delivery]:
    """Deliveries that are neither written nor refused, oldest first. Raises NotAllowed."""
    system_only(actor)
    open_states = (DeliveryState.RECEIVED, DeliveryState.CHECKED)
    return list(Delivery.objects.filter(state__in=open_states).order_by("id"))


def unfinished(actor: Actor) -> list[Delivery]:
    """Open deliveries that came a while ago: nobody is at them any more. Raises NotAllowed."""
    before = clock.now() - ABANDONED
    return [one for one in open_deliveries(actor) if one.last_received_at < before]


@transaction.atomic
def discard_files(actor: Actor) -> int:
    """Drop the encrypted files of written deliveries, of refused ones after thirty days, and rows
    that went back after half a year.

    Returns how many parts and rows went. Raises NotAllowed.
    """
    system_only(actor)
    now = clock.now()
    before = now - timedelta(days=KEPT_DAYS)
    over = Q(delivery__state=DeliveryState.WRITTEN) | Q(
        delivery__state=DeliveryState.REFUSED, delivery__last_received_at__lt=before
    )
    gone = RawPart.objects.filter(over).delete()[0] + Piece.objects.filter(over).delete()[0]
    old = RefusedRow.objects.filter(
        delivery__last_received_at__lt=now - timedelta(days=ROWS_KEPT_DAYS)
    )
    return gone + old.delete()[0]
