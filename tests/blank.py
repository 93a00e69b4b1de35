"""A database server whose ``songbai`` database is migrated and empty: made once, copied by tests.

Migrating takes many seconds, copying a fraction of one. The folder's name holds a digest of all
that migrating depends on, so it stays right from run to run.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from songbai.core import record

ROOT = Path(__file__).resolve().parents[1]
#: Who had the original open, and what it logged: not true of a copy.
_OF_THE_ORIGINAL = (".handle_pids.json", "log")


def lay(home: Path) -> None:
    """Lay a copy in ``home/postgres``, to be started; what is there already stays."""
    target = home / "postgres"
    if target.exists():
        return
    original, draft = _original() / "postgres", home / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(original), str(draft)], check=True)
    for name in _OF_THE_ORIGINAL:
        (draft / name).unlink(missing_ok=True)
    draft.rename(target)


def shared() -> Path:
    """The home of the one server that tests share; it does not wait for the disk.

    Tests that kill a server lay one of their own.
    """
    home = Path(os.environ["SONGBAI_TESTS"]) / f"shared-{_digest()}"
    if not (home / "postgres").exists():
        lay(home)
        with (home / "postgres" / "postgresql.auto.conf").open("a") as settings:
            settings.write("fsync = off\n")
    return home


@contextmanager
def kept(name: str) -> Iterator[Path]:
    """A folder that the processes of a run share, held by one at a time; older ones are removed."""
    begun = name.partition("-")[0]
    with (Path(os.environ["SONGBAI_TESTS"]) / f"{begun}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = Path(os.environ["SONGBAI_TESTS"]) / name
        for old in folder.parent.glob(f"{begun}-*"):
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        yield folder


def is_shared() -> bool:
    """Whether this run's server is one that ``shared`` made."""
    return record.home().parent == Path(os.environ["SONGBAI_TESTS"])


def _original() -> Path:
    """The home with the original, made by the first who needs it."""
    folder = Path(os.environ["SONGBAI_TESTS"])
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / f"blank-{_digest()}"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            draft = folder / "draft"
            for old in [draft, *folder.glob("blank-*"), *folder.glob("shared-*")]:
                if not (old / "postgres" / "postmaster.pid").exists():
                    shutil.rmtree(old, ignore_errors=True)
            _migrate(draft)
            draft.rename(home)
    return home


def _migrate(home: Path) -> None:
    """Start a server in ``home``, migrate, stop it."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SONGBAI", "DATABASE"))}
    subprocess.run(
        [sys.executable, "-m", "songbai.cli.main", "migrate", "-v0"],
        env=inherited | {"SONGBAI_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        check=True,
    )


def _digest() -> str:
    files = [*ROOT.glob("songbai/**/migrations/*.py"), *ROOT.glob("requirements*.txt")]
    files += [ROOT / "songbai/core" / name for name in ("embedded.py", "scope.py", "signing.py")]
    together = hashlib.sha256()
    for file in sorted(files):
        together.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return together.hexdigest()[:16]
