"""While the database is away pages say so at once, and give back what was typed."""

import pytest
from django.db import OperationalError
from django.test import Client

from songbai.core import record, scope
from tests.cast import Cast


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The database is away; counts how often somebody waited for it."""
    tries: list[int] = []

    def refuse(_: object) -> None:
        tries.append(1)
        raise OperationalError("couldn't get a connection")

    monkeypatch.setattr(scope, "bind", refuse)
    monkeypatch.setattr(record, "answers", lambda: False)
    return tries


def test_a_page_comes_that_tries_again_by_itself(client: Client, away: list[int]) -> None:
    reply = client.get("/search/?q=%E5%8A%A9%E6%B5%B4")
    assert reply.status_code == 503
    assert reply["Retry-After"]
    assert reply["Cache-Control"] == "no-store"
    assert 'http-equiv="refresh"' in reply.text


def test_only_the_first_waits(client: Client, away: list[int]) -> None:
    for _ in range(3):
        assert client.get("/about/").status_code == 503
    assert len(away) == 1


def test_what_was_posted_is_in_the_page_and_harmless_there(client: Client, away: list[int]) -> None:
    reply = client.post("/login/?next=/family/", {"phone": '"><script>', "tab": ["a", "b"]})
    assert 'action="/login/?next=/family/"' in reply.text
    assert 'name="phone" value="&quot;&gt;&lt;script&gt;"' in reply.text
    assert reply.text.count('name="tab"') == 2
    assert "刚才没有办成" in reply.text


def test_a_machine_gets_a_fault_it_can_read(client: Client, away: list[int]) -> None:
    reply = client.post("/api/feeds/x/", b"{}", content_type="application/json")
    assert reply.status_code == 503
    assert reply.json()["error"] == "TryAgain"


def test_a_database_that_leaves_in_the_middle_is_not_a_fault_of_ours(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    client.raise_request_exception = False
    monkeypatch.setattr("songbai.web.middleware.actor_of_session", broken)
    reply = client.get("/about/")
    assert reply.status_code == 503
