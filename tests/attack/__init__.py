"""Raw SQL that must not work."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from songbai.core.accounts.rules import Actor
from songbai.core.record import WEB_ROLE
from songbai.core.scope import settings_of, signed
from songbai.core.signing import signed_call


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
        for name, value in signed(settings_of(actor), web.info.backend_pid).items():
            web.execute("SELECT set_config(%s, %s, false)", [name, value])
        yield web


def ask(web: psycopg.Connection, function: str, *arguments: object) -> None:
    """Have the owner's function do in this session what the program signed."""
    said = signed_call(function, arguments, web.info.backend_pid)
    web.execute(f"SELECT {function}_signed(%s, %s)".encode(), said)
