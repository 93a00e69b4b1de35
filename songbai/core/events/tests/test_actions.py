"""What happened: event, notice and job, all with the act or none of them."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from songbai.core.accounts.rules import SYSTEM
from songbai.core.events import actions, registry
from songbai.core.events.actions import CHANNEL, publish, subscribe, wake
from songbai.core.events.models import Event
from songbai.core.events.queries import history
from songbai.core.events.registry import event
from tests.attack import refused
from tests.cast import Cast, acting
from tests.registries import reopen

pytestmark = pytest.mark.long

KIND = "test.happened"


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    reopen(monkeypatch, registry._kinds)
    event(KIND, "试")


@pytest.fixture
def subscriber(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A job that runs after each event of our kind."""
    monkeypatch.setitem(actions._subscribers, KIND, [])
    task = app.task(name="test_subscriber", pass_context=False)(lambda event_id: event_id)
    subscribe(KIND)(task)
    yield task.name
    del app.tasks["test_subscriber"]


@pytest.fixture
def listener(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A second connection that hears the notices."""
    given = connection.settings_dict
    with psycopg.connect(
        dbname=given["NAME"], user=given["USER"], host=given["HOST"] or None, autocommit=True
    ) as second:
        second.execute(f"LISTEN {CHANNEL}")
        yield second


def happen(**changes: Any) -> None:
    publish(KIND, SYSTEM, **{"subject": ("thing", 5), "region": "500151001001", **changes})


def heard(listener: psycopg.Connection) -> list[dict[str, Any]]:
    return [json.loads(notice.payload) for notice in listener.notifies(timeout=0.3)]


def test_an_act_writes_event_notice_and_job(listener: psycopg.Connection, subscriber: str) -> None:
    with transaction.atomic():
        happen(person_id=7)
        assert heard(listener) == []
    [notice] = heard(listener)
    [job] = ProcrastinateJob.objects.all()
    event = Event.objects.get()
    assert (job.task_name, job.args) == (subscriber, {"event_id": event.pk})
    assert (notice["kind"], notice["id"]) == (KIND, 5)
    assert event.person_id == 7


def test_an_act_undone_leaves_none_of_the_three(
    listener: psycopg.Connection, subscriber: str
) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        happen()
        raise ZeroDivisionError
    assert heard(listener) == []
    assert not Event.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_a_notice_wakes_person_provider_desk_and_more(listener: psycopg.Connection) -> None:
    happen(person_id=7, organisation_id=3, topics=("account:9",))
    [notice] = heard(listener)
    assert notice["topics"] == ["account:9", "organisation:3", "person:7", "region:500151"]


def test_a_notice_tells_no_more_than_that_something_happened(
    listener: psycopg.Connection,
) -> None:
    happen(person_id=7, reason="跌倒")
    [notice] = heard(listener)
    assert set(notice) == {"kind", "topics", "id"}


def test_the_event_keeps_what_was_said(db: None) -> None:
    happen(stars=5, words="很好")
    assert Event.objects.get().payload == {"stars": 5, "words": "很好"}


def test_an_event_without_subscribers_makes_no_job(db: None) -> None:
    happen()
    assert not ProcrastinateJob.objects.exists()


def test_the_web_role_publishes_and_enqueues(cast: Cast, subscriber: str) -> None:
    with acting(cast.daughter):
        publish(
            KIND,
            cast.daughter,
            subject=("elder", cast.mother.pk),
            region=cast.mother.region_id,
            person_id=cast.mother.pk,
        )
        assert Event.objects.filter(kind=KIND).get().actor_name == "王敏"
    assert ProcrastinateJob.objects.filter(task_name=subscriber).count() == 1


@pytest.mark.parametrize("sql", ["UPDATE events_event SET kind = 'x'", "DELETE FROM events_event"])
@pytest.mark.parametrize("who", ["the web", "the owner"])
def test_an_event_is_never_changed_nor_deleted(cast: Cast, sql: str, who: str) -> None:
    with acting(cast.officer) if who == "the web" else nullcontext():
        refused(sql, "permission denied" if who == "the web" else "Cannot")


def test_history_is_in_order(db: None) -> None:
    for number in (1, 2, 3):
        happen(number=number)
    happen(subject=("thing", 6))
    assert [event.payload["number"] for event in history("thing", 5)] == [1, 2, 3]


def test_waking_pages_leaves_no_event_and_waits_for_the_end(listener: psycopg.Connection) -> None:
    before = Event.objects.count()
    with transaction.atomic():
        wake("thing.moved", ["region:500151"])
        assert heard(listener) == []
    assert heard(listener) == [{"kind": "thing.moved", "topics": ["region:500151"], "id": 0}]
    assert Event.objects.count() == before
