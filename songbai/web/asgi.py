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
from tempfile import SpooledTemporaryFile
from typing import IO, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
os.environ.setdefault("SONGBAI_PROCESS", "web")

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

if master := multiprocessing.parent_process():
    parent.die_with(master.pid or 0)  # a worker whose master is gone must not keep the port
_live = get_asgi_application()
_pages = get_wsgi_application()
# What was loaded so far lives as long as the process: the collector need not look at it again.
gc.freeze()
gc.set_threshold(20_000, 20, 50)
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http" or scope["path"].startswith("/live/"):
        await _live(scope, receive, send)  # type: ignore[arg-type]  # Django says Mapping
        return
    with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        if not await _read(receive, body):
            return
        loop = asyncio.get_running_loop()
        start, content = await loop.run_in_executor(_threads, _answer, scope, body)
    await send(start)
    await send({"type": "http.response.body", "body": content})


async def _read(receive: Receive, body: IO[bytes]) -> bool:
    """Take the whole body; False when the client left before it was sent."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        body.write(message.get("body", b""))
        if not message.get("more_body"):
            body.seek(0)
            return True


def _answer(scope: Scope, body: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Let Django answer, in a thread: the start message and the whole content."""
    started: dict[str, Any] = {"type": "http.response.start"}

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        started["status"] = int(status.split(" ", 1)[0])
        started["headers"] = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]

    bridge = WsgiToAsgiInstance(_pages)  # type: ignore[no-untyped-call]  # asgiref has no types here
    bridge.scope = scope
    environ = bridge.build_environ(scope, body)  # type: ignore[no-untyped-call]  # as above
    response: Any = _pages(environ, start_response)  # type: ignore[arg-type]  # never writes
    try:
        return started, b"".join(response)
    finally:
        response.close()
