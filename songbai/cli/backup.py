"""A copy of everything an installation knows, and making one from it again on another machine.

A copy is a folder: ``database.dump`` (pg_dump's own format; files handed in are in it), ``home``
(what lies beside the database: frozen snapshots) and ``contents.json`` with the SHA-256 of each.
The keys are not in it: what is encrypted in the copy stays so for whoever finds it.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from songbai.core import clock, embedded, record, scope, whole
from songbai.core.errors import Refused
from songbai.core.signing import KEY_TABLE
from songbai.core.sql import run

#: What of ``SONGBAI_HOME`` is neither made anew nor secret nor the database itself.
_BESIDE = ("lake", "demo.json")
CONTENTS = "contents.json"


class CopyDamaged(Refused):
    """备份不完整或被改动过，不能用它恢复。请换另一份备份。"""


class KeysNotApart(Refused):
    """密钥不能和备份放在一起。请把密钥写到另一个地方。"""


class WrongKeys(Refused):
    """这不是那份备份的密钥，用它读不出加密的内容。请找备份当时的密钥文件。"""


class NotEmpty(Refused):
    """这里已经有数据，恢复会盖掉它，所以没有动。请换一个空的 SONGBAI_HOME 和空的数据库。"""


class ToolFailed(Refused):
    """备份工具没有做成。"""


def back_up(into: Path, keys: Path | None) -> Path:
    """Copy everything into a new folder in ``into``, and the keys to a file elsewhere.

    The folder is there whole or not at all, and only its owner reads it.

    Raises KeysNotApart, ToolFailed, OSError.
    """
    if keys and keys.resolve().is_relative_to(into.resolve()):
        raise KeysNotApart
    draft = into / f".draft{os.getpid()}"
    try:
        draft.mkdir(0o700, parents=True)
        left_out = f"--exclude-table-data={KEY_TABLE}"
        _run("pg_dump", "-Fc", "--no-owner", left_out, "-f", str(draft / "database.dump"))
        for path in _data():
            target = draft / "home" / path.relative_to(record.home())
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        contents = {
            "made": clock.now().isoformat(),
            "keys": _fingerprints(settings.FIELD_KEYS),
            "files": {str(p.relative_to(draft)): _sha256(p) for p in _files(draft)},
        }
        (draft / CONTENTS).write_text(json.dumps(contents, indent=1), "utf-8")
        for path in _files(draft):
            path.chmod(0o600)  # wherever it is carried to, only its owner reads it
        copy = into / f"songbai-{clock.now():%Y%m%dT%H%M%S}"
        draft.rename(copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if keys and record.secrets_file().exists():
        whole.write(keys, record.secrets_file().read_bytes())
    return copy


def restore(copy: Path, keys: Path | None) -> None:
    """Make this empty installation what the copied one was.

    ``keys`` is needed unless the environment gives them. Raises CopyDamaged, WrongKeys, NotEmpty,
    ToolFailed.
    """
    contents = _checked(copy)
    given: dict[str, str] = json.loads(keys.read_text("utf-8")) if keys else {}
    if _fingerprints(record.keys_in(given) if keys else settings.FIELD_KEYS) != contents["keys"]:
        raise WrongKeys
    if connection.introspection.table_names() or any(_data()):
        raise NotEmpty
    _web_role()
    database = ("-d", str(connection.settings_dict["NAME"]), str(copy / "database.dump"))
    _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", *database)
    if (copy / "home").exists():
        shutil.copytree(copy / "home", record.home(), dirs_exist_ok=True)
    if keys:
        record.change_secrets(lambda kept: kept.update(given))
    scope.refuse_temporary()
    run("ANALYZE")


def _web_role() -> None:
    """A dump grants to the web role, and does not make it."""
    if not run("SELECT FROM pg_roles WHERE rolname = %s", [record.WEB_ROLE]):
        run(f"CREATE ROLE {record.WEB_ROLE} LOGIN")


def _checked(copy: Path) -> dict[str, Any]:
    """What the copy says it holds, if it holds that and nothing else."""
    try:
        contents: dict[str, Any] = json.loads((copy / CONTENTS).read_text("utf-8"))
        found = {str(p.relative_to(copy)): _sha256(p) for p in _files(copy) if p.name != CONTENTS}
    except (OSError, ValueError) as error:
        raise CopyDamaged from error
    if found != contents["files"]:
        raise CopyDamaged
    return contents


def _data() -> Iterator[Path]:
    """The files of this home that a copy takes along."""
    for name in _BESIDE:
        yield from _files(record.home() / name)


def _files(path: Path) -> Iterator[Path]:
    found = [path] if path.is_file() else sorted(path.rglob("*"))
    yield from (one for one in found if one.is_file() and not {"spill"} & set(one.parts))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fingerprints(keys: dict[str, str]) -> dict[str, str]:
    """Tells keys apart without telling them."""
    return {
        name: hashlib.sha256(f"songbai {key}".encode()).hexdigest()[:16]
        for name, key in sorted(keys.items())
        if name != "current"
    }


def _run(tool: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL on this database: the embedded one's, or the machine's."""
    given = connection.get_connection_params()
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER",
             "password": "PGPASSWORD", "sslmode": "PGSSLMODE"}  # fmt: skip
    address = {names[key]: str(given[key]) for key in names if given.get(key)}
    done = subprocess.run(  # noqa: S603
        [embedded.tool(tool), *arguments],
        env={**os.environ, **address},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolFailed(f"{tool} 没有做成：{done.stderr.strip()[-500:]}")
