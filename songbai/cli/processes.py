"""Long-running children: the web server and the worker, started, kept alive, stopped together.

Whatever dies comes back: a child, the group it started, the embedded database. What dies takes
along all it started, so that nothing old answers beside the new: a child the group it leads, we all
of them (``songbai.core.parent``).
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from songbai.core import embedded, record, scope

#: Seconds a child has to end by itself before it is killed.
PATIENCE = 12.0
#: Seconds before a child that ended is started again: doubling from the first to the second.
BACKOFF = (0.5, 15.0)
#: A child that lived this many seconds was healthy: the next wait is short again.
HEALTHY = 30.0
#: Seconds for which a start waits for a database that is away.
COMING = 120.0


@dataclass
class Child:
    """One process to keep alive: its name for messages, its command and environment.

    ``without``: what of our environment is not its business.
    """

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    without: Collection[str] = ()
    needs_database: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    wait: float = field(default=BACKOFF[0])

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only us, bound to our life."""
        self.started = time.monotonic()
        bound = [sys.executable, "-m", "songbai.core.parent", str(os.getpid())]
        inherited = {name: os.environ[name] for name in os.environ if name not in self.without}
        self.process = subprocess.Popen(  # noqa: S603
            [*bound, *self.command], env=inherited | self.environment, start_new_session=True
        )

    def tend(self, say: Callable[[str], None]) -> None:
        """Start it again, after a while, if it ended by itself."""
        if self.process is None:
            if time.monotonic() < self.due:
                return
            if self.needs_database and not record.answers():
                self.due = time.monotonic() + BACKOFF[0]
                return
            self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        end_group(self.process)
        self.process = None
        if self.needs_database and not record.answers():
            say(f"{self.name}停了，等数据库回来")
            return
        if time.monotonic() - self.started > HEALTHY:
            self.wait = BACKOFF[0]
        say(f"{self.name} 退出了（{code}），{self.wait:.1f} 秒后重新启动")
        self.due = time.monotonic() + self.wait
        self.wait = min(self.wait * 2, BACKOFF[1])


def web(host: str, port: int, workers: int) -> Child:
    """The web server: granian with our ASGI application; it also serves the static files.

    Of the database it knows the web role's address only.
    """
    command = [
        *(sys.executable, "-m", "granian", "songbai.web.asgi:application"),
        *("--interface", "asginl", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--respawn-failed-workers", "--workers-kill-timeout", "8"),
        *("--static-path-route", "/static", "--static-path-mount", str(settings.STATIC_ROOT)),
        *("--static-path-expires", "600", "--log-level", "warning"),
    ]
    return Child(
        "网页服务",
        command,
        {
            "SONGBAI_PROCESS": "web",
            "DATABASE_WEB_URL": record.web_url(),
            "DJANGO_SETTINGS_MODULE": "songbai.settings",
        },
        without=("DATABASE_URL",),
    )


def worker() -> Child:
    """The worker of background and periodic jobs, with the owner's rights.

    Pages go first where both want the processor.
    """
    command = [
        "nice",
        "-n",
        "10",
        sys.executable,
        "-m",
        "songbai.cli.main",
        "procrastinate",
        "worker",
    ]
    environment = {"DATABASE_URL": record.url(), "SONGBAI_PROCESS": "worker"}
    return Child("后台任务", command, environment, needs_database=True)


def when_it_answers(work: Callable[[], None], say: Callable[[str], None]) -> None:
    """Do what needs the database; where it is away, from the beginning once it is back.

    The embedded one is started again; a server that comes up a moment after us is waited for.
    Raises SystemExit, with one line, when it does not come.
    """
    until, told = time.monotonic() + COMING, False
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if time.monotonic() > until:
                raise SystemExit(f"数据库一直没有应答：{error}") from error
        if not told:
            say("数据库没有应答，等它回来")
        told = True
        embedded.tend(say)
        time.sleep(BACKOFF[0])


def run(children: Sequence[Child], say: Callable[[str], None], after: Callable[[], None]) -> None:
    """Start the first, call ``after``, start the others; keep all alive until SIGINT or SIGTERM.

    ``after`` may wait for the first to answer: the others then do not take its processor. The
    database is tended beside them: what is killed together with it loads while it recovers.
    """
    when_it_answers(scope.begin, say)
    asked = threading.Event()
    tending = threading.Thread(target=_tend_database, args=(asked, say))
    before = {
        number: signal.signal(number, lambda *_: asked.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        children[0].start()
        after()
        tending.start()
        while not asked.wait(0.3):
            for child in children:
                child.tend(say)
    finally:
        asked.set()
        stop(children)
        if tending.ident:
            tending.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def _tend_database(asked: threading.Event, say: Callable[[str], None]) -> None:
    try:
        while not asked.wait(0.3):
            embedded.tend(say)
    finally:
        asked.set()  # without a database we end


def stop(children: Sequence[Child]) -> None:
    """Ask all to end, wait, and kill what does not."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        end_group(process)
        process.wait()


def end_group(leader: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a child and of all it started."""
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
