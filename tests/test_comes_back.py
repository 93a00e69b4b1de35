"""Whatever is killed comes back by itself, within fifteen seconds; what is stopped, stops."""

import re
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from .stage import Stage, eventually, patience
from .test_kills import assert_books_are_right, order_form, orders_of

pytestmark = pytest.mark.slow
#: Seconds within which what was killed is back.
SOON = 15.0


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast in its own database, nothing running."""
    standing = Stage(Path(tmp_path_factory.mktemp("comes-back")))
    try:
        standing.start_database()
        standing.set_up()
        standing.let_the_database_go()
        yield standing
    finally:
        standing.close()


@pytest.fixture
def stage(laid: Stage) -> Iterator[Stage]:
    """The same with pages served; afterwards everything is stopped and nothing is left."""
    laid.start_web(workers=2)
    server = laid.postmaster()
    yield laid
    everything = [one for name in laid.processes for one in laid.family_of(name)]
    for name in list(laid.processes):
        laid.stop(name)
    assert not [one for one in everything if one.is_running()]
    assert_free(laid.port)
    assert not (laid.home / "postgres" / "postmaster.pid").exists()
    assert not runs(server)


def runs(pid: int) -> bool:
    """Whether a process lives; one that nobody buried does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def assert_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def master_of(stage: Stage) -> psutil.Process:
    return next(one for one in stage.family_of("web") if "granian" in " ".join(one.cmdline()))


def log_of(stage: Stage, name: str) -> str:
    return (stage.home / f"{name}.log").read_text()


def assert_all_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=patience(5))
    assert alive == []


def test_a_killed_master_of_the_web_takes_its_workers_along_and_comes_back(stage: Stage) -> None:
    master = master_of(stage)
    old = [master, *master.children(recursive=True)]
    assert len(old) >= 3
    master.kill()
    assert_all_gone(old)
    eventually("the site is back", SOON, stage.answers)


def test_a_killed_worker_of_the_web_comes_back(stage: Stage) -> None:
    victim = master_of(stage).children()[-1]
    victim.kill()
    assert_all_gone([victim])
    for _ in range(5):
        eventually("the site answers", SOON, stage.answers)


def test_a_killed_supervisor_leaves_nothing_but_the_database(stage: Stage) -> None:
    old = stage.family_of("web")
    stage.processes["web"].kill()
    stage.processes.pop("web").wait()
    assert_all_gone(old)
    assert_free(stage.port)
    assert runs(stage.postmaster())
    stage.start_web(workers=2)


def test_pages_are_answered_at_once_while_the_database_is_away(stage: Stage) -> None:
    supervisor = psutil.Process(stage.processes["web"].pid)
    supervisor.suspend()  # the database stays away for a while
    psutil.Process(stage.postmaster()).kill()
    took = []
    for _ in range(40):
        began = time.monotonic()
        assert httpx.get(f"{stage.url}/about/", timeout=patience(SOON)).status_code == 503
        took.append(time.monotonic() - began)
    assert max(took) < patience(3)  # one of each process waited, the others were told
    assert sorted(took)[20] < patience(0.2)
    supervisor.resume()
    eventually("the site is back", SOON, stage.answers)


def test_what_was_typed_while_the_database_was_away_is_sent_again_once_it_is_back(
    stage: Stage,
) -> None:
    key = uuid.uuid4()
    with stage.daughter() as client:
        form = order_form(stage, client, key)
        psutil.Process(stage.postmaster()).kill()
        reply = client.post("/family/order/", data=form)
        assert reply.status_code == 503
        typed = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', reply.text))
        assert typed == {name: str(value) for name, value in form.items()}
        eventually("the site is back", SOON, stage.answers)
        # Another process of the site may be a moment behind: the page tries again by itself.
        sent = lambda: client.post("/family/order/", data=typed).status_code == 200  # noqa: E731
        eventually("it is taken", SOON, sent)
        assert client.post("/family/order/", data=typed).status_code == 200
    assert orders_of(stage, key) == 1
    assert_books_are_right(stage)


def test_the_background_worker_waits_for_the_database_instead_of_starting_in_a_loop(
    stage: Stage,
) -> None:
    first = start_worker(stage)
    server = psutil.Process(stage.postmaster())
    server.suspend()  # nobody can start another one while this one is there
    for one in server.children():
        one.kill()
    server.kill()
    eventually("the site is back", SOON, stage.answers)
    eventually("the worker is back", SOON, lambda: newest(stage) > first)
    assert log_of(stage, "worker").count("重新启动") <= 2  # the database, and at most once itself


def test_a_killed_background_worker_comes_back(stage: Stage) -> None:
    first = start_worker(stage)
    [victim] = stage.family_of("worker")
    victim.kill()
    eventually("another is at work", SOON, lambda: newest(stage) > first)


def test_what_is_killed_together_comes_back_together(stage: Stage) -> None:
    first = start_worker(stage)
    [worker] = stage.family_of("worker")
    for one in (master_of(stage), worker, psutil.Process(stage.postmaster())):
        one.kill()
    eventually("the site is back", SOON, stage.answers)
    eventually("another is at work", SOON, lambda: newest(stage) > first)


def test_a_server_that_hangs_up_leaves_a_pid_that_is_somebody_else_s(laid: Stage) -> None:
    """After a power failure the number in the file may be any process of the new day."""
    pid_file = laid.home / "postgres" / "postmaster.pid"
    pid_file.write_text("1\n" + "\n".join(["x"] * 3))
    laid.start_web()
    assert laid.answers()
    laid.processes["web"].send_signal(signal.SIGINT)
    laid.processes.pop("web").wait(40)
    assert not pid_file.exists()


def test_a_database_killed_while_the_site_starts_does_not_end_the_start(laid: Stage) -> None:
    laid.start("web", "serve", "--port", str(laid.port), "--workers", "1")
    eventually("the database is there", 20, lambda: runs(laid.postmaster()))
    psutil.Process(laid.postmaster()).kill()
    eventually("the site is there", 40, laid.answers)
    laid.stop("web")


def newest(stage: Stage) -> int:
    """The number of the background worker that reported for work last; numbers grow."""
    [(number,)] = stage.sql("SELECT coalesce(max(id), 0) FROM procrastinate_workers")
    return int(number)


def start_worker(stage: Stage) -> int:
    """Start the background worker, and tell its number."""
    before = newest(stage)
    stage.start("worker", "worker")
    eventually("the worker is at work", 40, lambda: newest(stage) > before)
    return newest(stage)
