"""What only this program can have said: words with a keyed digest that the database checks.

Web processes connect as a role that may send any SQL. What opens doors therefore comes with a
token: until when it holds, and the HMAC-SHA-256 of the words, of that moment and of the session it
was made for. The key stays in the memory of the program and in ``songbai_signing``, which the
owner's function ``songbai_signed`` alone reads. Who can send SQL, and no more, cannot sign.
"""

import hmac
import re
from collections.abc import Callable
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from songbai.core import clock
from songbai.core.sql import run

#: Where the database has the key: the owner's alone, and in no copy that leaves.
KEY_TABLE = "songbai_signing"
#: Seconds for which a token holds: the longest that one request works.
LIFETIME = 600
_BLOCK = 64
#: How a function asked for a setting of the scope before it was signed.
_ASKING = re.compile(r"current_setting\('songbai\.(\w+)', true\)")


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"songbai.signing", "sha256")


@cache
def _mac(secret: str) -> hmac.HMAC:
    """HMAC with its key taken in."""
    return hmac.new(_key(secret), digestmod=sha256)


def token(words: str, backend: int) -> str:
    """Sign these words for one session of the database, known by the number of its process.

    The time is the machine's, as the database's is: a clock moved for a story does not end tokens.
    """
    expires = int((clock.now() - clock.ahead()).timestamp()) + LIFETIME
    mac = _mac(settings.SECRET_KEY).copy()
    mac.update(f"{words}|{backend}|{expires}".encode())
    return f"{expires}.{mac.hexdigest()}"


def backend() -> int:
    """The number of the process that serves this connection, made anew if it was lost."""
    with connection.cursor():
        return int(connection.connection.info.backend_pid)


def tell_key() -> None:
    """Give the database the key by which it checks; the owner can. Old tokens end."""
    key = _key(settings.SECRET_KEY).ljust(_BLOCK, b"\0")
    pads = [bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C)]
    run(
        "INSERT INTO songbai_signing (one, inside, outside) VALUES (true, %s, %s)"
        " ON CONFLICT (one) DO UPDATE SET inside = excluded.inside, outside = excluded.outside"
        " WHERE songbai_signing.inside <> excluded.inside",
        pads,
    )


def asking_for_scope(*functions: str) -> migrations.RunPython:
    """For a migration: these functions of the owner ask for the scope that was signed, not for
    settings that every session can set.
    """
    return migrations.RunPython(_replace(functions), migrations.RunPython.noop)


def _replace(functions: tuple[str, ...]) -> Callable[[StateApps, BaseDatabaseSchemaEditor], None]:
    def replace(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            for name in functions:
                cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [f"public.{name}"])
                [text] = cursor.fetchone()
                cursor.execute(_ASKING.sub(r"songbai_scope('\1')", text))

    return replace
