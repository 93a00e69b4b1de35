"""One LISTEN connection per process, fanned out to the open pages of that process."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator

import psycopg
from django.conf import settings

from songbai.core.events.actions import CHANNEL

log = logging.getLogger(__name__)
#: Seconds between signs of life, so that proxies and browsers keep the connection.
HEARTBEAT = 20
#: A page that stays open longer connects again and is asked again who it is.
LONGEST = 30 * 60
WAITING = 200


class Hub:
    """Subscriptions of one event loop."""

    def __init__(self) -> None:
        self.pages: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self.listener: asyncio.Task[None] | None = None

    async def stream(self, topic: str) -> AsyncIterator[bytes]:
        """Server-sent events of one topic until the page leaves or the time is up."""
        queue: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self.pages[topic].add(queue)
        if self.listener is None or self.listener.done():
            self.listener = asyncio.create_task(self._listen())
        ends = asyncio.get_running_loop().time() + LONGEST
        try:
            yield b"retry: 2000\n\n"
            while asyncio.get_running_loop().time() < ends:
                try:
                    message = await asyncio.wait_for(queue.get(), HEARTBEAT)
                    yield f"data: {message}\n\n".encode()
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self.pages[topic].discard(queue)

    async def _listen(self) -> None:
        """Hear notifications for ever; a lost database is looked for again every second."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    _conninfo(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._tell_all("reconnected")
                    async for notice in connection.notifies():
                        self._deliver(notice.payload)
            except psycopg.OperationalError:
                log.warning("live pages: the database is away, trying again")
            await asyncio.sleep(1)

    def _deliver(self, payload: str) -> None:
        """Pass on what the program said; what has another form is none of its, and passed over."""
        try:
            heard = json.loads(payload)
            message = json.dumps({"kind": heard["kind"], "id": heard["id"]})
            queues = [queue for topic in heard["topics"] for queue in self.pages.get(topic, ())]
        except (ValueError, KeyError, TypeError):
            log.warning("live pages: a notice that is none")
            return
        for queue in queues:
            self._put(queue, message)

    def _tell_all(self, kind: str) -> None:
        for queues in self.pages.values():
            for queue in queues:
                self._put(queue, json.dumps({"kind": kind, "id": 0}))

    @staticmethod
    def _put(queue: asyncio.Queue[str], message: str) -> None:
        if queue.full():
            queue.get_nowait()  # a page this far behind reloads everything anyway
        queue.put_nowait(message)


def _conninfo() -> str:
    database = settings.DATABASES["default"]
    return psycopg.conninfo.make_conninfo(
        dbname=database["NAME"],
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        application_name="songbai-live",
    )


_hubs: dict[int, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(id(asyncio.get_running_loop()), Hub())
