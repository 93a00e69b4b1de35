"""Reading what came: a table with the right headings becomes pieces, anything else is refused."""

from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, system_only
from songbai.core.found import found_in
from songbai.core.sheets.refusals import SheetRefused
from songbai.domain.feeds.errors import ColumnsMissing, UnknownDelivery
from songbai.domain.feeds.models import Delivery, Piece, RawPart
from songbai.domain.feeds.queries import regions_inside
from songbai.domain.feeds.reading.comparing import Comparison
from songbai.domain.feeds.reading.pieces import open_file, packed, reassembled, unpacked
from songbai.domain.feeds.rules.states import DeliveryState

from .receiving import schema_of


@transaction.atomic
def check(actor: Actor, delivery_id: int) -> Delivery:
    """Read the headings and cut the rows into pieces: received becomes checked, or refused.

    A delivery that is further already stays as it is. Raises NotAllowed, UnknownDelivery.
    """
    system_only(actor)
    delivery = locked(delivery_id)
    if delivery.state != DeliveryState.RECEIVED:
        return delivery
    try:
        with transaction.atomic():
            _cut(delivery)
    except (SheetRefused, ColumnsMissing) as error:
        return _refuse(actor, delivery, error.message)
    delivery.state = DeliveryState.CHECKED
    delivery.checked_at = clock.now()
    delivery.save(update_fields=["state", "checked_at", "rows", "layout", "notes"])
    return delivery


def locked(delivery_id: int) -> Delivery:
    """The delivery, kept from others until the end of the transaction. Raises UnknownDelivery."""
    return found_in(
        Delivery.objects.select_for_update(of=("self",))
        .select_related("feed")
        .filter(pk=delivery_id),
        UnknownDelivery,
    )


def _cut(delivery: Delivery) -> None:
    """Write the pieces. Raises SheetRefused, ColumnsMissing."""
    schema = schema_of(delivery.feed.code)
    mapping: dict[str, str] = delivery.layout.get("mapping", {})
    parts = RawPart.objects.filter(delivery=delivery).order_by("number")
    with reassembled(parts.values_list("body", flat=True).iterator(1)) as stream:
        table, layout = open_file(stream, schema, mapping)
        if layout.missing:
            raise ColumnsMissing(f"缺少必填列：{'、'.join(layout.missing)}。请补上后再交一次。")
        delivery.layout = {"mapping": mapping, **layout.model_dump(mode="json")}
        delivery.notes = notes_of(table.sheet.notes, layout.extra)
        comparison = Comparison(schema, layout, regions_inside(delivery.region_id))
        for number, (part, body) in enumerate(packed(table)):
            comparison.note(part)
            rows = len(part.numbers) + len(part.misfits)
            delivery.rows += rows
            Piece.objects.create(
                delivery=delivery,
                region_id=delivery.region_id,
                number=number,
                rows=rows,
                body=body,
            )
    _compare(delivery, comparison)


def _compare(delivery: Delivery, comparison: Comparison) -> None:
    """Mark rows that contradict each other, whichever pieces they are in."""
    shared = comparison.shared()
    if not shared:
        return
    pieces = Piece.objects.filter(delivery=delivery).order_by("number")
    bodies = pieces.values_list("body", flat=True)
    against = comparison.against(map(unpacked, bodies.iterator(1)), shared)
    for piece in pieces.iterator(1) if against else ():
        inside = set(unpacked(piece.body).numbers)
        piece.against = {str(row): said for row, said in against.items() if row in inside}
        piece.save(update_fields=["against"])


def notes_of(found: tuple[str, ...], extra: tuple[str, ...]) -> list[str]:
    """What the sender should know about how the file was read."""
    notes: list[Any] = list(found)
    if extra:
        notes.append(f"没有用到的列：{'、'.join(extra[:12])}")
    return notes


def _refuse(actor: Actor, delivery: Delivery, reason: str) -> Delivery:
    delivery.state = DeliveryState.REFUSED
    delivery.reason = reason[:300]
    delivery.rows = 0
    delivery.save(update_fields=["state", "reason", "rows"])
    publish(
        "feeds.refused",
        actor,
        **on("delivery", delivery),
        feed=delivery.feed.code,
        reason=delivery.reason,
    )
    return delivery
