"""An attacker who can run any SQL as the web role, and wants the scope of somebody else."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.utils import ConnectionHandler

from songbai.core import clock, page_jobs, record, signing
from songbai.core.accounts import entry
from songbai.core.accounts.models import Account, TotpKey
from songbai.core.accounts.rules import Actor
from songbai.core.accounts.sessions import SessionStore, stored_as
from songbai.core.accounts.tasks import send_code
from songbai.core.crypto import decrypt_bytes
from songbai.core.scope import secured_models, settings_of, signed
from songbai.core.signing import signed_call
from songbai.domain.elders.models import Elder
from songbai.domain.elders.tasks import erase
from songbai.domain.orders.tasks import confirm_due

from .acts import begun
from .attack import as_web
from .cast import Cast

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

TABLES = sorted(model._meta.db_table for model in secured_models())
COUNT = " + ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Something in every district."""
    begun(cast)
    return cast


@pytest.fixture
def web(city: Cast) -> Iterator[psycopg.Connection]:
    """A page's connection, bound to a daughter."""
    with as_web(city.daughter) as bound:
        yield bound


def seen(web: psycopg.Connection) -> int:
    """Rows of people that this session sees."""
    return int(web.execute(f"SELECT {COUNT}".encode()).fetchone()[0])  # type: ignore[index]  # one row always


