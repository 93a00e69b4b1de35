"""An attacker who can run any SQL as the web role, on a connection of the web role itself."""

from datetime import timedelta

import psycopg
import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.scope import install, secured_models
from songbai.core.sql import rows, run
from songbai.domain.feeds.actions.keys import issue_key
from songbai.domain.orders.actions import cancel

from .acts import begun, placed
from .attack import as_web, ask
from .cast import Cast, acting

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

SECURED = {model._meta.db_table: rule for model, rule in secured_models().items()}
LEDGER = ("ledger_transfer", "ledger_ledgeraccount")
FOREVER = (*LEDGER, "events_event", "audit_read", "approvals_vote", "exports_export")


@pytest.fixture
def city(cast: Cast) -> Cast:
    """Something in every district: an order with a visit under way, and one called off."""
    begun(cast)
    cancel(cast.daughter, placed(cast, offer_ids=[cast.cleaning.pk]).pk)
    return cast


def count(web: psycopg.Connection, table: str, where: str = "true") -> int:
    asked = f"SELECT count(*) FROM {table} WHERE {where}"
    return int(web.execute(asked.encode()).fetchone()[0])  # type: ignore[index]  # one row always


def denied(web: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute(statement.encode())


def with_column(name: str) -> list[str]:
    """Secured tables whose rows carry this column."""
    return [table for table, rule in SECURED.items() if getattr(rule, name)]


def column(table: str, name: str) -> str:
    found: str = getattr(SECURED[table], name)
    return found


def test_the_web_role_is_nobody_special(city: Cast) -> None:
    with as_web() as web:
        row = web.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname = session_user"
        ).fetchone()
        assert row == (False, False, False, False)
        owned = web.execute("SELECT count(*) FROM pg_tables WHERE tableowner = session_user")
        assert owned.fetchone() == (0,)


def test_without_a_scope_no_secured_table_has_a_row(city: Cast) -> None:
    with as_web() as web:
        assert {table: count(web, table) for table in SECURED} == dict.fromkeys(SECURED, 0)


def test_the_city_has_rows_to_protect(city: Cast) -> None:
    with as_web(Actor(1, "部", city.officer.kind, region="")) as web:
        empty = {table for table in SECURED if count(web, table) == 0}
    # test_every_table.py puts a row into each table, also into those that the story leaves empty.
    assert {"elders_elder", "orders_order", "visits_visit", "events_event"} & empty == set()


def test_the_scope_of_a_district_has_no_row_of_another(city: Cast) -> None:
    with as_web(city.far_officer) as web:
        for table in with_column("region"):
            outside = f"{column(table, 'region')} NOT LIKE '500152%'"
            assert count(web, table, outside) == 0, table
        assert count(web, "elders_elder") == 1


def test_the_scope_of_a_town_has_no_row_of_the_next_town(city: Cast) -> None:
    with as_web(city.town_officer) as web:
        assert {table: count(web, table) for table in SECURED} == dict.fromkeys(SECURED, 0)


def test_a_provider_sees_its_own_orders_only(city: Cast) -> None:
    with as_web(city.provider_staff) as web:
        assert count(web, "orders_order") == 2
        for table in with_column("organisation"):
            name = column(table, "organisation")
            foreign = f"{name} IS NOT NULL AND {name} <> {city.provider.pk}"
            assert count(web, table, foreign) == 0, table
        assert count(web, "elders_elder", f"id <> {city.mother.pk}") == 0
    with as_web(city.other_provider_staff) as web:
        assert count(web, "orders_order") == count(web, "elders_elder") == 0


def test_a_family_sees_her_mother_only(city: Cast) -> None:
    with as_web(city.daughter) as web:
        assert count(web, "orders_order") == 2
        for table in with_column("person"):
            name = column(table, "person")
            foreign = f"{name} IS NOT NULL AND {name} <> {city.mother.pk}"
            assert count(web, table, foreign) == 0, table
        assert count(web, "providers_staffmember") == 0


