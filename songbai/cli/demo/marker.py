"""The mark of a demo: what was built, kept in the database itself, and starting over.

The mark is the comment of the database (``COMMENT ON DATABASE``). A copy or a restored dump does
not carry it, so nothing but the database a demo was built into is ever taken for one.
"""

import json
from dataclasses import asdict
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from songbai.cli.demo.site import Summary
from songbai.core import clock
from songbai.core.sql import value
from songbai.domain.elders.models import Elder

PREFIX = "songbai demo "
MARK = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


def read() -> dict[str, Any] | None:
    """What was built into this database, or None when it is no demo.

    A build that did not end has no ``date``.
    """
    comment = value(MARK, [database()])
    if not (comment or "").startswith(PREFIX):
        return None
    found: dict[str, Any] = json.loads(comment.removeprefix(PREFIX))
    return found


def begin() -> None:
    """Mark that a build is under way."""
    _mark({})


def write(summary: Summary, asked: dict[str, Any]) -> None:
    """Mark what was built, and what was asked for."""
    _mark({**asdict(summary), **asked, "date": str(clock.today())})


def wipe() -> None:
    """The database is no demo."""
    _comment(None)


def database() -> str:
    """The name of this database."""
    return str(connection.settings_dict["NAME"])


def is_inhabited() -> bool:
    """Whether the database holds anything of ours: a division or an account."""
    tables = set(connection.introspection.table_names())
    wanted = [name for name in ("regions_region", "accounts_account") if name in tables]
    return any(value(f"SELECT EXISTS (SELECT FROM {name})") for name in wanted)


def elders() -> int:
    """How many people a drop would lose."""
    known = Elder._meta.db_table in connection.introspection.table_names()
    return Elder.objects.count() if known else 0


def drop_database() -> None:
    """Drop the database and create it anew; all that was done in the demo is lost.

    The caller has asked.
    """
    name = database()
    params = connection.get_connection_params()
    connection.close()
    known = {key: params[key] for key in ("user", "password", "host", "port") if params.get(key)}
    with psycopg.connect(dbname="postgres", autocommit=True, **known) as server:
        quoted = sql.Identifier(name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        server.execute(sql.SQL("CREATE DATABASE {}").format(quoted))


def _mark(facts: dict[str, Any]) -> None:
    _comment(PREFIX + json.dumps(facts, ensure_ascii=False))


def _comment(text: str | None) -> None:
    told = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
        sql.Identifier(database()), sql.Literal(text)
    )
    with connection.cursor() as cursor:
        cursor.execute(told.as_string(cursor.cursor))
