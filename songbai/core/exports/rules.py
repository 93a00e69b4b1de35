"""Marks that tell one recipient's copy from another's. Pure.

Two invisible marks, so that what removes one leaves the other:

- *characters*: in the first cell of every row, the number of the export as 40 bits and 8 bits of
  check, written with two characters that have no width. One copied row is enough.
- *order*: neighbouring rows form pairs (first and second, third and fourth …); whether the one with
  the lower key stands first is a bit drawn from the export's secret and the two keys. It survives
  retyping, printing and a copy as plain text; some forty rows in a row identify a copy.
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

ZERO, ONE = "\u200b", "\u200c"
NUMBER_BITS, CHECK_BITS = 40, 8
#: Fewest pairs of rows whose order says anything, and how surely: chance of one in a million.
LEAST_PAIRS, ODDS = 20, 1e-6
_MARK = re.compile(f"[{ZERO}{ONE}]{{{NUMBER_BITS + CHECK_BITS}}}")

T = TypeVar("T")


class ExportFormat(StrEnum):
    """How the copy is written."""

    XLSX = "xlsx"
    CSV = "csv"


def mark_of(number: int) -> str:
    """48 characters without width that hold the number of an export."""
    bits = f"{number:0{NUMBER_BITS}b}{_check(number):0{CHECK_BITS}b}"
    return bits.replace("0", ZERO).replace("1", ONE)


def numbers_in(text: str) -> list[int]:
    """Numbers of exports whose whole marks stand in a text; damaged marks are left out."""
    found = []
    for mark in _MARK.findall(text):
        bits = mark.replace(ZERO, "0").replace(ONE, "1")
        number, check = int(bits[:NUMBER_BITS], 2), int(bits[NUMBER_BITS:], 2)
        if check == _check(number):
            found.append(number)
    return found


def without_marks(text: str) -> str:
    """The text as a person reads it."""
    return text.replace(ZERO, "").replace(ONE, "")


def ordered(rows: Sequence[T], keys: Sequence[str], secret: str) -> list[T]:
    """The rows with neighbours swapped as the secret says; keys are what identifies each row."""
    found = list(rows)
    for first in range(0, len(found) - 1, 2):
        a, b = keys[first], keys[first + 1]
        if a != b and (a < b) != _low_first(a, b, secret):
            found[first], found[first + 1] = found[first + 1], found[first]
    return found


@dataclass(frozen=True)
class Agreement:
    """How many of how many pairs of rows stand as an export's secret says."""

    agree: int
    pairs: int

    @property
    def chance(self) -> float:
        """The chance that so many agree in a copy that is not of this export (upper bound)."""
        from math import comb

        ways = sum(comb(self.pairs, k) for k in range(self.agree, self.pairs + 1))
        return float(ways / 2**self.pairs)

    @property
    def convincing(self) -> bool:
        """Whether this is no accident."""
        return self.pairs >= LEAST_PAIRS and self.chance < ODDS


def agreement(keys: Sequence[str], secret: str) -> Agreement:
    """How well the order of a found copy fits an export; a cut-off beginning does no harm."""
    best = Agreement(0, 0)
    for start in (0, 1):
        pairs = [pair for pair in list(pairwise(keys))[start::2] if pair[0] != pair[1]]
        agree = sum((a < b) == _low_first(a, b, secret) for a, b in pairs)
        best = max(best, Agreement(agree, len(pairs)), key=lambda one: one.agree)
    return best


def _low_first(a: str, b: str, secret: str) -> bool:
    low, high = sorted((a, b))
    return bool(hashlib.sha256(f"{secret}|{low}|{high}".encode()).digest()[0] & 1)


def _check(number: int) -> int:
    return zlib.crc32(number.to_bytes(8, "big")) & 0xFF


def visible_line(recipient: str, at: str, purpose: str, number: int) -> str:
    """What stands above and below the rows."""
    return (
        f"仅供 {recipient} 于 {at} 用于“{purpose}”，导出编号 {number}。"
        "含个人信息，不得转给他人，用完删除；每份都有不同的记号，能查到是谁的。"
    )
