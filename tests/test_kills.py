"""Processes die in the middle of an act: nothing is doubled, nothing is lost, books sum to zero."""

import re
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from .stage import ROOT, Stage, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with its web process running."""
    home, path = Path(tmp_path_factory.mktemp("kills")), f"{ROOT / 'tests/moving'}:{ROOT}"
    standing = Stage(home, extra={"PYTHONPATH": path})
    try:
        standing.start_database()
        standing.set_up()
        standing.start_web()
        with standing.daughter() as client:  # so that the provider's account can be locked
            client.post("/family/order/", data=order_form(standing, client, uuid.uuid4()))
        yield standing
    finally:
        standing.close()


@contextmanager
def held(stage: Stage, query: str, *values: object) -> Iterator[None]:
    """Hold a row lock, so that whoever needs the row waits in the middle of its transaction."""
    with psycopg.connect(stage.database) as holder:
        holder.execute(query, values or None)
        yield
        holder.rollback()


def order_form(stage: Stage, client: httpx.Client, key: uuid.UUID) -> dict[str, Any]:
    """What the daughter's phone sends when she taps 下单."""
    page = client.get("/family/order/", params={"offer": stage.cast["bath"]})
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return {
        "csrfmiddlewaretoken": found[1],
        "offer": stage.cast["bath"],
        "elder": stage.cast["mother"],
        "idempotency_key": str(key),
        "again": "1",
        "date": stage.cast["tomorrow"],
        "slot": "9-11",
        "note": "后门进",
    }


def orders_of(stage: Stage, key: uuid.UUID) -> int:
    [(count,)] = stage.sql("SELECT count(*) FROM orders_order WHERE idempotency_key = %s", key)
    return int(count)


def held_for(stage: Stage, key: uuid.UUID) -> int:
    [(amount,)] = stage.sql(
        "SELECT coalesce(sum(t.amount), 0) FROM ledger_transfer t JOIN orders_order o"
        " ON o.id = t.subject_id AND t.subject_kind = 'order'"
        " WHERE o.idempotency_key = %s AND t.kind = 'hold'",
        key,
    )
    return int(amount)


def assert_books_are_right(stage: Stage) -> None:
    """Balances sum to zero and each equals what went in less what went out."""
    [(total,)] = stage.sql("SELECT sum(balance) FROM ledger_ledgeraccount")
    assert total == 0
    wrong = stage.sql(
        "SELECT a.code FROM ledger_ledgeraccount a WHERE a.balance <>"
        " coalesce((SELECT sum(amount) FROM ledger_transfer WHERE credit_id = a.id), 0)"
        " - coalesce((SELECT sum(amount) FROM ledger_transfer WHERE debit_id = a.id), 0)"
    )
    assert wrong == []


def post_and_forget(client: httpx.Client, form: dict[str, Any]) -> threading.Thread:
    """Send the form from another thread; the answer may never come."""

    def send() -> None:
        try:
            client.post("/family/order/", data=form)
        except httpx.HTTPError:
            return

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def waiting(stage: Stage, least: int = 1) -> bool:
    """Whether somebody waits for a lock, or so many do."""
    [(count,)] = stage.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND application_name LIKE 'songbai%%'"
    )
    return int(count) >= least


MONEY = "SELECT 1 FROM ledger_ledgeraccount WHERE code LIKE 'provider:%:held' FOR UPDATE"


def test_two_taps_at_once_are_one_order(stage: Stage) -> None:
    key = uuid.uuid4()
    with stage.daughter() as client:
        form = order_form(stage, client, key)
        with ThreadPoolExecutor(4) as taps:
            replies = list(taps.map(lambda _: client.post("/family/order/", data=form), range(4)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.url.path for reply in replies}) == 1
    assert orders_of(stage, key) == 1
    assert held_for(stage, key) == 22_500
    assert_books_are_right(stage)


def test_a_web_process_killed_while_ordering_leaves_nothing_and_loses_nothing(
    stage: Stage,
) -> None:
    key = uuid.uuid4()
    with stage.daughter() as client:
        form = order_form(stage, client, key)
        with held(stage, MONEY):
            sending = post_and_forget(client, form)
            eventually("the order waits for its money", 20, lambda: waiting(stage))
            stage.kill("web")
            sending.join()
        eventually("the database let go", 20, lambda: not waiting(stage))
        assert orders_of(stage, key) == 0
        assert_books_are_right(stage)
        stage.start_web()
        assert client.post("/family/order/", data=form).status_code == 200
        assert client.post("/family/order/", data=form).status_code == 200
    assert orders_of(stage, key) == 1
    assert held_for(stage, key) == 22_500
    assert_books_are_right(stage)


