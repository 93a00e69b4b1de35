"""Writing a checked delivery, piece by piece; a killed run goes on where it stopped.

Each piece is one transaction: its rows are matched, kept as facts, sent back or set aside, and the
piece is marked done and emptied, all or nothing. Pieces may be written by several processes at
once and in any order; the result is the same.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import OperationalError, connection, transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.acting import Actor, on, publish, system_only
from songbai.core.crypto import encrypt
from songbai.core.hands import more_hands
from songbai.domain.feeds.actions import (
    elsewhere,
    ending,
    people,
    recording,
    sources,
    taken_back,
    turned,
)
from songbai.domain.feeds.actions.checking import locked
from songbai.domain.feeds.actions.receiving import schema_of
from songbai.domain.feeds.models import Delivery, Piece, RawPart, RefusedRow
from songbai.domain.feeds.queries import regions_inside
from songbai.domain.feeds.reading.pieces import unpacked
from songbai.domain.feeds.reading.rows import Prepared, Refusal, prepare
from songbai.domain.feeds.rules.schema import Schema
from songbai.domain.feeds.rules.states import DeliveryState, due_after
from songbai.domain.providers.actions import Registered, note_registration
from songbai.domain.providers.rules import RegistrationStatus

#: Counts of a piece, which add up to those of its delivery.
COUNTS = ("refused", "matched", "unmatched", "registered", "new", "changed", "same", "older")
#: Deadlock, serialization failure: PostgreSQL asks to try the transaction again.
_AGAIN = {"40P01", "40001"}
_TRIES = 8


def write(actor: Actor, delivery_id: int, *, processes: int = 0) -> Delivery:
    """Write all pieces of a checked delivery that are not written yet, then close it.

    ``processes``: 0 writes in this process. Any other state is left as it is. Raises NotAllowed,
    UnknownDelivery.
    """
    system_only(actor)
    open_pieces = Piece.objects.filter(
        delivery_id=delivery_id, delivery__state=DeliveryState.CHECKED, done_at=None
    ).count()
    if processes > 1 and open_pieces > 1 and not connection.in_atomic_block:
        connection.close()  # spawned processes have their own
        with more_hands(hands := min(processes, open_pieces)) as pool:
            for done in [pool.submit(_write_all, delivery_id) for _ in range(hands)]:
                done.result()
    _write_all(delivery_id)
    return _close(actor, delivery_id)


def _write_all(delivery_id: int) -> None:
    while write_next(delivery_id):
        pass


def write_next(delivery_id: int) -> bool:
    """Write one piece nobody else is at; False when there is none."""
    for tries in range(_TRIES):
        try:
            return _write_one(delivery_id)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", "")
            if state not in _AGAIN or tries == _TRIES - 1 or connection.in_atomic_block:
                raise
    return False


@transaction.atomic
def _write_one(delivery_id: int) -> bool:
    piece = (
        Piece.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("delivery__feed")
        .filter(delivery_id=delivery_id, delivery__state=DeliveryState.CHECKED, done_at=None)
        .order_by("number")
        .first()
    )
    if piece is None:
        return False
    delivery = piece.delivery
    schema = schema_of(delivery.feed.code)
    rows = prepare(
        schema,
        delivery.layout["places"],
        unpacked(piece.body),
        delivery.as_of,
        regions_inside(delivery.region_id),
        piece.against,
    )
    counts = _keep(delivery, schema, rows)
    piece.counts = dict(counts)
    piece.body = b""
    piece.done_at = clock.now()
    piece.save(update_fields=["counts", "body", "done_at"])
    return True


def _keep(delivery: Delivery, schema: Schema, rows: Prepared) -> Counter[str]:
    """Everything a piece leaves in the record, and its counts."""
    _send_back(delivery, rows.refusals)
    known = sources.recall(delivery, rows.keys, rows.contents, rows.observed)
    standing = {"repeated": "same"}
    counts = Counter(standing.get(word, word) for word in known.standing)
    counts["refused"] = len(rows.refusals)
    if schema.subject == "organisation":
        note(schema, rows, known.standing)
        counts["matched"] = len(rows)
        sources.keep(delivery, [0] * len(rows))
        return counts
    is_known = [
        person if word in {"same", "repeated"} else 0
        for word, person in zip(known.standing, known.person, strict=True)
    ]
    found = people.find(delivery, schema, rows, is_known)
    outside = elsewhere.to_send_back(delivery, schema, rows, known, found)
    _send_back(delivery, outside.values())
    met = list(found.person)
    others = turned.turned(delivery, schema, rows, known, found)
    sources.keep(delivery, found.person, anew=others.anew, unkept=others.unkept | outside.keys())
    people.set_aside(delivery, rows, found)
    recording.record(delivery, schema, rows, found.person, known.standing, others.left)
    unsaid = {met[row]: row for row in others.late} | {
        first: row for row, first in others.left.items()
    }
    taken_back.ask_about_the_entered(schema, rows, found.person, unsaid)
    counts["refused"] += len(outside)
    counts.subtract(standing.get(known.standing[row], known.standing[row]) for row in outside)
    counts["registered"] = len(found.registered)
    counts["unmatched"] = len(found.aside)
    counts["matched"] = len(rows) - len(outside) - len(found.registered) - len(found.aside)
    return counts


def _send_back(delivery: Delivery, refusals: Iterable[Refusal]) -> None:
    RefusedRow.objects.bulk_create(
        [
            RefusedRow(
                delivery=delivery,
                region_id=delivery.region_id,
                row_number=refusal.number,
                cells=encrypt(json.dumps(refusal.cells, ensure_ascii=False)),
                problems=refusal.problems,
            )
            for refusal in refusals
        ],
        batch_size=2000,
    )


@transaction.atomic
def _close(actor: Actor, delivery_id: int) -> Delivery:
    """Add up the pieces; the delivery is written once all of them are."""
    delivery = locked(delivery_id)
    if delivery.state != DeliveryState.CHECKED:
        return delivery
    pieces = list(Piece.objects.filter(delivery=delivery))
    if any(piece.done_at is None for piece in pieces):
        return delivery
    for name in COUNTS:
        setattr(delivery, name, sum(piece.counts.get(name, 0) for piece in pieces))
    schema = schema_of(delivery.feed.code)
    delivery.ended = ending.end_missing(actor, delivery, schema) if schema.complete else 0
    delivery.state = DeliveryState.WRITTEN
    delivery.written_at = clock.now()
    delivery.save(update_fields=["state", "written_at", "ended", "notes", *COUNTS])
    RawPart.objects.filter(delivery=delivery).update(body=b"")
    _note_written(delivery, schema)
    publish(
        "feeds.written",
        actor,
        **on("delivery", delivery),
        feed=schema.code,
        **{name: getattr(delivery, name) for name in ("rows", *COUNTS)},
    )
    return delivery


def _note_written(delivery: Delivery, schema: Schema) -> None:
    """What was due has come; a late delivery about the past does not put off what is due now."""
    feed = delivery.feed
    if feed.last_as_of is None or delivery.as_of > feed.last_as_of:
        feed.last_as_of = delivery.as_of
    came = delivery.last_received_at.astimezone(clock.SHANGHAI).date()
    feed.due_on = due_after(schema.due, feed.due_on, came)
    feed.late_since = None
    feed.save(update_fields=["last_as_of", "due_on", "late_since"])


def note(schema: Schema, rows: Prepared, standing: Sequence[str]) -> None:
    """Hand over what the market regulator says; what was said before is not said again."""
    if schema.code != "shichang_providers":
        raise NotImplementedError(schema.code)
    values = rows.values

    def text(name: str, row: int) -> str:
        return str(values[name][row] or "")

    def day(name: str, row: int) -> date | None:
        value = values[name][row]
        return value if isinstance(value, date) else None

    for row, word in enumerate(standing):
        if word == "repeated":
            continue
        note_registration(
            SYSTEM,
            Registered(
                uscc=text("uscc", row),
                name=text("name", row),
                region=text("region", row),
                status=RegistrationStatus(text("status", row)),
                changed_on=day("changed_on", row) or rows.observed[row].date(),
                address=text("address", row),
                legal_person=text("legal_person", row),
                phone=text("phone", row),
                established_on=day("established_on", row),
            ),
        )
