"""Demo cities built whole, each committed in a database of its own, as the command builds them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql
from pytest_django import DjangoDbBlocker

from songbai.cli.demo import build
from songbai.core import clock
from songbai.core.regions.queries import forget

Built = Callable[[datetime, int, int], AbstractContextManager[Path]]


@pytest.fixture(scope="session")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:
    """Builds a demo of so many elders and days at a moment, and stays there; gives its home.

    Indexes and foreign keys stand from the beginning here, as they do not in a large build.
    """

    @contextmanager
    def building(moment: datetime, elders: int, days: int) -> Iterator[Path]:
        home = tmp_path_factory.mktemp("home")
        with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
            patch.setattr(settings, "DEMO", True)
            patch.setattr(settings, "HOME", home)
            with _own_database(), clock.moved_to(moment):
                build.build_demo(size=elders, days=days)
                yield home
        forget()

    return building


@contextmanager
def _own_database() -> Iterator[None]:
    """A copy of the empty test database, dropped afterwards."""
    before = connection.settings_dict["NAME"]
    own = f"{before}_demo"
    _serve(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), own, before)
    connection.settings_dict["NAME"] = own
    try:
        yield
    finally:
        connection.settings_dict["NAME"] = before
        _serve(sql.SQL("DROP DATABASE {} WITH (FORCE)"), own)


def _serve(statement: sql.SQL, *names: str) -> None:
    """Run a statement about whole databases."""
    params = connection.get_connection_params()
    connection.close()
    known = {key: params[key] for key in ("user", "password", "host", "port") if params.get(key)}
    with psycopg.connect(dbname="postgres", autocommit=True, **known) as server:
        server.execute(statement.format(*map(sql.Identifier, names)))
