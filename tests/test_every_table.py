"""Every secured table, one after the other: a row of one place is seen from there and nowhere else.

The tables are read from the declarations and the database, so a new one is tested at once. A row is
put into each with nothing but the columns that say whose it is; all other demands of the table are
lifted for the test's own transaction.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from songbai.core.accounts.rules import Actor
from songbai.core.crypto.fields import encrypted
from songbai.core.scope import secured_models

from .acts import afterwards_nothing
from .cast import Cast, acting

SECURED = {model._meta.db_table: rule for model, rule in secured_models().items()}
#: Read before anybody is known, so they cannot be bound to somebody: what logging in needs, and the
#: program's own machinery. They hold no elder: phones and codes are encrypted or used once.
BEFORE_LOGIN = {
    "accounts_account",
    "accounts_role",
    "accounts_phonecode",
    "accounts_textmessage",
    "otp_totp_totpdevice",
    "django_session",
}
MACHINERY = ("django_", "auth_", "procrastinate_", "pgtrigger_")
PLACE = "500151001001"


def run(sql: str, values: list[int | str] | None = None) -> list[tuple[object, ...]]:
    """Run a statement as whoever the session is."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def lift_demands(table: str) -> None:
    """Keep triggers, keys and checks of a table quiet until the transaction is rolled back."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL session_replication_role = replica")
    run(f"DELETE FROM {table}")
    if run("SELECT 1 FROM pg_class WHERE oid = %s::regclass AND relkind = 'p'", [table]):
        run(f"CREATE TABLE anything PARTITION OF {table} DEFAULT")
    for (name,) in run(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype <> 'n'",
        [table],
    ):
        run(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE')
    for (name,) in run(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND attnotnull AND attidentity = '' AND NOT attisdropped",
        [table],
    ):
        run(f'ALTER TABLE {table} ALTER COLUMN "{name}" DROP NOT NULL')


def put_row(cast: Cast, table: str) -> None:
    """A row of Mrs Wang's village, about her, of her provider, as far as the table has columns."""
    rule = SECURED[table]
    columns: dict[str, int | str] = {}
    for name, value in (
        (rule.region, PLACE),
        (rule.organisation, cast.provider.pk),
        (rule.account, 999_999),
        (rule.person, cast.mother.pk),
    ):
        if name:
            columns[name] = value
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    run(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(columns.values()))


def seen(actor: Actor | None, table: str) -> int:
    with acting(actor):
        return int(str(run(f"SELECT count(*) FROM {table}")[0][0]))


@pytest.mark.parametrize("table", sorted(set(SECURED) - {"accounts_access"}))
def test_a_row_is_seen_from_its_place_and_nowhere_else(cast: Cast, table: str) -> None:
    with afterwards_nothing():
        lift_demands(table)
        put_row(cast, table)
        rule = SECURED[table]
        assert seen(None, table) == 0
        for stranger in (
            cast.far_officer,
            cast.far_dispatcher,
            cast.town_officer,
            cast.stranger_family,
            cast.other_provider_staff,
            cast.other_caregiver,
        ):
            assert seen(stranger, table) == 0, stranger
        assert seen(cast.officer, table) == (1 if rule.region else 0)
        assert seen(cast.daughter, table) == (1 if rule.person else 0)
        assert seen(cast.provider_staff, table) == (1 if rule.organisation else 0)


def test_the_database_secures_what_the_models_declare(cast: Cast) -> None:
    without = run(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND NOT relrowsecurity AND has_table_privilege('songbai_web', oid, 'SELECT')"
    )
    open_tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if getattr(model, "open_to_all", False)
    }
    unexplained = {
        str(name)
        for (name,) in without
        if name not in open_tables | BEFORE_LOGIN and not str(name).startswith(MACHINERY)
    }
    assert unexplained == set()


def test_what_is_encrypted_about_people_is_bound_to_a_scope() -> None:
    about_people = {"person_id", "elder", "elder_id", "account", "account_id"}
    for model, _ in encrypted():
        table = model._meta.db_table
        if table not in SECURED and table not in BEFORE_LOGIN:
            assert not about_people & {field.name for field in model._meta.get_fields()}, table
