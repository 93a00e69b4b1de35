"""Encrypting and indexing many texts: the same bytes as one by one, in a few sweeps of all of them.

``cryptography`` needs one to three microseconds for each call, whatever the length of the text; see
``kernels``. A column of a few texts is not worth loading them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from . import NONCE, TAG, blind_index, encrypt, ring

#: From so many texts on the sweeps are faster.
WORTH_IT = 500
_BLOCK, _DIGEST, _HMAC_BLOCK = 16, 32, 64


def encrypt_many(texts: Sequence[str]) -> list[bytes]:
    """``encrypt`` of every text, with the current key and a nonce of its own for each."""
    if len(texts) < WORTH_IT:
        return [encrypt(text) for text in texts]
    from .kernels import counters, seal

    key_id, key = ring.current()
    text, places = _laid_out(texts)
    lengths = np.diff(places)
    nonces = np.frombuffer(os.urandom(NONCE * len(texts)), dtype=np.uint8)
    # One counter block for the tag and one for every sixteen bytes; none for an empty text.
    blocks = np.where(lengths > 0, 1 + -(-lengths // _BLOCK), 0)
    starts = _running(blocks)
    counted = np.empty(int(starts[-1]) * _BLOCK, dtype=np.uint8)
    counters(places, nonces, starts, counted)
    stream = np.frombuffer(_ecb(key).update(counted.tobytes()), dtype=np.uint8)
    ends = _running(np.where(lengths > 0, 1 + NONCE + lengths + TAG, 0))
    sealed = np.empty(int(ends[-1]), dtype=np.uint8)
    seal(text, places, nonces, starts, stream, _multiples(key), key_id, sealed)
    whole, cuts = sealed.tobytes(), ends.tolist()
    return [whole[begin:end] for begin, end in zip(cuts, cuts[1:], strict=False)]


def blind_index_many(texts: Iterable[str]) -> list[bytes]:
    """``blind_index`` of every text."""
    texts = list(texts)
    if len(texts) < WORTH_IT:
        return [blind_index(text) for text in texts]
    from .kernels import hmac_sm3

    text, places = _laid_out(["".join(one.split()).upper() for one in texts])
    found = np.empty((len(texts), _DIGEST), dtype=np.uint8)
    hmac_sm3(text, places, *_keyed(ring.index_key()), found)
    whole = found.tobytes()
    cut = [whole[at : at + _DIGEST] for at in range(0, len(whole), _DIGEST)]
    for empty in np.flatnonzero(np.diff(places) == 0).tolist():
        cut[empty] = b""
    return cut


def _laid_out(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All texts in UTF-8 one behind the other, and where each begins."""
    parts = [text.encode() for text in texts]
    lengths = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    return np.frombuffer(b"".join(parts), dtype=np.uint8), _running(lengths)


def _running(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of several lengths begins, and where the last ends."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])


def _ecb(key: str) -> Any:
    """The block cipher alone: counters go in, what hides the text comes out."""
    return Cipher(algorithms.SM4(bytes.fromhex(key)), modes.ECB()).encryptor()  # noqa: S305


@lru_cache(maxsize=4)
def _multiples(key: str) -> NDArray[np.uint64]:
    """GCM's hash key, the cipher of nothing, times every byte at every place."""
    from .kernels import multiples

    high, low = np.frombuffer(_ecb(key).update(bytes(_BLOCK)), dtype=">u8").astype(np.uint64)
    table: NDArray[np.uint64] = multiples(high, low)
    return table


@lru_cache(maxsize=4)
def _keyed(key: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The states of SM3 after the key's inner and outer block (RFC 2104)."""
    from .kernels import after_block

    raw = bytes.fromhex(key)
    if len(raw) > _HMAC_BLOCK:
        sm3 = hashes.Hash(hashes.SM3())
        sm3.update(raw)
        raw = sm3.finalize()
    padded = np.frombuffer(raw.ljust(_HMAC_BLOCK, b"\0"), dtype=np.uint8)
    return after_block(padded ^ 0x36), after_block(padded ^ 0x5C)
