"""The record: which PostgreSQL we use, and where the secrets of a place lie.

Without ``DATABASE_URL`` the program runs its own (``songbai.core.embedded``).
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from songbai.core import whole

if TYPE_CHECKING:
    from psycopg import Connection

WEB_ROLE = "songbai_web"
DATABASE_NAME = "songbai"
#: What a secret from the environment has at least: characters, and different ones.
SHORTEST_SECRET, FEWEST_LETTERS = 32, 12
#: How every session of the web role begins, whatever that role has set for itself (it may), and how
#: long a statement works, a lock is waited for, and an open transaction may do nothing.
WEB_SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "search_path": "public",
    "row_security": "on",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": r"read\ committed",
    "local_preload_libraries": "",
    "idle_session_timeout": "0",
    "statement_timeout": "60s",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "120s",
}
#: Bytes without which the database cannot go on: one piece of its log.
ROOM = 16 << 20


def home() -> Path:
    """The folder that holds everything this installation owns."""
    return Path(os.environ.get("SONGBAI_HOME", "data")).resolve()


def is_full() -> bool:
    """Whether the disk of this home has no room for another piece of the database's log."""
    return shutil.disk_usage(home()).free < ROOM


def url() -> str:
    """The owner's database URL, or an inert one when no database was chosen (type checks)."""
    return os.environ.get("DATABASE_URL", "postgresql:///songbai")


def answers() -> bool:
    """Whether the database takes connections now."""
    import psycopg

    try:
        psycopg.connect(web_url() if _is_web() else url(), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def web_url() -> str:
    """The URL of the web role: DATABASE_WEB_URL, or the embedded socket as ``songbai_web``.

    Raises ValueError where that would be the owner's: pages must not have the owner's rights.
    """
    explicit = os.environ.get("DATABASE_WEB_URL")
    if explicit:
        return explicit
    found = url().replace("//postgres@", f"//{WEB_ROLE}@", 1)
    if found == url():
        raise ValueError(
            f"DATABASE_WEB_URL is missing: the address of this database as the role {WEB_ROLE}"
        )
    return found


def web_password() -> str:
    """The password of the web role that DATABASE_WEB_URL says; "" where there is none."""
    parts = urlsplit(os.environ.get("DATABASE_WEB_URL", ""))
    return unquote(parts.password or "") if parts.username == WEB_ROLE else ""


def database_settings() -> dict[str, Any]:
    """Django's DATABASES entry: web processes pool connections of the web role."""
    is_web = _is_web()
    parts = urlsplit(web_url() if is_web else url())
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    options: dict[str, Any] = {
        "application_name": "songbai-web" if is_web else "songbai",
        # Values go apart from the statement. Nothing is prepared by name: who can send SQL could
        # put another statement under that name, for the next request of the connection.
        "server_side_binding": True,
    }
    options |= {key: value for key, value in query.items() if key != "host"}
    if is_web:
        # There are always more connections than pages at work: who waits longer waits for a
        # database that is away. The pool does not look for it by itself, each page does.
        options["pool"] = {"min_size": 2, "max_size": 20, "timeout": 1, "reconnect_timeout": 0,
                           "reset": clean}  # fmt: skip
        # What a session is set back to when a request is over.
        session = " ".join(f"-c {name}={value}" for name, value in WEB_SESSION.items())
        options["options"] = f"{session} {options.get('options', '')}"
        options["connect_timeout"] = 5
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or DATABASE_NAME,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_{parts.path.lstrip('/') or DATABASE_NAME}"},
    }


def clean(session: "Connection") -> None:
    """Leave nothing of a request in its session, for the next one: no setting, lock or listening.

    Runs beside the pages, before the pool lends the session again; plans are kept.
    """
    session.autocommit = True
    session.execute(
        "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; DEALLOCATE ALL; UNLISTEN *;"
        " SELECT pg_advisory_unlock_all(); DISCARD SEQUENCES"
    )


def _is_web() -> bool:
    return os.environ.get("SONGBAI_PROCESS") == "web"


def secret(name: str, env: str) -> str:
    """A secret from the environment, else one drawn once and kept in SONGBAI_HOME/secrets.json.

    Raises ValueError for one that can be guessed.
    """
    given = os.environ.get(env)
    if given and (len(given) < SHORTEST_SECRET or len(set(given)) < FEWEST_LETTERS):
        raise ValueError(
            f"{env} can be guessed: give at least {SHORTEST_SECRET} drawn characters, for example"
            " from `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`"
        )
    return given or _kept_secrets().setdefault(name, "")


def field_keys() -> dict[str, str]:
    """Keys for field encryption: ``{"current": id, id: hex SM4 key, "index": hex SM3 key}``."""
    given = os.environ.get("SONGBAI_FIELD_KEYS")
    if given:
        parsed: dict[str, str] = json.loads(given)
        return parsed
    return keys_in(_kept_secrets())


def keys_in(kept: dict[str, str]) -> dict[str, str]:
    """The same of the secrets of a place."""
    added = {name.removeprefix("field:"): kept[name] for name in kept if name.startswith("field:")}
    current = kept.get("field_current", "1")
    return {"current": current, "1": kept["field"], **added, "index": kept["index"]}


def secrets_file() -> Path:
    """Where the secrets of this place lie when the environment does not give them."""
    return home() / "secrets.json"


def change_secrets(change: Callable[[dict[str, str]], None]) -> None:
    """Change the file of secrets whole or not at all; two changes at once take turns.

    The file before the change stays beside it as ``secrets.json.before``.
    """
    path = secrets_file()
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_text()
        kept: dict[str, str] = json.loads(before)
        change(kept)
        whole.write(Path(f"{path}.before"), before.encode())
        whole.write(path, json.dumps(kept).encode())


def _kept_secrets() -> dict[str, str]:
    path = secrets_file()
    if path.exists():
        loaded: dict[str, str] = json.loads(path.read_text())
        return loaded
    drawn = {
        "signing": secrets.token_urlsafe(48),
        "field": secrets.token_hex(16),
        "index": secrets.token_hex(32),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(json.dumps(drawn))
        os.link(draft, path)  # the first process wins, all others read its secrets
    except FileExistsError:
        drawn = json.loads(path.read_text())
    finally:
        draft.unlink()
    return drawn
