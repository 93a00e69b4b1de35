"""What only this program can have said: words with a keyed digest that the database checks.

Web processes connect as a role that may send any SQL. What opens doors therefore comes with a
token: until when it holds, and the HMAC-SHA-256 of the words, of that moment and of the session it
was made for. The key stays in the memory of the program and in ``songbai_signing``, which the
owner's function ``songbai_signed`` alone reads. Who can send SQL, and no more, cannot sign.
"""

import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from songbai.core import clock
from songbai.core.sql import called, run

#: Where the database has the key: the owner's alone, and in no copy that leaves.
KEY_TABLE = "songbai_signing"
#: Seconds for which a token holds: the longest that one request works.
LIFETIME = 600
_BLOCK = 64
#: The door of a function of the owner: its arguments as one JSON list, and who signed them.
_DOOR = """
CREATE FUNCTION {name}_signed(p_said text, p_token text) RETURNS {result}
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  said json := p_said;
BEGIN
  -- In here current_user is the owner.
  IF NOT (pg_has_role(session_user, current_user, 'MEMBER')
    OR songbai_signed('{name}|' || p_said, p_token)) THEN
    RAISE EXCEPTION 'a call nobody signed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  {answer} {name}({arguments});
END $$;
REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;
"""


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


def asked(function: str, *arguments: Any) -> Any:
    """What a function of the owner answers that does what this program signed (``only_signed``).

    The owner's own sessions are believed, as they may do all of it anyway.
    """
    return called(f"{function}_signed", *signed_call(function, arguments, backend()))


def signed_call(function: str, arguments: Sequence[Any], backend: int) -> list[str]:
    """These arguments as one text, with the token by which they hold in a session."""
    said = json.dumps([_said(one) for one in arguments])
    return [said, token(f"{function}|{said}", backend)]


def _said(value: Any) -> Any:
    """A value as JSON and the database both have it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, datetime | UUID):
        return str(value)
    if isinstance(value, list):
        return f"{{{','.join(map(str, value))}}}"
    return value


def only_signed(*functions: str) -> migrations.RunPython:
    """For a migration: the web role reaches these functions of the owner by ``asked`` alone.

    What may be done is decided by the action that asks: who can send SQL, and no more, cannot.
    """
    return migrations.RunPython(_close(functions), _open(functions))


def _close(functions: tuple[str, ...]) -> Callable[[StateApps, BaseDatabaseSchemaEditor], None]:
    def close(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            for name in functions:
                cursor.execute(
                    "SELECT pg_get_function_result(oid), ARRAY(SELECT format_type(t, NULL)"
                    " FROM unnest(proargtypes) t) FROM pg_proc WHERE oid = %s::regproc",
                    [f"public.{name}"],
                )
                [(result, types)] = cursor.fetchall()
                arguments = [f"(said ->> {at})::{one}" for at, one in enumerate(types)]
                answer = "PERFORM" if result == "void" else "RETURN"
                said = {"result": result, "answer": answer, "arguments": ", ".join(arguments)}
                cursor.execute(_DOOR.format(name=name, **said))

    return close


def _open(functions: tuple[str, ...]) -> Callable[[StateApps, BaseDatabaseSchemaEditor], None]:
    def open_(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        with editor.connection.cursor() as cursor:
            for name in functions:
                cursor.execute(f"DROP FUNCTION {name}_signed")
                cursor.execute(f"GRANT EXECUTE ON FUNCTION {name} TO PUBLIC")

    return open_
