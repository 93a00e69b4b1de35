"""Complete lists: who is not in one is over, unless the list looks cut short."""

from django.db.models import QuerySet

from songbai.core.acting import Actor, on, publish
from songbai.domain.elders.actions.facts import deliver_list
from songbai.domain.feeds.models import Delivery, SourceRow
from songbai.domain.feeds.rules.schema import Schema

#: A list that misses more than this share of those who were on the last one waits for a look.
MOST_MISSING, FEW = 0.2, 20


def missing(delivery: Delivery) -> QuerySet[SourceRow]:
    """Records of the feed that stood in an earlier list and not in this one."""
    return SourceRow.objects.filter(
        feed_id=delivery.feed_id, person_id__isnull=False, seen_as_of__lt=delivery.as_of
    )


def doubt_of(delivery: Delivery) -> str:
    """Why nobody may be ended by this list, in words; "" when there is no reason.

    A row that went back may be of somebody who is still on the list; and a list that misses many of
    those who were on the last one is more likely broken than true.
    """
    if delivery.refused:
        return f"有 {delivery.refused} 行退回，没有自动退出。改好以后按完整名单再送一次。"
    if _looks_cut_short(delivery):
        return "名单比上次少了两成以上，像是没送全，没有自动退出。核对后按完整名单再送一次。"
    return ""


def _looks_cut_short(delivery: Delivery) -> bool:
    gone = missing(delivery).count()
    stayed = SourceRow.objects.filter(
        feed_id=delivery.feed_id, seen_as_of__gte=delivery.as_of
    ).count()
    return gone > max(FEW, MOST_MISSING * (gone + stayed))


def end_missing(actor: Actor, delivery: Delivery, schema: Schema) -> int:
    """Let the register know that the list was complete; returns how many records it ends.

    Their source rows are dropped: who comes back is new. When there is a doubt nobody is ended, and
    the delivery's notes say why.
    """
    why = doubt_of(delivery)
    if why:
        _hold(actor, delivery, schema, why)
        return 0
    for kind in schema.complete:
        deliver_list(
            actor,
            kind,
            schema.department,
            delivery.region_id,
            delivery.as_of,
            rows=delivery.rows,
            batch=delivery.pk,
        )
    return missing(delivery).delete()[0]


def _hold(actor: Actor, delivery: Delivery, schema: Schema, why: str) -> None:
    """Say that the rows of a list were kept but nobody was ended by it."""
    delivery.notes = [*delivery.notes, why]
    publish(
        "feeds.list_held",
        actor,
        **on("delivery", delivery),
        feed=schema.code,
        missing=missing(delivery).count(),
    )