def test_a_killed_postgresql_comes_back_with_whole_orders_only(stage: Stage) -> None:
    before, during = uuid.uuid4(), uuid.uuid4()
    with stage.daughter() as client:
        form = order_form(stage, client, before)
        assert client.post("/family/order/", data=form).status_code == 200
        form["idempotency_key"] = str(during)
        holder = psycopg.connect(stage.database)
        holder.execute(MONEY)
        sending = post_and_forget(client, form)
        eventually("the order waits for its money", 20, lambda: waiting(stage))
        stage.kill_database()
        sending.join()
        holder.close()
        stage.start_database()
        assert orders_of(stage, before) == 1
        assert orders_of(stage, during) == 0
        assert_books_are_right(stage)
        eventually(
            "the web process found the database again",
            30,
            lambda: client.post("/family/order/", data=form).status_code == 200,
        )
    assert orders_of(stage, during) == 1
    assert held_for(stage, during) == 22_500
    assert_books_are_right(stage)


@pytest.mark.parametrize("hours", [3, -3])
def test_under_a_moved_clock_a_running_site_goes_on(stage: Stage, hours: int) -> None:
    with stage.daughter() as client:
        sent = order_form(stage, client, uuid.uuid4())
        assert client.post("/family/order/", data=sent).status_code == 200
        key = uuid.uuid4()
        for moved in (hours, 0):
            stage.move_clock(timedelta(hours=moved))
            assert client.get("/family/").url.path == "/family/"
            for form in (sent, sent | {"idempotency_key": str(key)}):
                reply = client.post("/family/order/", data=form)
                assert reply.url.path.startswith("/family/orders/"), reply.text[:500]
            with stage.daughter() as again:  # with a code asked for now
                assert again.get("/family/").status_code == 200
    for one in (uuid.UUID(sent["idempotency_key"]), key):
        assert orders_of(stage, one) == 1
        assert held_for(stage, one) == 22_500
    assert_books_are_right(stage)


def test_the_work_of_killed_workers_is_done_by_the_next(stage: Stage) -> None:
    order = served_order(stage)
    stage.run("-c", DEFER.format(task="songbai.domain.orders.tasks.confirm_due") + DELIVER)
    with (
        held(stage, "SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", order),
        held(stage, "LOCK TABLE elders_fact IN EXCLUSIVE MODE"),
    ):
        for name in ("worker", "worker2"):
            stage.start(name, "worker")
        eventually("one waits for the order, one imports", 40, lambda: waiting(stage, 2))
        for name in ("worker", "worker2"):
            stage.kill(name)
    eventually("the database let go", 20, lambda: not waiting(stage))
    assert stage.sql("SELECT state FROM orders_order WHERE id = %s", order) == [("to_confirm",)]
    assert stage.sql("SELECT state FROM feeds_delivery WHERE state = 'written'") == []
    stage.sql(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' RETURNING id"
    )
    stage.run("-c", DEFER.format(task="songbai.core.events.tasks.retry_stalled"))
    stage.start("worker", "worker")
    eventually(
        "the next worker confirmed the order",
        60,
        lambda: stage.sql("SELECT 1 FROM orders_order WHERE id = %s AND state = 'done'", order),
    )
    [(earned,)] = stage.sql(
        "SELECT sum(amount) FROM ledger_transfer WHERE subject_id = %s AND kind = 'earn'"
        " AND subject_kind = 'order'",
        order,
    )
    assert earned == 22_500
    assert_books_are_right(stage)
    done = "SELECT rows FROM feeds_delivery WHERE state = 'written'"
    eventually("the next worker wrote the delivery", 60, lambda: stage.sql(done) == [(30,)])
    assert stage.sql("SELECT count(*) FROM feeds_sourcerow") == [(30,)]
    facts = (
        "SELECT count(*), count(DISTINCT (kind, digest)) FROM elders_fact WHERE source = 'renshe'"
    )
    [(written, different)] = stage.sql(facts)
    assert written == different > 0


#: Thirty months of a pension, handed in for a worker to read.
DELIVER = """
from songbai.domain.elders.models import Elder
from songbai.domain.feeds.tasks import begin
from songbai.domain.feeds.tests.deliveries import MOTHER, hand_in, number, pension
number(Elder.objects.get(name="王桂英"), MOTHER)
begin(hand_in("renshe_pensions", [
    pension(MOTHER, "王桂英", f"{1000 + at}", f"20{20 + at // 12}-{at % 12 + 1:02d}", f"K{at}")
    for at in range(30)
]))
"""
DEFER = """
import django; django.setup()
from contextlib import suppress
from django.utils.module_loading import import_string
from procrastinate.exceptions import AlreadyEnqueued
with suppress(AlreadyEnqueued):  # its schedule came first
    import_string("{task}").defer(timestamp=0)
"""


def served_order(stage: Stage) -> int:
    """An order whose care was given a day ago and that no family confirmed."""
    key = uuid.uuid4()
    with stage.daughter() as client:
        form = order_form(stage, client, key)
        assert client.post("/family/order/", data=form).status_code == 200
    for state in ("assigned", "in_service", "to_confirm"):
        stage.sql(
            "UPDATE orders_order SET state = %s, confirm_due = songbai_now() - interval '1 minute'"
            " WHERE idempotency_key = %s RETURNING id",
            state,
            key,
        )
    [(order,)] = stage.sql("SELECT id FROM orders_order WHERE idempotency_key = %s", key)
    return int(order)