def say(web: psycopg.Connection, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        web.execute("SELECT set_config(%s, %s, false)", [name, value])


def denied(web: psycopg.Connection, statement: str, *values: object) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute(statement.encode(), values)


def minister(city: Cast) -> dict[str, str]:
    """The settings of somebody who sees the whole country."""
    return settings_of(Actor(1, "部", city.officer.kind, region=""))


def test_variables_set_by_hand_open_nothing(city: Cast) -> None:
    with as_web() as web:
        say(web, minister(city))
        assert seen(web) == 0
        say(web, {"songbai.token": "9999999999." + 64 * "0"})
        assert seen(web) == 0


def test_a_token_opens_what_it_was_signed_for_and_nothing_else(
    city: Cast, web: psycopg.Connection
) -> None:
    assert seen(web) > 0
    say(web, minister(city))
    assert seen(web) == 0
    say(web, settings_of(city.daughter))
    assert seen(web) > 0


@pytest.mark.parametrize("name", sorted(settings_of(None)))
@pytest.mark.parametrize("value", ["", "1", "500151000000", "|"])
def test_no_part_of_a_scope_can_be_changed(
    web: psycopg.Connection, city: Cast, name: str, value: str
) -> None:
    if settings_of(city.daughter)[name] != value:
        say(web, {name: value})
        assert web.execute("SELECT songbai_bound()").fetchone() == (False,)
        assert web.execute("SELECT songbai_scope('account')").fetchone() == (None,)


def test_a_token_holds_in_the_session_it_was_made_for(city: Cast) -> None:
    with as_web() as web, as_web() as other:
        say(web, signed(minister(city), other.info.backend_pid))
        assert seen(web) == 0
        say(web, signed(minister(city), web.info.backend_pid))
        assert seen(web) > 0


def test_a_token_ends(city: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "LIFETIME", -1)
    with as_web() as web:
        say(web, signed(minister(city), web.info.backend_pid))
        assert seen(web) == 0
        [(name, value)] = [(k, v) for k, v in signed(minister(city), 1).items() if "token" in k]
        say(web, {name: f"{int(value.split('.')[0]) + 9999}.{value.split('.')[1]}"})
        assert seen(web) == 0


def test_the_key_is_the_owners(city: Cast, web: psycopg.Connection) -> None:
    denied(web, "SELECT * FROM songbai_signing")
    denied(web, "UPDATE songbai_signing SET inside = ''")
    denied(web, "INSERT INTO songbai_signing VALUES (true, '', '')")
    denied(web, "COPY songbai_signing TO STDOUT")
    denied(
        web,
        "CREATE OR REPLACE FUNCTION songbai_bound() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    )


def test_every_policy_asks_whether_the_scope_is_signed(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, cmd, qual FROM pg_policies"
            " WHERE coalesce(qual, with_check) NOT LIKE '%songbai_bound()%'"
        )
        found = cursor.fetchall()
    assert {(command, told) for _, command, told in found} <= {("SELECT", "true")}
    assert not {table for table, *_ in found} & set(TABLES)


def test_no_function_believes_a_variable(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND prosrc LIKE '%current_setting(''songbai.%' ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == ["songbai_bound", "songbai_scope"]


#: Functions of the owner that need no signature of each call, and why.
OPEN = {
    "sessions_read": "by the digest of a cookie, one at a time",
    "sessions_write": "the same; what it keeps is signed for the cookie",
    "sessions_end": "the same",
    "dispatch_own_shift": "of who asks, by the signed scope",
    "dispatch_own_shifts": "of who asks, by the signed scope",
    "procrastinate_defer_jobs_v1": "names that were written down, in a signed scope",
    "elders_anothers_account": "yes or no, of a keyed digest: nobody without the key has another",
    "matching_read_as": "does nothing but for the triggers of merges",
}


def test_every_function_of_the_owner_does_only_what_was_signed(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
            " AND prorettype <> 'trigger'::regtype AND prosrc NOT LIKE '%songbai_signed(%'"
            " AND has_function_privilege('songbai_web', oid, 'EXECUTE')"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found - {"songbai_signed", "songbai_bound"} == OPEN.keys()


def test_a_call_is_signed_for_what_it_says_and_where(city: Cast, web: psycopg.Connection) -> None:
    me, forever = city.daughter.account, clock.now() + timedelta(days=36500)
    given = [city.mother.pk, city.mother.region_id, "proxy", clock.now(), forever, me, None]
    said, token = signed_call("accounts_grant", given, web.info.backend_pid)
    call = "SELECT accounts_grant_signed(%s, %s)"
    denied(web, call, said.replace('"proxy"', '"owner"'), token)
    denied(web, call, said, "")
    denied(web, call, said, None)
    denied(web, "SELECT accounts_end_signed(%s, %s)", said, token)
    denied(web, "SELECT accounts_grant(%s, %s, %s, %s, %s, %s, %s)", *given)
    with as_web(city.daughter) as other:
        denied(other, call, said, token)
    web.execute(call.encode(), [said, token])


def test_only_merges_change_what_a_record_is_read_as(city: Cast, web: psycopg.Connection) -> None:
    Elder.objects.filter(pk=city.neighbour.pk).update(merged_into=city.mother)
    web.execute("SELECT matching_read_as(%s)", [city.neighbour.pk])
    assert Elder.objects.get(pk=city.neighbour.pk).merged_into_id == city.mother.pk


def test_nothing_of_a_request_is_left_in_its_session(
    monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setenv("SONGBAI_PROCESS", "web")
    given = record.database_settings() | {"NAME": connection.settings_dict["NAME"]}
    given["OPTIONS"]["pool"] |= {"min_size": 1, "max_size": 1, "timeout": 5}
    pooled = DatabaseWrapper(ConnectionHandler({"default": given}).settings["default"])
    try:
        with pooled.cursor() as cursor:
            began = settings_there(cursor)
            cursor.execute("SET default_transaction_read_only = on; SET search_path = pg_temp")
            cursor.execute("SET TimeZone = 'Asia/Tokyo'; SET statement_timeout = 7; SET a.b = 'x'")
            cursor.execute("PREPARE mine AS SELECT 1; LISTEN mine; SELECT pg_advisory_lock(7)")
            cursor.execute("DECLARE mine CURSOR WITH HOLD FOR SELECT 1")
            assert settings_there(cursor) != began
        pooled.close()
        with pooled.cursor() as cursor:
            assert settings_there(cursor) == began
    finally:
        pooled.close()
        pooled.close_pool()


def settings_there(cursor: CursorWrapper) -> list[tuple[object, ...]]:
    """What a session carries: which it is, settings, names, locks."""
    cursor.execute(
        "SELECT pg_backend_pid()::text, '' UNION ALL SELECT name, setting FROM pg_settings"
        " UNION ALL SELECT 'a.b', coalesce(current_setting('a.b', true), '')"
        " UNION ALL SELECT name, '' FROM pg_prepared_statements"
        " UNION ALL SELECT name, '' FROM pg_cursors WHERE is_holdable"
        " UNION ALL SELECT pg_listening_channels(), ''"
        " UNION ALL SELECT locktype, '' FROM pg_locks"
        " WHERE pid = pg_backend_pid() AND locktype = 'advisory' ORDER BY 1"
    )
    return list(cursor.fetchall())


def defer(task: str) -> str:
    return (
        "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', '" + task + "', 0, NULL, NULL,"
        " '{}'::jsonb, NULL)::procrastinate_job_to_defer_v1])"
    )


def test_pages_ask_for_jobs_that_were_written_down_and_do_nothing_else_to_the_queue(
    web: psycopg.Connection,
) -> None:
    assert {send_code.name, erase.name} <= set(page_jobs.names())
    web.execute(defer(erase.name).encode())
    with as_web() as nobody:
        nobody.execute(defer(send_code.name).encode())
        denied(nobody, defer(erase.name))
    for job in (confirm_due.name, "builtin:procrastinate.builtin_tasks.remove_old_jobs", "x"):
        denied(web, defer(job))
    for statement in (
        "INSERT INTO procrastinate_jobs (task_name, args) VALUES ('x', '{}')",
        "SELECT args FROM procrastinate_jobs",
        "UPDATE procrastinate_jobs SET args = '{}'",
        "SELECT procrastinate_fetch_job_v2(NULL, 1)",
        "INSERT INTO songbai_page_jobs VALUES ('x')",
    ):
        denied(web, statement)


@pytest.mark.parametrize(
    "change",
    [
        "password = 'x'",
        "is_active = true",
        "phone = 'x'",
        "phone_index = (SELECT phone_index FROM accounts_account LIMIT 1)",
    ],
)
def test_what_opens_an_account_is_not_changed_by_sql(web: psycopg.Connection, change: str) -> None:
    denied(web, f"UPDATE accounts_account SET {change}")
    denied(web, "UPDATE accounts_totpkey SET key = 'x'")


def test_a_change_of_an_account_is_signed_for_it_alone(city: Cast, web: psycopg.Connection) -> None:
    said, other = '{"password": "x"}', city.officer.account
    token = signing.token(f"account|{city.daughter.account}|{said}", web.info.backend_pid)
    change = "SELECT accounts_change(%s, %s, %s)"
    denied(web, change, other, said, token)
    denied(web, change, city.daughter.account, '{"password": "y"}', token)
    denied(web, change, other, said, "")
    denied(web, change, other, said, None)
    web.execute(change.encode(), [city.daughter.account, said, token])
    assert Account.objects.get(pk=city.daughter.account).password == "x"


def test_the_program_changes_a_hash(city: Cast) -> None:
    account = Account.objects.get(pk=city.officer.account)
    entry.change_password(account, make_password("another long password"))
    account.refresh_from_db()
    assert account.check_password("another long password")


def test_keys_of_dynamic_codes_are_read_encrypted_only(city: Cast, web: psycopg.Connection) -> None:
    for account, stored in web.execute("SELECT account_id, key FROM accounts_totpkey"):
        key = decrypt_bytes(TotpKey.objects.get(account_id=account).key)
        assert key
        assert key not in stored


def begun_session() -> SessionStore:
    session = SessionStore()
    session["who"] = "officer"
    session.save()
    return session


def test_sessions_are_not_listed_and_a_copy_is_worth_nothing(web: psycopg.Connection) -> None:
    session, mine = begun_session(), begun_session()
    key, own = str(session.session_key), str(mine.session_key)
    denied(web, "SELECT * FROM django_session")
    denied(web, "UPDATE django_session SET session_data = ''")
    denied(web, "DELETE FROM django_session")
    # Who knows under what a session is kept does not know its cookie; its content under another:
    web.execute(
        "SELECT sessions_write(%s, sessions_read(%s, 'today'), songbai_now() + '1 day', false)",
        [stored_as(own), stored_as(key)],
    )
    assert SessionStore(key)["who"] == "officer"
    assert SessionStore(own).get("who") is None
    assert SessionStore(stored_as(key)).get("who") is None


def test_nothing_is_laid_over_a_table(web: psycopg.Connection) -> None:
    denied(web, "CREATE TEMPORARY TABLE accounts_role (account_id bigint, kind text, scope text)")
    denied(web, "CREATE SCHEMA mine")


def test_statements_of_pages_have_no_names_to_take(db: None) -> None:
    connection.ensure_connection()
    assert connection.connection.prepare_threshold is None
