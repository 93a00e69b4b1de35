"""SM4-GCM for personal fields, keyed SM3 for finding them again (GB/T 32907, GB/T 32905).

A ciphertext is ``key id byte · 12-byte nonce · ciphertext · 16-byte tag``. The blind index is
HMAC-SM3 of the normalised text, so equal values can be found without being readable.

``fields`` declares which columns of a model are so written, ``ring`` knows the keys, ``rotation``
writes every declared column again under a new key. Row M37.
"""

import os
from collections.abc import Iterable
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from . import ring

NONCE, TAG = 12, 16


class Undecipherable(Exception):
    """The text was written with a key that is not here, or has been changed."""


@cache
def _sm4(key: str) -> algorithms.SM4:
    return algorithms.SM4(bytes.fromhex(key))


@cache
def _mac(key: str) -> hmac.HMAC:
    """HMAC with its key taken in; copying it costs a third of making it."""
    return hmac.HMAC(bytes.fromhex(key), hashes.SM3())


def encrypt(text: str) -> bytes:
    """Encrypt with the current key; empty text stays empty."""
    return encrypt_bytes(text.encode())


def encrypt_bytes(plain: bytes) -> bytes:
    """Encrypt bytes (a file) with the current key; nothing stays nothing."""
    if not plain:
        return b""
    key_id, key = ring.current()
    nonce = os.urandom(NONCE)
    cipher = Cipher(_sm4(key), modes.GCM(nonce)).encryptor()
    body = cipher.update(plain) + cipher.finalize()
    return bytes([key_id]) + nonce + body + cipher.tag


def decrypt(stored: bytes | memoryview | None) -> str:
    """The plain text of a stored field.

    Raises Undecipherable when the key is missing or the bytes were changed.
    """
    try:
        return decrypt_bytes(stored).decode()
    except UnicodeDecodeError as error:
        raise Undecipherable("field holds no text") from error


def decrypt_bytes(stored: bytes | memoryview | None) -> bytes:
    """The plain bytes of a stored field.

    Raises Undecipherable when the key is missing or the bytes were changed.
    """
    raw = bytes(stored or b"")
    if not raw:
        return b""
    nonce, body, tag = raw[1 : 1 + NONCE], raw[1 + NONCE : -TAG], raw[-TAG:]
    try:
        cipher = Cipher(_sm4(ring.key(raw[0])), modes.GCM(nonce, tag)).decryptor()
        return cipher.update(body) + cipher.finalize()
    except (KeyError, InvalidTag, ValueError) as error:
        raise Undecipherable("field cannot be read with the keys of this place") from error


def blind_index(text: str) -> bytes:
    """32-byte keyed SM3 digest of the text without blanks, in capitals; empty for empty text."""
    return blind_index_many([text])[0]


def blind_index_many(texts: Iterable[str]) -> list[bytes]:
    """``blind_index`` of every text."""
    mac, found = _mac(ring.index_key()), []
    for text in texts:
        plain = "".join(text.split()).upper()
        if not plain:
            found.append(b"")
            continue
        one = mac.copy()
        one.update(plain.encode())
        found.append(one.finalize())
    return found
