"""What writing a register would do: it is written, looked at, and undone.

So the preview cannot differ from the writing. Everything happens in one transaction that is rolled
back; other writers wait for it no longer than for the writing itself.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.models import CurrentFact, Elder
from songbai.domain.elders.rules import mask_name
from songbai.domain.feeds.actions.checking import check
from songbai.domain.feeds.actions.receiving import Parcel, receive
from songbai.domain.feeds.actions.writing import write
from songbai.domain.feeds.models import Delivery, RefusedRow, SourceRow, UnmatchedRow
from songbai.domain.feeds.queries import plain_cells
from songbai.domain.feeds.rules.states import DeliveryState, UnmatchedWhy, Way

from .models import Roster
from .rules import FEED

#: Changes and doubts kept for showing; their number is kept whole.
SHOWN = 300


@dataclass
class Preview:
    """What would be written. Names are masked; ``refused`` hold cells as they came."""

    counts: dict[str, int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    doubtful: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return asdict(self)


Said = dict[tuple[int, str], tuple[str, bytes]]


def parcel_of(roster: Roster, content: bytes) -> Parcel:
    """The delivery that a register becomes; named after it, so that twice is once."""
    return Parcel(
        code=FEED,
        region=roster.region_id,
        file=io.BytesIO(content),
        file_name=roster.file_name,
        way=Way.UPLOAD,
        sender=roster.uploaded_by,
        as_of=roster.uploaded_at,
        sender_key=f"roster-{roster.pk}",
        mapping=roster.columns,
    )


def deliver(roster: Roster, content: bytes) -> Delivery:
    """Receive, check and write; run again after a kill it goes on where it stopped."""
    delivery = receive(SYSTEM, parcel_of(roster, content))
    check(SYSTEM, delivery.pk)
    return write(SYSTEM, delivery.pk)


def try_out(roster: Roster, content: bytes) -> Preview:
    """Deliver, look, and undo everything. Raises SheetRefused, ColumnsMissing."""
    with transaction.atomic():
        delivery = deliver(roster, content)
        delivery.refresh_from_db()
        preview = _look(delivery)
        people = _people(delivery)
        after = _said(people)
        transaction.set_rollback(True)
    if not preview.reason:
        _compare(preview, people, after)
    return preview


def _look(delivery: Delivery) -> Preview:
    if delivery.state == DeliveryState.REFUSED:
        return Preview(reason=delivery.reason)
    refused = scope.visible(RefusedRow, SYSTEM).filter(delivery=delivery).order_by("row_number")
    aside = scope.visible(UnmatchedRow, SYSTEM).filter(delivery=delivery).order_by("row_number")
    return Preview(
        counts={
            "rows": delivery.rows,
            "refused": delivery.refused,
            "doubtful": delivery.unmatched,
            "registered": delivery.registered,
            "matched": delivery.matched,
        },
        refused=[
            {"row": row.row_number, "cells": plain_cells(row), "problems": row.problems}
            for row in refused
        ],
        doubtful=[
            {"row": row.row_number, "name": row.name, "why": UnmatchedWhy(row.why).words}
            for row in aside[:SHOWN]
        ],
        headers=list(delivery.layout.get("headers", [])),
        notes=list(delivery.notes),
    )


def _people(delivery: Delivery) -> list[int]:
    rows = scope.visible(SourceRow, SYSTEM).filter(feed=delivery.feed, seen_as_of=delivery.as_of)
    found = rows.values_list("person_id", flat=True)
    return sorted(person for person in found if person is not None)


def _said(people: Sequence[int]) -> Said:
    """What stands of these people, by person and kind."""
    rows = scope.visible(CurrentFact, SYSTEM).filter(elder_id__in=people)
    return {
        (elder, kind): (value, bytes(index))
        for elder, kind, value, index in rows.values_list(
            "elder_id", "kind", "value", "value_index"
        )
    }


def _compare(preview: Preview, people: Sequence[int], after: Said) -> None:
    """Sort the people into new, changed and same by what stands now, after undoing."""
    before = _said(people)
    known = {elder.pk: elder for elder in scope.visible(Elder, SYSTEM).filter(pk__in=people)}
    changed: dict[int, list[dict[str, str]]] = {}
    for (person, kind), (value, index) in sorted(after.items()):
        was = before.get((person, kind), ("", b""))
        if person in known and was != (value, index):
            changed.setdefault(person, []).append(
                {"kind": kind, "before": was[0], "after": value, "secret": "1" if index else ""}
            )
    preview.counts["new"] = preview.counts["registered"]
    preview.counts["changed"] = len(changed)
    preview.counts["same"] = max(preview.counts["matched"] - len(changed), 0)
    preview.changed = [
        {"person": person, "name": mask_name(known[person].name), "fields": fields}
        for person, fields in list(changed.items())[:SHOWN]
    ]
