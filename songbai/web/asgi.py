"""The ASGI application: pages in a fixed pool of threads, the live stream on the event loop.

Django's own ASGI handler changes between loop and thread several times per page, with a new thread
for each request; measured, a page took three times as long under load (docs/performance.md). Pages
here change once: the WSGI handler answers in a thread, the loop sends what it answered.
"""

import asyncio
import gc
import multiprocessing
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")

from asgiref.wsgi import WsgiToAsgiInstance
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from songbai.core import parent

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
#: Pages answered at once by one process; more wait their turn.
THREADS = 4
#: Bodies up to this size stay in memory.
IN_MEMORY = 256 * 1024
_ASCII = bytes(range(128))

if master := multiprocessing.parent_process():
    parent.die_with(master.pid or 0)  # a worker whose master is gone must not keep the port
_live = get_asgi_application()
_pages = get_wsgi_application()
from songbai.web import bodies  # noqa: E402  # it asks tables, which are there from here on

# What was loaded so far lives as long as the process: the collector need not look at it again.
gc.freeze()
gc.set_threshold(20_000, 20, 50)
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")


class Body(Enum):
    """What became of what was sent with a request."""

    WHOLE = 1
    TOO_LARGE = 2
    GONE = 3


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        await _live(scope, receive, send)  # type: ignore[arg-type]  # Django says Mapping
        return
    # A browser may send an address as it was typed; both ways to Django take ASCII.
    scope = scope | {"query_string": quote(scope["query_string"], safe=_ASCII).encode()}
    is_live = scope["path"].startswith("/live/")
    with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        loop = asyncio.get_running_loop()
        match await _read(scope, receive, body):
            case Body.GONE:
                return
            case Body.TOO_LARGE:
                is_live, (start, content) = False, bodies.too_large(scope["path"])
            case Body.WHOLE if not is_live:
                start, content = await loop.run_in_executor(_threads, _answer, scope, body)
    if is_live:
        await _live(scope, _without_body(receive), send)  # type: ignore[arg-type]  # as above
        return
    await send(start)
    await send({"type": "http.response.body", "body": content})


def _without_body(receive: Receive) -> Receive:
    """What follows a body that was taken and is of no use: none, then what still comes."""
    waiting = [{"type": "http.request", "body": b"", "more_body": False}]

    async def rest() -> dict[str, Any]:
        return waiting.pop() if waiting else await receive()

    return rest


async def _read(scope: Scope, receive: Receive, body: IO[bytes]) -> Body:
    """Take the body, as far as whoever sends it may send so much."""
    size, most = bodies.announced(scope), bodies.WORDS
    while True:
        if size > most == bodies.WORDS:
            loop = asyncio.get_running_loop()
            most = await loop.run_in_executor(_threads, bodies.most, scope)
        if size > most:
            return Body.TOO_LARGE
        message = await receive()
        if message["type"] == "http.disconnect":
            return Body.GONE  # the client left before all was sent
        body.write(message.get("body", b""))
        if not message.get("more_body"):
            body.seek(0)
            return Body.WHOLE
        size = max(size, body.tell())


def _answer(scope: Scope, body: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Let Django answer, in a thread: the start message and the whole content."""
    started: dict[str, Any] = {"type": "http.response.start"}

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        started["status"] = int(status.split(" ", 1)[0])
        started["headers"] = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]

    bridge = WsgiToAsgiInstance(_pages, 0)  # type: ignore[no-untyped-call]  # asgiref has no types here
    bridge.scope = scope
    environ = bridge.build_environ(scope, body)  # type: ignore[no-untyped-call]  # as above
    response: Any = _pages(environ, start_response)  # type: ignore[arg-type]  # never writes
    try:
        return started, b"".join(response)
    finally:
        response.close()
