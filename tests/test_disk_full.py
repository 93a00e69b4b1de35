"""The disk is full: everybody is told, nothing half written stays, and with room it all goes on."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from .stage import Stage, eventually
from .test_backup import songbai
from .test_comes_back import SOON
from .test_kills import assert_books_are_right, order_form, orders_of

pytestmark = pytest.mark.slow
SIZE = "400m"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation on a small disk of its own."""
    home = Path(tmp_path_factory.mktemp("small"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(home)], check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount a disk")
    standing = Stage(home)
    try:
        standing.start_database()
        standing.set_up()
        standing.let_the_database_go()
        standing.start_web()
        yield standing
    finally:
        standing.close()
        subprocess.run(["umount", "-l", str(home)], check=False)


def fill(stage: Stage) -> Path:
    """Leave no byte, and make the database want some."""
    ballast = stage.home / "ballast"
    subprocess.run(
        ["dd", "if=/dev/zero", f"of={ballast}", "bs=64k"], check=False, capture_output=True
    )
    with pytest.raises(psycopg.OperationalError):
        stage.sql("CREATE TABLE wanting AS SELECT repeat('x', 1000) FROM generate_series(1, 1e6)")
    return ballast


def test_people_are_told_and_can_go_on_when_there_is_room(stage: Stage) -> None:
    key = uuid.uuid4()
    with stage.daughter() as client:
        form = order_form(stage, client, key)
        ballast = fill(stage)
        reply = eventually("it is refused", SOON, lambda: refused(client, form))
        assert "磁盘满了" in reply.text
        assert 'name="idempotency_key"' in reply.text
        ballast.unlink()
        eventually("the site is back", SOON, stage.answers)
        assert client.post("/family/order/", data=form).status_code == 200
    assert orders_of(stage, key) == 1
    assert_books_are_right(stage)


def refused(client: httpx.Client, form: dict[str, str]) -> httpx.Response | None:
    """The answer when the order was not taken: as long as a page had room, it is."""
    reply = client.post("/family/order/", data=form | {"idempotency_key": str(uuid.uuid4())})
    return reply if reply.status_code == 503 else None


def test_a_copy_that_has_no_room_leaves_nothing(stage: Stage) -> None:
    eventually("the site is there", SOON, stage.answers)
    ballast = stage.home / "ballast"
    subprocess.run(
        ["dd", "if=/dev/zero", f"of={ballast}", "bs=64k"], check=False, capture_output=True
    )
    done = songbai(stage.home, "backup", str(stage.home / "copies"))
    ballast.unlink()
    assert done.returncode == 1
    assert "没有" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(stage.home.glob("copies/*"))
