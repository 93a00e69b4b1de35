"""Sending notices out of the house."""

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.crypto import decrypt
from songbai.domain.benefits.models import Notice
from songbai.domain.benefits.telling import Message, Messages

BATCH = 500


@transaction.atomic
def send_notices(actor: Actor, way: Messages) -> int:
    """Send one batch of notices that were not sent yet; returns how many are done with.

    Whoever has no phone is told by letter and at the door: nothing is sent, and it is done.
    A batch that was sent and not written down goes out again under the same keys.
    Raises NotAllowed, TryAgain.
    """
    system_only(actor)
    rows = list(
        Notice.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(sent_at=None)
        .order_by("id")
        .select_related("elder")[:BATCH]
    )
    told = [
        Message(str(row.pk), decrypt(row.elder.phone), row.text) for row in rows if row.elder.phone
    ]
    if told:
        way.send(told)
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=clock.now())
    return len(rows)
