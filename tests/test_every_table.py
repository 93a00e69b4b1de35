"""Every secured table, one after the other: a row of one place is seen from there and nowhere else.

The tables are read from the declarations and the database, so a new one is tested at once. A row is
put into each with nothing but the columns that say whose it is; all other demands of the table are
lifted for the test's own transaction.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.registry import roles
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.crypto.fields import encrypted
from songbai.core.scope import secured_models, visible
from songbai.domain.assessments.declares import ASSESSOR, BODY
from songbai.domain.feeds.declares import DEPARTMENT

from .acts import afterwards_nothing
from .cast import Cast, acting, make_account

pytestmark = pytest.mark.long

SECURED = {model._meta.db_table: rule for model, rule in secured_models().items()}
#: Read before anybody is known, so they cannot be bound to somebody: what logging in needs, and the
#: program's own machinery. They hold no elder: phones and codes are encrypted or used once.
BEFORE_LOGIN = {
    "accounts_account",
    "accounts_formernumber",
    "accounts_numberdoubt",
    "accounts_role",
    "accounts_textmessage",
    "accounts_totpkey",
}
MACHINERY = ("django_", "auth_", "procrastinate_", "pgtrigger_", "songbai_")
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
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = %s::regclass AND indisunique",
        [table],
    ):
        run(f"DROP INDEX {name}")
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


def put_all_sorts(cast: Cast, table: str) -> list[str]:
    """A row for every combination of whose it can be; returns the columns that say whose."""
    rule = SECURED[table]
    values: dict[str | None, list[int | str]] = {
        rule.region: [PLACE, cast.far_elder.region_id],
        rule.organisation: [cast.provider.pk, cast.other_provider.pk],
        rule.account: [cast.daughter.account, cast.caregiver.account],
        rule.person: [cast.mother.pk, cast.neighbour.pk, cast.far_elder.pk],
    }
    columns = [name for name in values if name]
    marks = ", ".join(["%s"] * len(columns))
    for row in product(*(values[name] for name in columns)):
        run(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(row))
    return columns


def everybody(cast: Cast) -> dict[str, Actor]:
    """Actors of every kind; caregiver and provider have access to Mrs Wang by being sent."""
    until = clock.now() + timedelta(days=1)
    sent = partial(grant_access, person_id=cast.mother.pk, region=PLACE, until=until)
    sent(why="visit", account_id=cast.caregiver.account_id)
    sent(why="order", organisation_id=cast.provider.pk)
    nation = replace(cast.officer, region="")
    body = make_account("机构", BODY, organisation=cast.other_provider.pk)
    assessor = make_account("评估员", ASSESSOR)
    sent(why="assessment", account_id=assessor.account_id)
    at_work_too = replace(cast.officer, account_id=cast.daughter.account_id)
    more = {"nation": nation, "body": body, "assessor": assessor, "daughter at work": at_work_too}
    return cast.actors() | more


@pytest.mark.parametrize("model", secured_models(), ids=lambda model: model._meta.db_table)
def test_a_query_finds_what_the_database_lets_see(cast: Cast, model: type[Model]) -> None:
    table, actors = model._meta.db_table, everybody(cast)
    assert {actor.kind for actor in actors.values()} >= set(roles()) - {DEPARTMENT}
    with afterwards_nothing():
        lift_demands(table)
        columns = put_all_sorts(cast, table)
        for name, actor in actors.items():
            asked = sorted(visible(model, actor).values_list(*columns))
            with acting(actor):
                inside = sorted(visible(model, actor).values_list(*columns))
                assert inside == sorted(run(f"SELECT {', '.join(columns)} FROM {table}")), name
            assert inside == asked, name
        assert visible(model, SYSTEM).count() == len(run(f"SELECT 1 FROM {table}"))


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
