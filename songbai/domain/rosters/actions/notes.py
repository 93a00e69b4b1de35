"""What villages note beside the facts: kept with the person, the newest word stands."""

import io
import json
from typing import Any

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import encrypt
from songbai.domain.elders.models import Elder
from songbai.domain.feeds.actions.receiving import schema_of
from songbai.domain.feeds.models import Delivery, RefusedRow, SourceRow
from songbai.domain.feeds.reading.pieces import blocks, open_file
from songbai.domain.feeds.reading.rows import prepare

from ..models import Roster, RosterNote
from ..rules import FEED, LIMITS, NOTED


def keep(roster: Roster, delivery: Delivery, content: bytes) -> int:
    """Keep the notes of a written register; older words do not replace newer ones.

    Returns how many people have notes from it.
    """
    said = _said(roster, delivery, content)
    rows_of = scope.visible(SourceRow, SYSTEM).filter(feed=delivery.feed, source_key__in=list(said))
    people = {
        person: bytes(source)
        for person, source in rows_of.values_list("person_id", "source_key")
        if person is not None
    }
    regions = dict(
        scope.visible(Elder, SYSTEM).filter(pk__in=people).values_list("pk", "region_id")
    )
    newer = set(
        RosterNote.objects.filter(elder_id__in=people, observed_at__gt=delivery.as_of).values_list(
            "elder_id", flat=True
        )
    )
    rows = [
        RosterNote(
            elder_id=person,
            region_id=regions[person],
            notes=encrypt(json.dumps(said[source], ensure_ascii=False)),
            observed_at=delivery.as_of,
            roster=roster,
        )
        for person, source in sorted(people.items())
        if person in regions and person not in newer
    ]
    RosterNote.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["elder"],
        update_fields=["region", "notes", "observed_at", "roster"],
        batch_size=1000,
    )
    return len(rows)


def _said(roster: Roster, delivery: Delivery, content: bytes) -> dict[bytes, dict[str, Any]]:
    """By source key: the filled note columns of each good row."""
    schema = schema_of(FEED)
    table, layout = open_file(io.BytesIO(content), schema, roster.columns, LIMITS)
    noted = [name for name in NOTED if name in layout.places]
    said: dict[bytes, dict[str, Any]] = {}
    sent_back = set(
        scope.visible(RefusedRow, SYSTEM)
        .filter(delivery=delivery)
        .values_list("row_number", flat=True)
    )
    for block in blocks(table) if noted else ():
        rows = prepare(schema, layout.places, block, delivery.as_of, None)
        for at, source in enumerate(rows.keys):
            filled: dict[str, Any] = {
                n: str(rows.values[n][at]) for n in noted if rows.values[n][at] is not None
            }
            if filled and rows.numbers[at] not in sent_back:
                said[source] = filled
    return said
