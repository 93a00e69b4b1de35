"""How much may be sent: words by anybody, files by those we know; told before it is taken."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import parse_cookie
from django.template.loader import render_to_string

from songbai.api.errors import fault
from songbai.api.signed import TooLarge, is_expected
from songbai.core import scope
from songbai.core.sheets.sheet import MEGABYTE, UPLOAD, Limits

from .away import AWAY

#: Bytes of a form without files.
WORDS = MEGABYTE
#: Bytes of a form with files; each file has its own limit, told beside its field.
FILES = UPLOAD.file_bytes + WORDS


def announced(asked: dict[str, Any]) -> int:
    """Bytes the sender says will come; 0 if it does not say."""
    told = dict(asked["headers"]).get(b"content-length", b"")
    return int(told) if told.isdigit() else 0


def most(asked: dict[str, Any]) -> int:
    """Bytes taken from whoever makes this request (an ASGI scope), in a thread of pages.

    Somebody who is logged in, or a key of a department that is not revoked, may send files.
    """
    try:
        scope.bind(None)
        try:
            return _most(asked)
        finally:
            scope.release()
    except AWAY:
        return FILES  # the page itself says that the database is away


def _most(asked: dict[str, Any]) -> int:
    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in asked["headers"]}
    if asked["path"].startswith("/api/"):
        return Limits().file_bytes if is_expected(headers) else WORDS
    cookie = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    session = import_module(settings.SESSION_ENGINE).SessionStore(cookie)
    return FILES if cookie and SESSION_KEY in session.load() else WORDS


def too_large(path: str) -> tuple[dict[str, Any], bytes]:
    """The answer to who sends more: an ASGI start message and the content."""
    if path.startswith("/api/"):
        kind, content = b"application/json", fault(TooLarge()).content
    else:
        kind, content = b"text/html; charset=utf-8", render_to_string("413.html").encode()
    headers = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"connection", b"close")]
    return {"type": "http.response.start", "status": 413, "headers": headers}, content
