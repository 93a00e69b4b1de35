"""What pages' SQL may do to its own role and to everybody's tables shuts nobody out."""

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from songbai.core import record, web_role
from songbai.core.accounts.tasks import restore_web_role
from songbai.core.record import WEB_ROLE
from songbai.core.sql import rows, run, value
from tests.attack import as_web, refused
from tests.cast import Cast, acting

#: What a role may set for its sessions so that pages fail.
POISON = {
    "row_security": "off",
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "serializable",
    "search_path": "nowhere",
    "DateStyle": "German",
    "TimeZone": "Asia/Tokyo",
    "statement_timeout": "7ms",
    "lock_timeout": "7ms",
    "local_preload_libraries": "nothing",
    "idle_session_timeout": "7ms",
}


def web_session(monkeypatch: pytest.MonkeyPatch) -> psycopg.Connection:
    """A session as web processes begin one."""
    monkeypatch.setenv("SONGBAI_PROCESS", "web")
    given, options = connection.settings_dict, record.database_settings()["OPTIONS"]["options"]
    return psycopg.connect(
        dbname=given["NAME"], user=WEB_ROLE, host=given["HOST"], options=options, autocommit=True
    )


def set_for_itself() -> list[tuple[str, ...]]:
    found = "SELECT setconfig FROM pg_db_role_setting WHERE setrole = %s::regrole"
    return rows(found, [WEB_ROLE])


@pytest.mark.django_db(transaction=True)
def test_sessions_of_pages_begin_well_whatever_their_role_set_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = sql.Identifier(str(connection.settings_dict["NAME"]))
    poison = sql.SQL("ALTER ROLE songbai_web IN DATABASE {} SET {} = {}")
    with as_web() as web:
        for name, bad in POISON.items():
            web.execute(poison.format(here, sql.Identifier(name), sql.Literal(bad)))
    with web_session(monkeypatch) as web:
        for name, bad in POISON.items():
            [shown] = web.execute(f"SHOW {name}".encode()).fetchone() or [bad]
            assert bad.lower() not in shown.lower(), name
        web.execute("SELECT count(*) FROM elders_elder")
    restore_web_role(0)
    assert set_for_itself() == []


def test_what_the_web_role_set_for_itself_everywhere_is_taken_back(cast: Cast) -> None:
    with acting(cast.daughter):
        run("ALTER ROLE songbai_web SET row_security = off")
    assert len(set_for_itself()) == 1
    web_role.restore()
    assert set_for_itself() == []


def test_the_password_of_the_web_role_is_what_the_place_says(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_WEB_URL", "postgresql://songbai_web:p%40ss@db/songbai")
    run("ALTER ROLE songbai_web PASSWORD NULL")
    web_role.restore()
    digest = value("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [WEB_ROLE])
    assert digest.startswith("SCRAM-SHA-256$")
    assert record.web_password() == "p@ss"


def test_who_may_not_alter_the_role_is_told_and_starts(
    cast: Cast, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_WEB_URL", "postgresql://songbai_web:p@db/songbai")
    run("CREATE ROLE lesser")
    run("SET LOCAL ROLE lesser")
    web_role.restore()
    run("RESET ROLE")
    assert "cannot restore the role" in caplog.text


def test_pages_wait_for_nothing_for_ever(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_session(monkeypatch) as web:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert web.execute(f"SHOW {name}".encode()).fetchone() not in (("0",), None), name
        record.clean(web)
        assert web.execute("SHOW lock_timeout").fetchone() == ("20s",)


def test_pages_lock_no_table(cast: Cast) -> None:
    """Columns are enough to change rows; whoever may change a table may lock it."""
    may = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'v')"
        " AND has_table_privilege(%s, oid, 'UPDATE, DELETE, TRUNCATE')",
        [WEB_ROLE],
    )
    assert may == []
    with acting(cast.officer):
        refused("LOCK TABLE elders_elder IN ACCESS EXCLUSIVE MODE", "permission denied")
