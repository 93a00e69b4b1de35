"""Children are kept alive, and all end when we are asked to."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError

from songbai.cli import processes
from songbai.cli.processes import Child
from songbai.core import embedded


def sleeper(seconds: float, script: str = "") -> Child:
    """A child that sleeps, and may do something before."""
    return Child("睡", [sys.executable, "-c", f"{script}\nimport time; time.sleep({seconds})"], {})


def wait_until(happens: object, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.02)


def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    script = f"open({str(tmp_path / 'starts')!r}, 'a').write('x')"
    child = sleeper(0, script)
    child.wait = 0.05
    child.start()
    starts = tmp_path / "starts"

    def twice() -> bool:
        child.tend(told.append)
        return starts.exists() and len(starts.read_text()) >= 2

    wait_until(twice)
    processes.stop([child])
    assert len(starts.read_text()) >= 2
    assert "重新启动" in told[0]


def test_a_start_waits_for_a_database_that_is_away() -> None:
    told: list[str] = []
    tries = iter([OperationalError("away"), InterfaceError("closed"), None])

    def work() -> None:
        if error := next(tries):
            raise error

    processes.when_it_answers(work, told.append)
    assert told == ["数据库没有应答，等它回来"]


def test_a_start_ends_with_one_line_when_no_database_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "COMING", -1)

    def work() -> None:
        raise OperationalError("refused")

    with pytest.raises(SystemExit, match="一直没有应答"):
        processes.when_it_answers(work, lambda _: None)


def test_waits_grow_while_a_child_keeps_failing() -> None:
    child = Child("坏", [sys.executable, "-c", "raise SystemExit(3)"], {})
    child.start()
    assert child.process is not None
    child.process.wait()
    child.tend(lambda _: None)
    assert child.wait == 2 * processes.BACKOFF[0]
    assert child.due > time.monotonic()


def test_stopping_ends_children_that_do_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.3)
    deaf = sleeper(60, "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    deaf.start()
    time.sleep(0.4)
    processes.stop([deaf])
    assert deaf.process is not None
    assert deaf.process.poll() == -signal.SIGKILL


def test_a_signal_to_us_stops_all_children(db: None) -> None:
    first, second = sleeper(60), sleeper(60)
    before = signal.getsignal(signal.SIGTERM)
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()
    processes.run([first, second], lambda _: None, lambda: None)
    for child in (first, second):
        assert child.process is not None
        assert child.process.poll() is not None
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_child_comes_back_while_the_database_still_recovers(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, back = sleeper(60), threading.Event()
    recovered: list[bool] = []

    def recovers(_: object) -> None:
        if not recovered:
            recovered.append(back.wait(10))

    def watch() -> None:
        first = child.process
        assert first is not None
        first.kill()
        wait_until(lambda: child.process not in (None, first))
        back.set()
        wait_until(lambda: recovered)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(embedded, "tend", recovers)
    processes.run([child], lambda _: None, lambda: threading.Thread(target=watch).start())
    assert recovered == [True]


def test_the_web_server_is_not_told_the_owners_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@/songbai")
    monkeypatch.setenv("DATABASE_WEB_URL", "postgresql://songbai_web:own@/songbai")
    child = processes.web("127.0.0.1", 1, 1)
    child.command = ["sleep", "60"]
    child.start()
    assert child.process is not None
    environment = Path(f"/proc/{child.process.pid}/environ")
    wait_until(lambda: b"SONGBAI_PROCESS=web" in environment.read_bytes())
    said = environment.read_bytes()
    processes.stop([child])
    assert b"DATABASE_WEB_URL=postgresql://songbai_web:own@" in said
    assert b"owner:secret" not in said
