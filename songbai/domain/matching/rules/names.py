"""Names as they are written, heard and misread."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from songbai.core.texts import folded_name
from songbai.core.worded import Worded

CodePoints = NDArray[np.uint32]

#: Characters of a name that take part in finding candidates; longer names are cut there only.
WIDTH = 6
_SIZE = 0x30000
_NOTE = re.compile(r"[(（\[【].*?[)）\]】]")


class NameLevel(Worded):
    """How two names compare, best first."""

    SAME = "same", "姓名相同"
    VARIANT = "variant", "姓名相同，一边是繁体或异体字"  # traditional or variant characters
    SOUND = "sound", "姓名同音不同字"  # all characters sound alike
    NEAR_SOUND = "near_sound", "姓名音近"  # alike in a dialect: n/l, zh/z, f/h, in/ing
    SHAPE = (
        "shape",
        "姓名有一个字形近或音近",
    )  # some character is mistaken for one that looks or sounds alike
    SWAPPED = "swapped", "姓名的字相同，顺序不同"  # same characters in another order
    MISSING = (
        "missing",
        "姓名少了一个字或一节",
    )  # one character, or one part of a long name, is missing
    ONE_OTHER = "one_other", "姓名有一个字不同"  # one character is another one
    SURNAME = "surname", "只有姓相同"  # only the surname
    DIFFERENT = "different", "姓名不同"
    UNKNOWN = "unknown", "姓名有一边没填"


NAME_LEVELS = tuple(NameLevel)
#: Names so alike that two records may be joined without a clerk.
SAME_NAME = frozenset({NameLevel.SAME, NameLevel.VARIANT})
#: Names that contradict.
OTHER_NAME = frozenset({NameLevel.SURNAME, NameLevel.DIFFERENT})

#: Syllables that people of the south-west do not tell apart, longest first.
_DIALECT = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"^n"), "l"),
    (re.compile(r"^hu(?=[aeino])"), "f"),
    (re.compile(r"^h(?=u$)"), "f"),
    (re.compile(r"(?<=[ie])ng$"), "n"),
    (re.compile(r"ong$|ueng$"), "en"),
)


@cache
def dialect(syllable: str) -> str:
    """A toneless syllable as heard: zhang and zang, niu and liu, huang and fang, ting and tin."""
    for pattern, heard in _DIALECT:
        syllable = pattern.sub(heard, syllable)
    return syllable


@dataclass(frozen=True)
class Characters:
    """What is known of characters: tables by code point, and pairs that look alike."""

    today: CodePoints
    heard: NDArray[np.uint16]
    sounds: Mapping[str, frozenset[str]]
    heard_sounds: Mapping[str, frozenset[str]]
    alike: frozenset[tuple[str, str]]

    @classmethod
    def of(
        cls,
        readings: Mapping[int, Iterable[str]],
        variants: Iterable[str],
        similar: Iterable[str],
    ) -> Characters:
        """Tables from toneless readings by code point, groups of variants (the character of today
        first) and groups of similar characters."""
        today = np.arange(_SIZE, dtype=np.uint32)
        for group in variants:
            for character in group[1:]:
                today[ord(character)] = today[ord(group[0])]
        sounds = {chr(point): frozenset(said) for point, said in readings.items() if point < _SIZE}
        heard_sounds = {
            one: frozenset(dialect(sound) for sound in said) for one, said in sounds.items()
        }
        numbers: dict[str, int] = {}
        heard = np.zeros(_SIZE, dtype=np.uint16)
        for point, said in readings.items():
            if point < _SIZE:
                first = dialect(next(iter(said)))
                heard[point] = numbers.setdefault(first, len(numbers) + 1)
        pairs = {(one, two) for group in similar for one in group for two in group if one != two}
        return cls(today, heard[today], sounds, heard_sounds, frozenset(pairs))

    def modern(self, name: str) -> str:
        """The name in the characters of today."""
        return "".join(chr(int(self.today[ord(one)])) if ord(one) < _SIZE else one for one in name)


def normal_name(text: str) -> str:
    """A name without blanks, notes in brackets, odd dots: 买买提•吐尔逊（父） → 买买提·吐尔逊."""
    plain = _NOTE.sub("", unicodedata.normalize("NFKC", text))
    return folded_name(plain).replace(" ", "").upper()


def code_points(names: Iterable[str]) -> CodePoints:
    """Names as rows of code points without dots, shape (n, WIDTH), zeros behind the end."""
    array = np.array([name.replace("·", "")[:WIDTH] for name in names], dtype=f"<U{WIDTH}")
    return np.minimum(array.view(np.uint32).reshape(len(array), WIDTH), _SIZE - 1)


def compare_names(left: str, right: str, known: Characters) -> NameLevel:
    """Compare two names that went through :func:`normal_name`."""
    if not left or not right:
        return NameLevel.UNKNOWN
    if left == right:
        return NameLevel.SAME
    one, two = known.modern(left), known.modern(right)
    if one == two:
        return NameLevel.VARIANT
    if "·" in one or "·" in two or max(len(one), len(two)) > 4:
        return _compare_long(one, two, known)
    if len(one) == len(two):
        return _compare_even(one, two, known)
    short, long = sorted((one, two), key=len)
    if len(long) - len(short) == 1 and len(short) >= 2 and _lacks_one(short, long):
        return NameLevel.MISSING
    return NameLevel.SURNAME if one[0] == two[0] else NameLevel.DIFFERENT


def _compare_even(one: str, two: str, known: Characters) -> NameLevel:
    """Names of one length, in the characters of today."""
    kinds = [_kind(a, b, known) for a, b in zip(one, two, strict=True) if a != b]
    worst = max(kinds, key=NAME_LEVELS.index)
    if worst is not NameLevel.DIFFERENT:
        return worst
    if sorted(one) == sorted(two):
        return NameLevel.SWAPPED
    if len(one) >= 3 and len(kinds) == 1:
        return NameLevel.ONE_OTHER
    return NameLevel.SURNAME if one[0] == two[0] else NameLevel.DIFFERENT


def _kind(a: str, b: str, known: Characters) -> NameLevel:
    """How two different characters may stand for one another."""
    none: frozenset[str] = frozenset()
    if known.sounds.get(a, none) & known.sounds.get(b, none):
        return NameLevel.SOUND
    if known.heard_sounds.get(a, none) & known.heard_sounds.get(b, none):
        return NameLevel.NEAR_SOUND
    return NameLevel.SHAPE if (a, b) in known.alike else NameLevel.DIFFERENT


def _lacks_one(short: str, long: str) -> bool:
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _compare_long(one: str, two: str, known: Characters) -> NameLevel:
    """Names of several parts (买买提·吐尔逊), or written without their dot."""
    joined, other = one.replace("·", ""), two.replace("·", "")
    if joined == other:
        return NameLevel.SAME
    parts, more = sorted((one.split("·"), two.split("·")), key=len)
    if sorted(parts) == sorted(more):
        return NameLevel.SWAPPED
    if len(parts) < len(more) and parts == more[: len(parts)] and len(joined) >= 2:
        return NameLevel.MISSING
    if len(joined) == len(other):
        level = _compare_even(joined, other, known)
        return NameLevel.DIFFERENT if level is NameLevel.SURNAME else level
    likeness = Indel.normalized_similarity(joined, other)
    return NameLevel.SHAPE if likeness >= 0.85 else NameLevel.DIFFERENT
