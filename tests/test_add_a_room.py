"""The room of ``docs/add-a-room.md``, built in a copy of the house, works there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
FILES = re.compile(r"^`(songbai/[^`]+)`[^`]*?\n```(?:python|html)\n(.*?)^```", re.M | re.S)


def build(house: Path) -> None:
    """Copy the house and add the room: new files, and its name in ``rooms.py``."""
    for folder in ("songbai", "tests"):
        shutil.copytree(ROOT / folder, house / folder)
    for other in ROOT.iterdir():
        if other.name not in {"songbai", "tests", ".git"}:
            (house / other.name).symlink_to(other)
    for name, text in FILES.findall((ROOT / "docs" / "add-a-room.md").read_text("utf-8")):
        path = house / name
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        for folder in (path.parent, *path.parents):
            if folder.name == "sticks" or folder.parent.name == "sticks":
                (folder / "__init__.py").touch()
    names = house / "songbai" / "rooms.py"
    names.write_text(names.read_text("utf-8").replace('"visits")', '"visits", "sticks")'), "utf-8")


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a short name: the way to a server's socket may not be long."""
    with tempfile.TemporaryDirectory(prefix="room-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def run(house: Path, home: Path, *command: str) -> None:
    kept = {"PATH", "HOME", "LANG"} & set(os.environ)
    env = {name: os.environ[name] for name in kept}
    env |= {"PYTHONPATH": str(house), "SONGBAI_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=house, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_room_is_added_by_its_files_and_one_name(tmp_path: Path, home: Path) -> None:
    build(tmp_path)
    run(tmp_path, home, "songbai.cli.main", "makemigrations", "sticks")
    held = "tests/test_architecture.py", "tests/test_event_words.py", "tests/test_following.py"
    run(tmp_path, home, "pytest", "-q", "-x", "songbai/web/rooms/sticks", *held)
