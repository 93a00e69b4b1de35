"""Fixtures for every test of the project."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import hypothesis
import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from pytest_django.plugin import DjangoDbBlocker

from songbai.core import clock, record, scope
from songbai.core.regions.queries import forget
from tests import blank, flush
from tests.cast import Cast
from tests.template import cast_of_today

hypothesis.settings.register_profile("house", deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def kernels() -> None:
    """The planner is ready: no test waits for it in its own time."""
    from songbai.domain.dispatch.planner import engine

    if not engine.ready(300):
        pytest.fail("the kernels were not compiled in time")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Each test process copies one migrated database."""
    if blank.is_shared():
        connection.settings_dict["TEST"] |= {"TEMPLATE": record.DATABASE_NAME, "MIGRATE": False}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The test database, with our way of emptying it; its clock is moved with the program's."""
    flush.install()
    missed = False

    def move_database(ahead: timedelta) -> None:
        nonlocal missed
        missed = connection.connection is None
        if missed or connection.needs_rollback:
            return  # what was moved in a transaction that failed goes back with it
        with django_db_blocker.unblock(), as_owner():
            scope.set_clock(ahead)

    def catch_up(**_: object) -> None:
        if missed:
            move_database(clock.ahead())

    with django_db_blocker.unblock():
        scope.begin()
    clock.tell(move_database)
    connection_created.connect(catch_up, weak=False)


@contextmanager
def as_owner() -> Iterator[None]:
    """Lay down the web role for a moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        [role] = cursor.fetchone()
        cursor.execute("SET ROLE NONE")
        yield
        cursor.execute("SELECT set_config('role', %s, false)", [role])


@pytest.fixture(autouse=True)
def empty_queue(request: pytest.FixtureRequest) -> Iterator[None]:
    """Jobs that a test committed end with it; Django's own flush does not know their tables."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (
        marker is not None and marker.kwargs.get("transaction", False)
    )
    if commits:
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The cast, in the database anew for each test."""
    forget()
    yield cast_of_today()
    scope.release()
    forget()
