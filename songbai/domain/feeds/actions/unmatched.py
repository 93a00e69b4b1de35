"""Rows whose person was not known: tried again, given to somebody, or laid aside for good."""

import json

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.acting import Actor, Reach, on, publish, require, system_only
from songbai.core.crypto import decrypt
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.core.sql import rows
from songbai.domain.elders.queries import get as elder_by_id
from songbai.domain.feeds.declares import FEED_SETTLE
from songbai.domain.feeds.errors import AlreadySettled, UnknownDelivery
from songbai.domain.feeds.models import SourceRow, UnmatchedRow
from songbai.domain.feeds.reading.pieces import Block
from songbai.domain.feeds.reading.rows import Prepared, prepare, to_match
from songbai.domain.feeds.rules.schema import lay_out
from songbai.domain.feeds.rules.states import UnmatchedState, UnmatchedWhy
from songbai.domain.matching.queries.match import match_rows

from . import recording
from .receiving import schema_of
from .turned import is_another


class NoSuchElder(Refused):
    """没有这个编号的老人，或不在您能看的范围里。请在老人名册里查到编号再填。"""

    field = "elder"


@transaction.atomic
def match_again(actor: Actor) -> int:
    """Give waiting rows to people registered since, or named since by a clerk; returns how many.

    Raises NotAllowed.
    """
    system_only(actor)
    pairs = rows(
        "SELECT waiting.id, elder.id FROM feeds_unmatchedrow AS waiting"
        " JOIN elders_elder AS elder ON elder.id_number_index = waiting.id_number_index"
        " WHERE waiting.state = 'open' AND waiting.why = 'unknown' ORDER BY waiting.id"
    )
    for row_id, person_id in pairs:
        _give(actor, _locked(row_id), person_id, "")
    return len(pairs) + _decided(actor)


def _decided(actor: Actor) -> int:
    """Doubtful rows of which a clerk has said since whose they are."""
    doubtful = UnmatchedRow.objects.filter(
        state=UnmatchedState.OPEN, why=UnmatchedWhy.DOUBTFUL
    ).values_list("pk", flat=True)
    given = 0
    for row_id in list(doubtful.order_by("pk")):
        row = _locked(row_id)
        schema, rows = schema_of(row.feed.code), _prepared(row)
        found = match_rows(actor, to_match(schema, rows, [0]), source=schema.department)
        if found.elder_id[0]:
            _give(actor, row, int(found.elder_id[0]), "")
            given += 1
    return given


@transaction.atomic
def give_to(actor: Actor, row_id: int, elder_id: int, *, note: str = "") -> UnmatchedRow:
    """A clerk says whose row it is: its facts are kept as if it had been matched at once.

    Raises NotAllowed, UnknownDelivery, AlreadySettled, NotFound for an elder out of scope.
    """
    row = _locked(row_id)
    require(actor, FEED_SETTLE, Reach(row.region_id))
    _give(actor, row, elder_id, note)
    return row


@transaction.atomic
def dismiss(actor: Actor, row_id: int, *, note: str) -> UnmatchedRow:
    """A clerk says that this row concerns nobody here, and why; its cells are dropped.

    Raises NotAllowed, UnknownDelivery, AlreadySettled, ReasonMissing.
    """
    row = _locked(row_id)
    require(actor, FEED_SETTLE, Reach(row.region_id))
    reason_in(note, "请写明为什么不处理，至少 4 个字，例如“已迁往外地”。", field="note")
    _settle(actor, row, UnmatchedState.DISMISSED, None, note)
    return row


def _locked(row_id: int) -> UnmatchedRow:
    row = found_in(
        UnmatchedRow.objects.select_for_update(of=("self",))
        .select_related("feed", "delivery__feed")
        .filter(pk=row_id),
        UnknownDelivery,
    )
    if row.state != UnmatchedState.OPEN:
        raise AlreadySettled
    return row


def _give(actor: Actor, row: UnmatchedRow, person_id: int, note: str) -> None:
    rows = _prepared(row)
    delivery = row.delivery
    elder = elder_by_id(actor, person_id)
    schema = schema_of(row.feed.code)
    source = SourceRow.objects.filter(feed=row.feed, source_key=rows.keys[0])
    first = source.values_list("person_id", flat=True).first()
    if first and is_another(first, person_id):
        recording.take_back(SYSTEM, delivery, schema, rows, elder_by_id(SYSTEM, first))
    recording.record_one(actor, delivery, schema, rows, elder)
    source.update(person_id=person_id)
    _settle(actor, row, UnmatchedState.MATCHED, person_id, note)


def _prepared(row: UnmatchedRow) -> Prepared:
    """The kept cells as a block of one row; it was good when it was kept."""
    cells: dict[str, str] = json.loads(decrypt(row.cells))
    schema = schema_of(row.feed.code)
    mapping: dict[str, str] = row.delivery.layout.get("mapping", {})
    layout = lay_out(schema, tuple(cells), mapping)
    block = Block([row.row_number], {heading: [cell or None] for heading, cell in cells.items()})
    return prepare(schema, layout.places, block, row.delivery.as_of, None)


def _settle(
    actor: Actor, row: UnmatchedRow, state: UnmatchedState, person_id: int | None, note: str
) -> None:
    row.state, row.person_id, row.note = state, person_id, note.strip()[:120]
    row.settled_at, row.settled_by, row.cells = clock.now(), actor.name, b""
    row.save(update_fields=["state", "person_id", "note", "settled_at", "settled_by", "cells"])
    publish(
        f"feeds.row_{state.value}",
        actor,
        **on("unmatched_row", row),
        person_id=person_id,
        feed=row.feed.code,
    )
