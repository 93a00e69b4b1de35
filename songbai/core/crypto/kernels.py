"""SM3 and GHASH over many short texts at once, compiled; the block cipher itself stays OpenSSL's.

A call into OpenSSL costs more than the few blocks of a name or an account number, so a column of a
million fields spends its time in calls. The tests hold every byte against ``cryptography``.
Texts come as one buffer and the places where each begins (n + 1 of them).
"""

# The loops run in machine code: what NumPy would do with whole arrays is done in registers here.

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Texts hashed side by side; their words lie next to each other, so one instruction takes several.
LANES = 16
_START = np.array(
    [
        *(0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600),
        *(0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E),
    ],
    dtype=np.uint32,
)


def _rotated_constants() -> NDArray[np.uint32]:
    words = [0x79CC4519 if j < 16 else 0x7A879D8A for j in range(64)]
    turned = [(w << (j % 32) | w >> (32 - j % 32)) & 0xFFFFFFFF for j, w in enumerate(words)]
    return np.array(turned, dtype=np.uint32)


_T = _rotated_constants()


@njit(cache=True, inline="always")
def _left(x: Any, n: Any) -> Any:
    return np.uint32((x << np.uint32(n)) | (x >> np.uint32(32 - n)))


@njit(cache=True)
def _compress(state: Any, words: Any, rest: Any, going: Any) -> None:
    """One block of each lane into ``state`` (8 × lanes) where ``going``; ``words``: 68 × lanes."""
    for j in range(16, 68):
        for k in range(LANES):
            x = words[j - 16, k] ^ words[j - 9, k] ^ _left(words[j - 3, k], 15)
            p1 = x ^ _left(x, 15) ^ _left(x, 23)
            words[j, k] = p1 ^ _left(words[j - 13, k], 7) ^ words[j - 6, k]
    for i in range(8):
        for k in range(LANES):
            rest[i, k] = state[i, k]
    for j in range(64):
        for k in range(LANES):
            a, b, c, d = rest[0, k], rest[1, k], rest[2, k], rest[3, k]
            e, f, g, h = rest[4, k], rest[5, k], rest[6, k], rest[7, k]
            a12 = _left(a, 12)
            ss1 = _left(np.uint32(a12 + e + _T[j]), 7)
            if j < 16:
                ff, gg = a ^ b ^ c, e ^ f ^ g
            else:
                ff, gg = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
            tt1 = np.uint32(ff + d + (ss1 ^ a12) + (words[j, k] ^ words[j + 4, k]))
            tt2 = np.uint32(gg + h + ss1 + words[j, k])
            rest[0, k], rest[1, k], rest[2, k], rest[3, k] = tt1, a, _left(b, 9), c
            rest[4, k] = tt2 ^ _left(tt2, 9) ^ _left(tt2, 17)
            rest[5, k], rest[6, k], rest[7, k] = e, _left(f, 19), g
    for i in range(8):
        for k in range(LANES):
            if going[k]:
                state[i, k] ^= rest[i, k]


@njit(cache=True)
def _load(words: Any, lane: Any, text: Any, begin: Any, end: Any, block: Any) -> None:
    """The block of a padded text as 16 words; 64 bytes of key went before it."""
    length = end - begin
    bits = np.uint64((length + 64) * 8)
    for w in range(16):
        word = np.uint32(0)
        for b in range(4):
            at = block * 64 + w * 4 + b
            byte = np.uint32(0)
            if at < length:
                byte = np.uint32(text[begin + at])
            elif at == length:
                byte = np.uint32(0x80)
            word = np.uint32((word << np.uint32(8)) | byte)
        words[w, lane] = word
    if (block + 1) * 64 >= length + 9:
        words[14, lane] = np.uint32(bits >> np.uint64(32))
        words[15, lane] = np.uint32(bits & np.uint64(0xFFFFFFFF))


@njit(cache=True)
def _close(words: Any, state: Any, outer: Any, going: Any) -> None:
    """The outer block of every lane: the inner digest, padded, after the outer key."""
    for k in range(LANES):
        going[k] = True
        for i in range(8):
            words[i, k] = state[i, k]
            words[8 + i, k] = np.uint32(0)
            state[i, k] = outer[i]
        words[8, k] = np.uint32(0x80000000)
        words[15, k] = np.uint32((64 + 32) * 8)


@njit(cache=True, nogil=True)
def hmac_sm3(text: Any, places: Any, inner: Any, outer: Any, out: Any) -> None:
    """HMAC-SM3 of every text into ``out`` (n × 32), from the states after the key's blocks."""
    count = len(places) - 1
    words = np.zeros((68, LANES), dtype=np.uint32)
    state = np.zeros((8, LANES), dtype=np.uint32)
    rest = np.zeros((8, LANES), dtype=np.uint32)
    going = np.ones(LANES, dtype=np.bool_)
    for start in range(0, count, LANES):
        lanes = min(LANES, count - start)
        blocks = 1
        for k in range(lanes):
            blocks = max(blocks, (places[start + k + 1] - places[start + k] + 72) // 64)
        for i in range(8):
            for k in range(LANES):
                state[i, k] = inner[i]
        for block in range(blocks):
            for k in range(lanes):
                begin, end = places[start + k], places[start + k + 1]
                going[k] = block < (end - begin + 72) // 64
                if going[k]:
                    _load(words, k, text, begin, end, block)
            _compress(state, words, rest, going)
        _close(words, state, outer, going)
        _compress(state, words, rest, going)
        for k in range(lanes):
            for i in range(8):
                for b in range(4):
                    out[start + k, i * 4 + b] = np.uint8(state[i, k] >> np.uint32(24 - 8 * b))


@njit(cache=True)
def after_block(block: Any) -> Any:
    """The state of SM3 after one block of 64 bytes: a key's, padded."""
    words = np.zeros((68, LANES), dtype=np.uint32)
    state = np.zeros((8, LANES), dtype=np.uint32)
    rest = np.zeros((8, LANES), dtype=np.uint32)
    for i in range(8):
        state[i, 0] = _START[i]
    for w in range(16):
        for b in range(4):
            words[w, 0] = (words[w, 0] << np.uint32(8)) | np.uint32(block[w * 4 + b])
    _compress(state, words, rest, np.ones(LANES, dtype=np.bool_))
    return state[:, 0].copy()


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
