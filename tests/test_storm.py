"""People order while everything is killed in turn: all come back, nothing is lost or doubled."""

import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from .stage import Stage, eventually
from .test_comes_back import SOON, master_of, runs
from .test_kills import assert_books_are_right, order_form

pytestmark = pytest.mark.slow
#: With ``SONGBAI_THOROUGH=1`` twice round and 200 orders (two minutes).
THOROUGH = os.environ.get("SONGBAI_THOROUGH") == "1"
#: Orders that must have been acknowledged before the storm ends, rounds of kills, and people.
ORDERS, ROUNDS, PEOPLE = (200, 2, 3) if THOROUGH else (60, 1, 3)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An installation that tends its own database: two web processes, two background workers."""
    standing = Stage(tmp_path)
    try:
        standing.start_database()
        standing.set_up()
        standing.let_the_database_go()
        standing.start_web(workers=2)
        standing.start("worker", "worker")
        standing.start("worker2", "worker")
        yield standing
    finally:
        standing.close()


@dataclass
class People:
    """Daughters who tap 下单 and, where no answer comes, tap again with the same form."""

    stage: Stage
    acknowledged: list[uuid.UUID] = field(default_factory=list)
    ready: threading.Barrier = field(default_factory=lambda: threading.Barrier(PEOPLE + 1))
    enough: threading.Event = field(default_factory=threading.Event)

    def one(self, cookies: dict[str, str]) -> None:
        """Order again and again until it is enough."""
        client = httpx.Client(
            base_url=self.stage.url, cookies=cookies, timeout=20, follow_redirects=True
        )
        with client:
            form = order_form(self.stage, client, uuid.uuid4())
            self.ready.wait(60)
            while not self.enough.is_set():
                key = uuid.uuid4()
                if self.acknowledges(client, form | {"idempotency_key": str(key)}):
                    self.acknowledged.append(key)

    def acknowledges(self, client: httpx.Client, form: dict[str, object]) -> bool:
        """Whether the page of the order came, at last."""
        while not self.enough.is_set():
            try:
                reply = client.post("/family/order/", data=form)
            except httpx.HTTPError:
                time.sleep(0.1)
                continue
            if reply.status_code == 200 and reply.url.path.startswith("/family/orders/"):
                return True
            time.sleep(0.2)
        return False


def kills(stage: Stage) -> list[Callable[[], psutil.Process]]:
    """What can be killed: who it was comes back dying."""

    def worker(name: str) -> psutil.Process:
        return stage.family_of(name)[0]

    return [
        lambda: master_of(stage),
        lambda: random.choice(master_of(stage).children()),
        lambda: psutil.Process(stage.postmaster()),
        lambda: worker("worker"),
        lambda: worker("worker2"),
    ]


def test_nothing_is_lost_or_doubled_while_everything_is_killed(stage: Stage) -> None:
    people = People(stage)
    with stage.daughter() as first:
        cookies = dict(first.cookies)
    threads = [threading.Thread(target=people.one, args=[cookies]) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    people.ready.wait(60)
    away: list[float] = []
    victims = kills(stage)
    while len(people.acknowledged) < ORDERS or len(away) < ROUNDS * len(victims):
        time.sleep(random.uniform(0.2, 2))
        victim = victims[len(away) % len(victims)]()
        print(
            len(away),
            victim.pid,
            victim.name(),
            victim.cmdline()[-3:],
            len(people.acknowledged),
            flush=True,
        )
        victim.kill()
        began = time.monotonic()
        eventually("the killed one is gone", SOON, lambda victim=victim: not runs(victim.pid))
        eventually("the site is back", SOON, stage.answers)
        away.append(time.monotonic() - began)
        assert any(thread.is_alive() for thread in threads)
    people.enough.set()
    for thread in threads:
        thread.join()
    print(f"{len(people.acknowledged)} orders, {len(away)} kills, away {max(away):.1f} s at most")
    kept = dict(
        stage.sql(
            "SELECT o.idempotency_key, sum(t.amount) FROM orders_order o"
            " JOIN ledger_transfer t ON t.subject_kind = 'order' AND t.subject_id = o.id"
            " AND t.kind = 'hold' WHERE o.idempotency_key = ANY(%s) GROUP BY 1",
            people.acknowledged,
        )
    )
    assert kept == dict.fromkeys(people.acknowledged, 22_500)
    assert_books_are_right(stage)
