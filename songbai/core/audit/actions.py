"""Leaving a trace of reading."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.sql import run

from .models import Read
from .registry import checked


def record_read(
    actor: Actor,
    people: Iterable[tuple[int, str]],
    *,
    fields: list[str],
    purpose: str,
    where: str,
) -> None:
    """Write one row for each person (id, region) whose fields are about to be shown.

    Raises ValueError for a field that no room declares.
    """
    now = clock.now()
    Read.objects.bulk_create(read_of(actor, now, one, fields, purpose, where) for one in people)


def read_of(
    actor: Actor, at: datetime, person: tuple[int, str], fields: list[str], purpose: str, where: str
) -> Read:
    """The row that says who read what of a person (id, region). Raises ValueError: ``checked``."""
    return Read(
        at=at,
        account_id=actor.account_id,
        reader=actor.name,
        role=actor.kind or "system",
        person_id=person[0],
        region_id=person[1],
        fields=checked(fields),
        purpose=purpose,
        where=where[:120],
    )


def record_many_reads(
    actor: Actor,
    people: Sequence[tuple[int, str]],
    *,
    fields: list[str],
    purpose: str,
    where: str,
) -> None:
    """As ``record_read`` for thousands of people (id, region) at once: one statement."""
    run(
        "INSERT INTO audit_read"
        ' (at, account_id, reader, role, person_id, region_id, fields, purpose, "where")'
        " SELECT %s, %s::bigint, %s, %s, p.id, p.region, %s::varchar[], %s, %s"
        " FROM unnest(%s::bigint[], %s::text[]) AS p(id, region)",
        [
            clock.now(),
            actor.account_id,
            actor.name,
            actor.kind or "system",
            checked(fields),
            purpose,
            where[:120],
            [person_id for person_id, _ in people],
            [region for _, region in people],
        ],
    )
