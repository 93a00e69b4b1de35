"""Binding a database session to an actor, and what the policies say."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from songbai.core import clock, scope
from songbai.core.accounts.rules import Actor
from songbai.core.scope import RowSecurity, secured_models
from tests.cast import Cast, acting
from tests.roles import OFFICER, PROVIDER

OFFICIAL = Actor(7, "刘局", OFFICER, region="500151")


def session() -> tuple[str, ...]:
    """Role and scope of this session."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('songbai.account', true),"
            " current_setting('songbai.organisation', true),"
            " current_setting('songbai.region_from', true),"
            " current_setting('songbai.region_to', true)"
        )
        found: tuple[str, ...] = cursor.fetchone()
        return found


def test_an_officer_is_bound_to_a_range_of_codes(db: None) -> None:
    with acting(OFFICIAL):
        assert session() == ("songbai_web", "7", "", "500151000000", "500151999999")


def test_a_provider_is_bound_to_its_organisation(db: None) -> None:
    with acting(Actor(8, "何青", PROVIDER, organisation_id=3)):
        assert session() == ("songbai_web", "8", "3", "", "")


def test_a_stranger_is_bound_to_nothing(db: None) -> None:
    with acting(None):
        assert session() == ("songbai_web", "", "", "", "")


def test_the_whole_country_is_a_scope_and_nowhere_is_none(db: None) -> None:
    with acting(Actor(1, "部", OFFICER, region="")):
        assert session()[3:] == ("000000000000", "999999999999")


def test_release_forgets_everything(db: None) -> None:
    with acting(OFFICIAL):
        pass
    assert session()[0] != "songbai_web"
    assert session()[1:] == ("", "", "", "")


def test_scope_is_released_after_an_error(db: None) -> None:
    with pytest.raises(ZeroDivisionError), acting(OFFICIAL):
        raise ZeroDivisionError
    assert session()[1:] == ("", "", "", "")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (RowSecurity(region="region_id"), ["region_id >=", "region_id <="]),
        (RowSecurity(organisation="provider_id"), ["provider_id ="]),
        (RowSecurity(account="account_id"), ["account_id ="]),
        (
            RowSecurity(person="elder_id"),
            ["elder_id = ANY", "valid_until > (SELECT songbai_now())"],
        ),
    ],
)
def test_each_column_becomes_a_condition(rule: RowSecurity, words: list[str]) -> None:
    assert all(word in rule.using() for word in words)
    assert rule.changing() == rule.using()


def test_a_row_may_be_seen_by_its_holder_and_changed_only_in_its_region() -> None:
    rule = RowSecurity("region_id", account="account_id", changed_by_region_only=True)
    assert "account_id" in rule.using()
    assert "account_id" not in rule.changing()


def policies() -> dict[str, set[str]]:
    """Commands with a policy, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, cmd FROM pg_policies WHERE roles = '{songbai_web}'")
        found: dict[str, set[str]] = {}
        for table, command in cursor.fetchall():
            found.setdefault(table, set()).add(command)
        return found


def test_every_secured_table_has_its_policies(db: None) -> None:
    found = policies()
    for model in secured_models():
        assert found[model._meta.db_table] == {"SELECT", "UPDATE", "INSERT"}, model


def test_every_secured_table_has_row_security_switched_on(db: None) -> None:
    tables = [model._meta.db_table for model in secured_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND NOT relrowsecurity", [tables]
        )
        assert cursor.fetchall() == []


def test_installing_twice_changes_nothing(db: None) -> None:
    before = policies()
    scope.install()
    assert policies() == before


def test_no_model_that_holds_people_is_forgotten() -> None:
    assert forgotten() == []


def test_rows_within_a_division_are_cut_by_code(cast: Cast) -> None:
    everybody = type(cast.mother).objects.all()
    inside = scope.within(everybody, "500151")
    assert {row.pk for row in inside} == {cast.mother.pk, cast.neighbour.pk}


def test_the_database_runs_as_far_ahead_as_the_one_row_says(db: None) -> None:
    nows = []
    with connection.cursor() as cursor:
        for ahead in ("-1 day", "3 days"):
            cursor.execute(f"UPDATE songbai_clock SET ahead = '{ahead}'")
            cursor.execute("SELECT songbai_now()")
            nows += cursor.fetchone()
    assert nows[1] - nows[0] == timedelta(days=4)


def test_a_moved_clock_moves_the_database_too(cast: Cast) -> None:
    with acting(cast.daughter), clock.moved_to(clock.now() + timedelta(days=400)):
        assert not type(cast.mother).objects.exists()  # her access has ended by then
    with acting(cast.daughter):
        assert type(cast.mother).objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO songbai_clock VALUES ('1 day')",
        "DELETE FROM songbai_clock",
        "TRUNCATE songbai_clock",
        "UPDATE songbai_clock SET ahead = NULL",
    ],
)
def test_the_database_has_exactly_one_clock(db: None, change: str) -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(change)


def forgotten() -> list[str]:
    """Models that hold people but declare no row security."""
    holds = {"elder", "person_id", "region"}
    return [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("songbai.domain")
        and {field.name for field in model._meta.get_fields()} & holds
        and model not in scope.secured_models()
        and not getattr(model, "open_to_all", False)
    ]