def test_a_caregiver_sees_whom_she_is_sent_to_until_it_ends(city: Cast) -> None:
    with as_web(city.caregiver) as web:
        assert count(web, "elders_elder") == 1
        assert count(web, "providers_staffmember") == 1
    with as_web(city.other_caregiver) as web:
        assert count(web, "elders_elder") == count(web, "orders_order") == 0


@pytest.mark.parametrize("table", sorted(SECURED))
def test_nobody_deletes_empties_or_alters(cast: Cast, table: str) -> None:
    with as_web(cast.officer) as web:
        denied(web, f"DELETE FROM {table}")
        denied(web, f"TRUNCATE {table}")
        denied(web, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        denied(web, f"DROP TABLE {table}")
        denied(web, f"CREATE POLICY mine ON {table} USING (true)")


@pytest.mark.parametrize("act", ["INSERT", "UPDATE"])
def test_whatever_the_table_nothing_is_written_without_a_signed_scope(db: None, act: str) -> None:
    """Whether it holds people, prices or keys."""
    open_ = rows(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p', 'v')"
        " AND has_any_column_privilege('songbai_web', c.oid, %(act)s)"
        " AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policies p"
        "  WHERE p.tablename = c.relname AND p.cmd = %(act)s))",
        {"act": act},
    )
    assert open_ == []
    # Nor is any scope enough: it says whose row it is.
    loose = rows(
        "SELECT tablename FROM pg_policies WHERE cmd = %(act)s"
        " AND coalesce(with_check, qual) NOT LIKE '%%songbai_bound()%% AND %%'",
        {"act": act},
    )
    assert loose == []


def wrote(web: psycopg.Connection, statement: str) -> int:
    """How many rows that wrote; none where it was refused for want of a right."""
    try:
        return web.execute(statement.encode()).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0


@pytest.mark.parametrize(
    ("who", "statement"),
    [
        ("officer", "UPDATE catalogue_offer SET price = 1"),
        ("officer", "UPDATE providers_provider SET phone = ''"),
        ("officer", "UPDATE regions_region SET name = 'x'"),
        ("officer", "UPDATE feeds_feedkey SET secret = 'x'"),
        ("officer", "UPDATE feeds_feedkey SET scope = ''"),
        ("officer", "UPDATE feeds_nonce SET value = 'x'"),
        (
            "officer",
            "INSERT INTO feeds_nonce (key_id, value, at)"
            " SELECT id, 'x', songbai_now() FROM feeds_feedkey",
        ),
        (
            "officer",
            "INSERT INTO accounts_account (phone, phone_index, name, password, created_at,"
            " is_active) VALUES ('x', 'x', 'x', 'x', songbai_now(), true)",
        ),
        ("officer", "UPDATE accounts_account SET last_login = songbai_now()"),
        (
            "officer",
            "INSERT INTO accounts_formernumber (account_id, phone, phone_index, until, how)"
            " SELECT id, phone, phone_index, songbai_now(), '' FROM accounts_account",
        ),
        ("officer", "UPDATE accounts_numberdoubt SET same = true"),
        ("officer", "UPDATE accounts_formernumber SET phone = ''"),
        ("officer", "UPDATE benefits_snapshot SET month = 'x'"),
        ("officer", "INSERT INTO benefits_policytext DEFAULT VALUES"),
        ("officer", "UPDATE feeds_feedkey SET revoked_at = NULL"),
        ("officer", "INSERT INTO feeds_feedkey SELECT * FROM feeds_feedkey"),
        ("far_officer", "UPDATE assessments_body SET capacity = 1"),
        ("officer", "INSERT INTO elders_trustorder DEFAULT VALUES"),
        ("officer", "INSERT INTO benefits_cyclestep DEFAULT VALUES"),
        ("caregiver", "UPDATE benefits_cycle SET state = 'closed'"),
    ],
)
def test_what_everybody_reads_is_written_by_whom_it_is_for(
    city: Cast, who: str, statement: str
) -> None:
    issue_key(SYSTEM, "renshe", "500151")
    with as_web(getattr(city, who)) as web:
        assert wrote(web, statement) == 0


def test_a_part_of_a_table_is_not_read_beside_its_whole(city: Cast) -> None:
    run("CREATE TABLE mine PARTITION OF benefits_decision FOR VALUES IN (-1)")
    try:
        install()
        with as_web(city.officer) as web:
            denied(web, "SELECT * FROM mine")
    finally:
        run("DROP TABLE mine")


@pytest.mark.parametrize("table", FOREVER)
def test_what_is_forever_is_not_changed(cast: Cast, table: str) -> None:
    with as_web(cast.officer) as web:
        denied(web, f"UPDATE {table} SET region_id = '500152001001'")


@pytest.mark.parametrize("table", [*LEDGER, "accounts_access", "accounts_role"])
def test_money_keys_and_roles_are_not_written_by_hand(cast: Cast, table: str) -> None:
    with as_web(cast.officer) as web:
        denied(web, f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_access SET person_id = {far}",
        "UPDATE accounts_access SET account_id = {me}",
        "UPDATE accounts_role SET kind = 'officer', scope = ''",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "CREATE ROLE mine SUPERUSER",
        "ALTER ROLE songbai_web BYPASSRLS",
        "CREATE TABLE mine (x int)",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY elders_elder TO PROGRAM 'cat'",
        "UPDATE django_migrations SET name = 'x'",
        "UPDATE songbai_clock SET ahead = '1 year'",
        "SET session_replication_role = replica",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_creat(-1)",
    ],
)
def test_there_is_no_way_up(cast: Cast, statement: str) -> None:
    given = statement.format(far=cast.far_elder.pk, me=cast.daughter.account_id)
    with as_web(cast.daughter) as web:
        denied(web, given)


