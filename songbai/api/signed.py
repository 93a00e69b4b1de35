"""Who sent this request: a department's signature over method, path, time, nonce and body."""

import tempfile
from collections.abc import Mapping
from typing import IO

from cryptography.hazmat.primitives import hashes
from django.http import HttpRequest

from songbai.core import scope
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.core.sheets.sheet import Limits
from songbai.domain.feeds.actions.keys import Request, admit, expect, recognise
from songbai.domain.feeds.errors import WrongSignature
from songbai.domain.feeds.models import FeedKey

#: A body up to here stays in memory, a larger one lies in an unnamed temporary file.
IN_MEMORY = 4 << 20
_READ = 1 << 20


class TooLarge(Refused):
    """送来的文件太大。请按区县或按月份拆成几次送。"""


def body_of(request: HttpRequest) -> tuple[IO[bytes], str]:
    """The body as a file from its beginning, and its SM3 in hex. Raises TooLarge."""
    most = Limits().file_bytes
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise TooLarge
    sm3, size = hashes.Hash(hashes.SM3()), 0
    body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # the caller closes it
    while part := request.read(_READ):
        size += len(part)
        if size > most:
            body.close()
            raise TooLarge
        sm3.update(part)
        body.write(part)
    body.seek(0)
    return body, sm3.finalize().hex()


def is_expected(headers: Mapping[str, str]) -> bool:
    """Whether a key that stands and a moment of now are said, so that reading on is worth it."""
    try:
        expect(headers.get("x-songbai-key", ""), headers.get("x-songbai-time", ""))
    except WrongSignature:
        return False
    return True


def signed_in(request: HttpRequest) -> tuple[Actor, FeedKey, IO[bytes]]:
    """The department behind the signature, bound as the database's actor, and the body it sent.

    Raises WrongSignature, TooLarge. The key is looked up before a body is read.
    """
    key_id = request.headers.get("X-Songbai-Key", "")
    timestamp = request.headers.get("X-Songbai-Time", "")
    expect(key_id, timestamp)
    body, digest = body_of(request)
    said = Request(
        method=request.method or "",
        path=request.get_full_path(),
        key_id=key_id,
        timestamp=timestamp,
        nonce=request.headers.get("X-Songbai-Nonce", ""),
        signature=request.headers.get("X-Songbai-Signature", ""),
        body_sm3=digest,
    )
    try:
        actor, key = recognise(said)
        scope.bind(actor)
        admit(key, said.nonce)
    except WrongSignature:
        body.close()
        raise
    return actor, key, body
