"""SM4-GCM for personal fields, keyed SM3 for finding them again (GB/T 32907, GB/T 32905).

A ciphertext is ``key id byte · 12-byte nonce · ciphertext · 16-byte tag``. The blind index is
HMAC-SM3 of the normalised text, so equal values can be found without being readable.
"""

from __future__ import annotations

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

NONCE, TAG = 12, 16


class Undecipherable(Exception):
    """The text was written with a key that is not here, or has been changed."""


@cache
def _key(key_id: str) -> algorithms.SM4:
    return algorithms.SM4(bytes.fromhex(settings.FIELD_KEYS[key_id]))


def encrypt(text: str) -> bytes:
    """Encrypt with the current key; empty text stays empty."""
    if not text:
        return b""
    key_id: str = settings.FIELD_KEYS["current"]
    nonce = os.urandom(NONCE)
    cipher = Cipher(_key(key_id), modes.GCM(nonce)).encryptor()
    body = cipher.update(text.encode()) + cipher.finalize()
    return bytes([int(key_id)]) + nonce + body + cipher.tag


def decrypt(stored: bytes | memoryview | None) -> str:
    """The plain text of a stored field.

    Raises Undecipherable when the key is missing or the bytes were changed.
    """
    raw = bytes(stored or b"")
    if not raw:
        return ""
    nonce, body, tag = raw[1 : 1 + NONCE], raw[1 + NONCE : -TAG], raw[-TAG:]
    try:
        cipher = Cipher(_key(str(raw[0])), modes.GCM(nonce, tag)).decryptor()
        return (cipher.update(body) + cipher.finalize()).decode()
    except (KeyError, InvalidTag, ValueError) as error:
        raise Undecipherable("field cannot be read with the keys of this place") from error


def blind_index(text: str) -> bytes:
    """32-byte keyed SM3 digest of the text without blanks, in capitals; empty for empty text."""
    plain = "".join(text.split()).upper()
    if not plain:
        return b""
    mac = hmac.HMAC(bytes.fromhex(settings.FIELD_KEYS["index"]), hashes.SM3())
    mac.update(plain.encode())
    return mac.finalize()