@pytest.mark.parametrize("who", ["daughter", "provider_staff", "dispatcher"])
def test_nobody_ends_or_prolongs_a_key_by_sql(cast: Cast, who: str) -> None:
    with as_web(getattr(cast, who)) as web:
        denied(web, "UPDATE accounts_access SET valid_until = songbai_now()")


def grant(web: psycopg.Connection, cast: Cast, region: str) -> None:
    until, account = clock.now() + timedelta(days=1), cast.stranger_family.account_id
    given = cast.mother.pk, region, "visit", clock.now(), until, account, None
    ask(web, "accounts_grant", *given)


def test_who_has_no_access_gives_none(cast: Cast) -> None:
    for actor in (None, cast.stranger_family, cast.far_officer, cast.provider_staff):
        with as_web(actor) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
            grant(web, cast, cast.mother.region_id)
    with as_web(cast.dispatcher) as web:
        grant(web, cast, cast.mother.region_id)


def test_a_false_region_does_not_open_a_person(cast: Cast) -> None:
    with as_web(cast.far_officer) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        grant(web, cast, cast.far_elder.region_id)


def test_without_a_scope_the_ledger_is_closed(cast: Cast) -> None:
    account = '[{"code": "x", "name": "x", "unit": "fen", "region": "500151001001"}]'
    with as_web() as web, pytest.raises(psycopg.errors.InsufficientPrivilege, match="no scope"):
        ask(web, "ledger_move", account, "[]", clock.now(), None, False)


def test_a_row_is_not_moved_out_of_sight(city: Cast) -> None:
    with as_web(city.officer) as web:
        denied(web, "UPDATE orders_order SET region_id = '500152001001'")
    with acting(city.officer):
        assert city.mother.region_id == "500151001001"


def test_no_function_or_view_of_ones_own_can_be_made(city: Cast) -> None:
    with as_web(city.daughter) as web:
        denied(web, "CREATE FUNCTION leak() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        denied(web, "CREATE VIEW mine AS SELECT * FROM elders_elder")


def test_every_rule_names_a_column_that_exists() -> None:
    for model, rule in secured_models().items():
        columns = {field.column for field in model._meta.concrete_fields}
        named = {rule.region, rule.person, rule.organisation, rule.account} - {None}
        assert named
        assert named <= columns, model


def test_nobody_says_through_a_page_that_a_list_is_complete(cast: Cast) -> None:
    row = "INSERT INTO elders_closedlist (kind, source, region_id, as_of, recorded_at)"
    values = " VALUES ('hukou', 'gongan', '500151000000', songbai_now(), songbai_now())"
    for actor in (cast.officer, cast.daughter):
        with as_web(actor) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(row + values)
