"""Leaving a trace of reading."""

from __future__ import annotations

from collections.abc import Iterable

from songbai.core import clock
from songbai.core.accounts.rules import Actor

from .models import Read


def record_read(
    actor: Actor,
    people: Iterable[tuple[int, str]],
    *,
    fields: list[str],
    purpose: str,
    where: str,
) -> None:
    """Write one row for each person (id, region) whose fields are about to be shown."""
    Read.objects.bulk_create(
        [
            Read(
                at=clock.now(),
                account_id=actor.account_id,
                reader=actor.name,
                role=actor.kind or "system",
                person_id=person_id,
                region_id=region,
                fields=fields,
                purpose=purpose,
                where=where[:120],
            )
            for person_id, region in people
        ]
    )
