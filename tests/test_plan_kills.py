"""A process dies while a plan is published or made: everybody is told, or nobody; never half."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from .stage import ROOT, Stage, eventually
from .test_comes_back import SOON, master_of

pytestmark = pytest.mark.slow

ORDERS = 3
PLACE = """
import django; django.setup()
import uuid
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import NewOrder, place
from tests.cast import tomorrow
for hour in range(9, 9 + {orders}):
    place(SYSTEM, NewOrder(
        uuid.uuid4(), Elder.objects.get(pk={elder}), [{offer}], tomorrow(hour), tomorrow(hour + 1),
        again=True,
    ))
from songbai.core import signing
from songbai.core.accounts.models import Role
from songbai.core.accounts.queries import actor_of
from tests.doors import signed_in
signing.tell_key()  # the database came from elsewhere
role = Role.objects.filter(kind="dispatcher").order_by("pk")[0]
print("SESSION", signed_in(actor_of(role.account, role)).cookies["songbai-session"].value)
"""
DRAFT = """
import django; django.setup()
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.dispatch.actions import draft
from songbai.domain.dispatch.planner import engine
from songbai.domain.dispatch.queries.days import Area
from tests.cast import tomorrow
engine.ready(300)
print("PLAN", draft(SYSTEM, tomorrow(9).date(), area=Area("500151")).pk)
"""
#: A token that a browser made up for itself: good for its own forms only.
TOKEN = "a1B2" * 8


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with orders that wait, and a web process."""
    standing = Stage(Path(tmp_path_factory.mktemp("plans")))
    try:
        standing.start_database()
        standing.set_up()
        elder, offer = standing.cast["mother"], standing.cast["bath"]
        said = standing.run("-c", PLACE.format(orders=ORDERS, elder=elder, offer=offer))
        standing.cast["session"] = said.split("SESSION ")[1].strip()
        standing.start_web()
        yield standing
    finally:
        standing.close()


def begin(stage: Stage, script: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=stage.environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def publish(stage: Stage, plan: int) -> None:
    """A dispatcher presses 公布; the answer may never come."""
    cookies = {"songbai-session": stage.cast["session"], "songbai-csrf": TOKEN}
    with suppress(httpx.HTTPError):
        httpx.post(
            f"{stage.url}/desk/plans/{plan}/publish/",
            data={"csrfmiddlewaretoken": TOKEN},
            cookies=cookies,
            timeout=60,
        )


def waiting(stage: Stage) -> bool:
    [(count,)] = stage.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND application_name LIKE 'songbai%%'"
    )
    return bool(count)


def told(stage: Stage) -> list[int]:
    """How often each order's family heard of somebody who comes."""
    rows = stage.sql(
        "SELECT count(e.id) FROM orders_order o LEFT JOIN events_event e"
        " ON e.subject_kind = 'order' AND e.subject_id = o.id AND e.kind = 'order.assigned'"
        " GROUP BY o.id ORDER BY o.id"
    )
    return [int(count) for (count,) in rows]


def sent(stage: Stage) -> int:
    [(count,)] = stage.sql("SELECT count(*) FROM dispatch_assignment WHERE state = 'active'")
    return int(count)


def test_killed_in_the_middle_of_publishing_tells_nobody_and_can_be_done_again(
    stage: Stage,
) -> None:
    plan = int(stage.run("-c", DRAFT).split("PLAN ")[1])
    with psycopg.connect(stage.database) as holder:
        # Somebody is written down as sent before the first event is told: it waits between the two.
        holder.execute("LOCK TABLE events_event IN EXCLUSIVE MODE")
        publishing = threading.Thread(target=publish, args=[stage, plan])
        publishing.start()
        eventually("publishing waits in its middle", 60, lambda: waiting(stage))
        for worker in master_of(stage).children(recursive=True):
            worker.kill()
        publishing.join()
        holder.rollback()
    eventually("the database let go", 20, lambda: not waiting(stage))
    assert sent(stage) == 0
    assert told(stage) == [0] * ORDERS
    assert stage.sql("SELECT state FROM dispatch_dayplan WHERE id = %s", plan) == [("draft",)]

    eventually("the site is back", SOON, stage.answers)
    publish(stage, plan)
    publish(stage, plan)
    assert sent(stage) == ORDERS
    assert told(stage) == [1] * ORDERS
    assert stage.sql("SELECT state FROM dispatch_dayplan WHERE id = %s", plan) == [("published",)]


def test_killed_while_a_draft_is_written_leaves_no_draft(stage: Stage) -> None:
    before = stage.sql("SELECT count(*) FROM dispatch_dayplan")
    with psycopg.connect(stage.database) as holder:
        holder.execute("LOCK TABLE dispatch_planline IN EXCLUSIVE MODE")
        drafting = begin(stage, DRAFT)
        eventually("the draft waits in its middle", 120, lambda: waiting(stage))
        drafting.kill()
        drafting.wait()
        holder.rollback()
    eventually("the database let go", 20, lambda: not waiting(stage))
    assert stage.sql("SELECT count(*) FROM dispatch_dayplan") == before
    [(lines,)] = stage.sql(
        "SELECT count(*) FROM dispatch_planline l LEFT JOIN dispatch_dayplan p ON p.id = l.plan_id"
        " WHERE p.id IS NULL"
    )
    assert lines == 0
