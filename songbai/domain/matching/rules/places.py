"""Divisions, telephone numbers and addresses, compared."""

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import token_set_ratio

from songbai.core.texts import folded_phone
from songbai.core.worded import Worded

#: Division codes as text, or as 12-digit numbers already.
Codes = NDArray[np.str_] | NDArray[np.int64]


class RegionLevel(Worded):
    """The smallest division two codes have in common."""

    VILLAGE = "village", "在同一个村社"
    TOWN = "town", "在同一个镇街，村社不同"
    DISTRICT = "district", "在同一个区县，镇街不同"
    ELSEWHERE = "elsewhere", "在不同的区县"
    UNKNOWN = "unknown", "区划有一边没填全"


class PhoneLevel(Worded):
    """How two telephone numbers compare."""

    SAME = "same", "电话相同"
    DIFFERENT = "different", "电话不同"
    UNKNOWN = "unknown", "电话有一边没填"


class AddressLevel(Worded):
    """How the words of two addresses compare."""

    SAME = "same", "住址相同"
    SIMILAR = "similar", "住址大部分相同"
    DIFFERENT = "different", "住址不同"
    UNKNOWN = "unknown", "住址有一边没填"


REGION_LEVELS, PHONE_LEVELS, ADDRESS_LEVELS = (
    tuple(RegionLevel),
    tuple(PhoneLevel),
    tuple(AddressLevel),
)


def compare_regions(left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare division codes; shorter ones and trailing zeros say less.

    Shape (n,), indexes into ``REGION_LEVELS``.
    """
    one, two = _code(left), _code(right)
    found = np.full(len(left), REGION_LEVELS.index(RegionLevel.ELSEWHERE), dtype=np.uint8)
    for level, below in (
        (RegionLevel.DISTRICT, 10**6),
        (RegionLevel.TOWN, 10**3),
        (RegionLevel.VILLAGE, 1),
    ):
        found[one // below == two // below] = REGION_LEVELS.index(level)
    vague = (one % 10**6 == 0) | (two % 10**6 == 0)
    found[vague & (one // 10**6 == two // 10**6)] = REGION_LEVELS.index(RegionLevel.DISTRICT)
    to_town = ((one % 10**3 == 0) | (two % 10**3 == 0)) & ~vague
    found[to_town & (one // 10**3 == two // 10**3)] = REGION_LEVELS.index(RegionLevel.TOWN)
    found[(one % 10**8 == 0) | (two % 10**8 == 0)] = REGION_LEVELS.index(RegionLevel.UNKNOWN)
    return found


def region_numbers(codes: NDArray[np.str_]) -> NDArray[np.int64]:
    """Division codes as 12-digit numbers; 0 where there is none."""
    return _code(codes)


def _code(codes: Codes) -> NDArray[np.int64]:
    if codes.dtype.kind == "i":
        return codes.astype(np.int64)
    texts = codes.astype(np.str_)
    numeric = np.char.isdecimal(texts)
    padded = np.char.ljust(np.where(numeric, texts, "0"), 12, "0")
    return np.where(numeric, padded, "0").astype(np.int64)


def common_division(one: str, two: str) -> str:
    """The smallest division, as a 12-digit code, that holds both; the province at the widest.

    >>> common_division("500151001001", "500151105201")
    '500151000000'
    """
    for digits in (12, 9, 6, 4):
        if one[:digits] == two[:digits]:
            return one[:digits].ljust(12, "0")
    return one[:2].ljust(12, "0")


def normal_phone(text: str) -> str:
    """A telephone number without blanks, country code and signs; "" when nothing is left.

    >>> normal_phone("+86 １３８-0013 8000")
    '13800138000'
    """
    found = folded_phone(text)
    return found if found.isdigit() and len(found) >= 7 else ""


_WORDS = re.compile(
    r"[\u4e00-\u9fff]+?(?:区|县|镇|乡|街道|村|社区|社|组|路|街|巷|号|栋|幢|单元|楼|室)"
)
_CHINESE = {digit: str(number) for number, digit in enumerate("〇一二三四五六七八九")}


def address_words(text: str) -> list[str]:
    """An address in its words, numbers in Arabic digits: 幸福路八号3-2 → 幸福路 8 3 2."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"[〇一二三四五六七八九](?=[号组社栋幢单楼室])", lambda m: _CHINESE[m[0]], plain)
    plain = re.sub(r"(\d+)号?", r" \1 ", plain)
    return [word for part in plain.split() for word in _split(part)]


def _split(part: str) -> list[str]:
    words = [part] if part.isdigit() else _WORDS.findall(part) or [part.strip("-—#之")]
    return [word for word in words if word]


def compare_addresses(left: str, right: str) -> AddressLevel:
    """Compare two addresses by their words, whatever order and detail they are written in."""
    if not left or not right:
        return AddressLevel.UNKNOWN
    one, two = address_words(left), address_words(right)
    if one == two:
        return AddressLevel.SAME
    numbers = [word for word in one if word.isdigit()], [word for word in two if word.isdigit()]
    likeness = token_set_ratio(" ".join(one), " ".join(two))
    if likeness >= 95 and numbers[0] == numbers[1]:
        return AddressLevel.SAME
    return AddressLevel.SIMILAR if likeness >= 75 else AddressLevel.DIFFERENT
