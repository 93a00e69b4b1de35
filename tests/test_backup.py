"""A copy of an installation becomes the same installation on another machine, or nothing."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from songbai.core.signing import KEY_TABLE

from .digests import digests
from .stage import ROOT, Stage
from .test_kills import order_form, orders_of

pytestmark = pytest.mark.slow
KEY = uuid.uuid4()
FROZEN = b"PAR1 what was known"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with an order and a frozen file, and a copy of it in ``home/copies``."""
    standing = Stage(Path(tmp_path_factory.mktemp("here")))
    try:
        standing.start_database()
        standing.set_up()
        standing.start_web()
        with standing.daughter() as client:
            client.post("/family/order/", data=order_form(standing, client, KEY))
        assert orders_of(standing, KEY) == 1
        (standing.home / "lake" / "songbai").mkdir(parents=True)
        (standing.home / "lake" / "songbai" / "a.parquet").write_bytes(FROZEN)
        standing.stop("web")
        said = songbai(standing.home, "backup", *copy_of(standing))
        assert said.returncode == 0, said.stderr
        yield standing
    finally:
        standing.close()


def songbai(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program on the embedded database of a home."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SONGBAI", "DATABASE"))}
    return subprocess.run(
        [sys.executable, "-m", "songbai.cli.main", *arguments],
        env=inherited | {"SONGBAI_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def copy_of(stage: Stage) -> tuple[str, str, str]:
    return str(stage.home / "copies"), "--keys", str(stage.home / "keys.json")


def the_copy(stage: Stage) -> Path:
    [found] = (stage.home / "copies").iterdir()
    return found


def restored(stage: Stage, home: Path, *, copy: Path | None = None) -> str:
    """Restore into another home; what was said when it was refused."""
    copy = copy or the_copy(stage)
    done = songbai(home, "restore", str(copy), "--keys", str(stage.home / "keys.json"))
    return done.stderr


def test_nobody_else_on_the_machine_reads_a_copy(here: Stage) -> None:
    copy = the_copy(here)
    assert copy.stat().st_mode & 0o777 == 0o700
    files = [one for one in copy.rglob("*") if one.is_file()]
    assert {one.stat().st_mode & 0o777 for one in [*files, here.home / "keys.json"]} == {0o600}


def test_another_machine_is_the_same_to_the_last_row_and_people_can_go_on(
    here: Stage, tmp_path: Path
) -> None:
    there = Stage(tmp_path, cast=here.cast)
    assert restored(here, tmp_path) == ""
    there.start_database()
    try:
        # No copy has the key of signatures: a start writes it anew.
        kept = digests(here.database) | {KEY_TABLE: "None"}
        assert digests(there.database) == kept
        assert (tmp_path / "lake" / "songbai" / "a.parquet").read_bytes() == FROZEN
        there.start_web()
        with there.daughter() as client:
            assert "王" in client.get("/family/").text
            key = uuid.uuid4()
            client.post("/family/order/", data=order_form(there, client, key))
        assert orders_of(there, key) == orders_of(there, KEY) == 1
    finally:
        there.close()


def test_the_copy_holds_no_key_and_nobody_else_reads_the_keys(here: Stage) -> None:
    keys = json.loads((here.home / "keys.json").read_text())
    everything = b"".join(p.read_bytes() for p in the_copy(here).rglob("*") if p.is_file())
    assert not [key for key in keys.values() if key.encode() in everything]
    assert (here.home / "keys.json").stat().st_mode & 0o077 == 0


def test_keys_are_not_put_beside_the_copy(here: Stage) -> None:
    folder = str(here.home / "copies")
    done = songbai(here.home, "backup", folder, "--keys", f"{folder}/keys.json")
    assert "密钥不能和备份放在一起" in done.stderr
    assert the_copy(here)


def test_a_changed_copy_is_refused(here: Stage, tmp_path: Path) -> None:
    copy = shutil.copytree(the_copy(here), tmp_path / "copy")
    with (copy / "database.dump").open("r+b") as dump:
        dump.seek(5000)
        dump.write(b"\0")
    assert "备份不完整或被改动过" in restored(here, tmp_path / "there", copy=copy)


def test_other_keys_are_refused_before_anything_is_written(here: Stage, tmp_path: Path) -> None:
    done = songbai(tmp_path, "restore", str(the_copy(here)))
    assert "这不是那份备份的密钥" in done.stderr
    assert not (tmp_path / "lake").exists()


def test_an_installation_with_data_is_never_overwritten(here: Stage) -> None:
    before = digests(here.database)
    assert "已经有数据" in restored(here, here.home)
    assert digests(here.database) == before
