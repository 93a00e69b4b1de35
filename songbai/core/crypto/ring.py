"""The keys of this place, also while they change under a running process.

A long-running process (web, worker) reads its keys at the start. When ``songbai keys rotate
--new-key`` adds one to the file of secrets, the process sees it within a second, or at once when it
meets a field written with a key it does not know. Keys given by the environment change with a
restart only.
"""

import os
import time

from django.conf import settings

from songbai.core import record

#: Seconds between two looks at the file of secrets.
LOOK_EVERY = 1.0
#: Keys are numbered by one byte; 0 is never one.
HIGHEST = 255


def _written() -> int:
    """When the file of secrets was written, in nanoseconds; 0 without one."""
    try:
        return record.secrets_file().stat().st_mtime_ns
    except FileNotFoundError:
        return 0


class _Watch:
    """When the file was last looked at, and when it had been written then."""

    due = 0.0
    seen = _written()


def current() -> tuple[int, str]:
    """Id and hex key to encrypt with."""
    _look()
    key_id: str = settings.FIELD_KEYS["current"]
    return int(key_id), settings.FIELD_KEYS[key_id]


def key(key_id: int) -> str:
    """The hex key of an id.

    Raises KeyError when this place does not have it.
    """
    try:
        return str(settings.FIELD_KEYS[str(key_id)])
    except KeyError:
        _look(now=True)
        return str(settings.FIELD_KEYS[str(key_id)])


def index_key() -> str:
    """The hex key of blind indexes."""
    return str(settings.FIELD_KEYS["index"])


def ids() -> list[int]:
    """Ids of all keys here, lowest first."""
    _look(now=True)
    return sorted(int(name) for name in settings.FIELD_KEYS if name.isdigit())


def _look(*, now: bool = False) -> None:
    """Take the keys from the file again if it changed."""
    if time.monotonic() < _Watch.due and not now:
        return
    _Watch.due = time.monotonic() + LOOK_EVERY
    if os.environ.get("SONGBAI_FIELD_KEYS"):
        return
    written = _written()
    if written != _Watch.seen:
        settings.FIELD_KEYS = record.field_keys()
    _Watch.seen = written
