"""Raw SQL that must not work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from songbai.core.accounts.rules import Actor
from songbai.core.record import WEB_ROLE


def refused(sql: str, words: str, parameters: list[int | str] | None = None) -> None:
    """The database refuses this statement in this session, in these words; nothing remains."""
    with (
        pytest.raises(DatabaseError, match=words),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, parameters)


@contextmanager
def as_web(actor: Actor | None = None) -> Iterator[psycopg.Connection]:
    """A real connection of the web role to the test database, bound to this actor."""
    given = connection.settings_dict
    with psycopg.connect(
        dbname=given["NAME"], user=WEB_ROLE, host=given["HOST"] or None, autocommit=True
    ) as web:
        region = actor.region if actor else None
        for name, value in {
            "account": actor.account_id if actor else None,
            "organisation": actor.organisation_id if actor else None,
            "region_from": None if region is None else region.ljust(12, "0"),
            "region_to": None if region is None else region.ljust(12, "9"),
        }.items():
            web.execute("SELECT set_config(%s, %s, false)", [f"songbai.{name}", str(value or "")])
        yield web
