"""GHASH over many short texts at once, compiled; the block cipher itself stays OpenSSL's.

Setting GCM up in OpenSSL costs more than the few blocks of a name or an account number, so a column
of a million fields spends its time in that. The tests hold every byte against ``cryptography``.
Texts come as one buffer and the places where each begins (n + 1 of them).
"""

# The loops run in machine code: what NumPy would do with whole arrays is done in registers here.

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def multiples(high: Any, low: Any) -> Any:
    """H times every byte at every place of a block, in the field of GCM: 16 × 256 × 2 words."""
    table = np.zeros((16, 256, 2), dtype=np.uint64)
    for place in range(16):
        for bit in range(8):
            byte = 0x80 >> bit
            table[place, byte, 0], table[place, byte, 1] = high, low
            carry = low & np.uint64(1)
            low = (low >> np.uint64(1)) | (high << np.uint64(63))
            high = high >> np.uint64(1)
            if carry:
                high ^= np.uint64(0xE100000000000000)
        for byte in range(1, 256):
            if byte & (byte - 1):
                rest = byte & (byte - 1)
                only = byte ^ rest
                for half in range(2):
                    table[place, byte, half] = table[place, rest, half] ^ table[place, only, half]
    return table


@njit(cache=True, nogil=True)
def counters(places: Any, nonces: Any, starts: Any, out: Any) -> None:
    """The counter blocks of every text, one more than the text has: the first is for its tag."""
    for n in range(len(places) - 1):
        for c in range(starts[n + 1] - starts[n]):
            at = (starts[n] + c) * 16
            for b in range(12):
                out[at + b] = nonces[n * 12 + b]
            for b in range(4):
                out[at + 12 + b] = np.uint8(np.uint32(c + 1) >> np.uint32(24 - 8 * b))


@njit(cache=True)
def _times(table: Any, high: Any, low: Any) -> Any:
    """A block times H."""
    new_high = new_low = np.uint64(0)
    for place in range(8):
        byte = (high >> np.uint64(56 - 8 * place)) & np.uint64(255)
        new_high ^= table[place, byte, 0]
        new_low ^= table[place, byte, 1]
    for place in range(8):
        byte = (low >> np.uint64(56 - 8 * place)) & np.uint64(255)
        new_high ^= table[8 + place, byte, 0]
        new_low ^= table[8 + place, byte, 1]
    return new_high, new_low


@njit(cache=True, nogil=True)
def seal(
    text: Any, places: Any, nonces: Any, starts: Any, stream: Any, table: Any, key_id: Any, out: Any
) -> None:
    """Key id, nonce, text and tag of every text, one behind the other into ``out``."""
    at = 0
    for n in range(len(places) - 1):
        begin, length, mask = places[n], places[n + 1] - places[n], starts[n] * 16
        if length == 0:
            continue
        out[at] = key_id
        for b in range(12):
            out[at + 1 + b] = nonces[n * 12 + b]
        at += 13
        high = low = np.uint64(0)
        for block in range(0, length, 16):
            first = second = np.uint64(0)
            for b in range(16):
                byte = np.uint64(0)
                if block + b < length:
                    sealed = text[begin + block + b] ^ stream[mask + 16 + block + b]
                    out[at + block + b] = sealed
                    byte = np.uint64(sealed)
                if b < 8:
                    first = (first << np.uint64(8)) | byte
                else:
                    second = (second << np.uint64(8)) | byte
            high, low = _times(table, high ^ first, low ^ second)
        high, low = _times(table, high, low ^ np.uint64(length * 8))
        at += length
        for b in range(8):
            out[at + b] = np.uint8(high >> np.uint64(56 - 8 * b)) ^ stream[mask + b]
            out[at + 8 + b] = np.uint8(low >> np.uint64(56 - 8 * b)) ^ stream[mask + 8 + b]
        at += 16
