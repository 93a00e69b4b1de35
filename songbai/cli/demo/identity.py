"""Names and numbers that nobody can hold.

- A name is a real surname and one or two trees or plants: 李松柏, 王桂兰. Everyone sees it is
  invented.
- An identity number has a valid GB 11643 check character, but its division 500190 … 500199 was
  never given to any county.
- A telephone number starts with 120, a prefix no mobile network has.
- A unified social credit code is valid in form and carries division 500190.

All functions work on whole arrays and are deterministic.
"""

from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin
from stdnum.cn import uscc as stdnum_uscc

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]
StrArray = NDArray[np.str_]
CodePoints = NDArray[np.uint32]

# --- names ---------------------------------------------------------------------------------------

SURNAMES = (
    "李王张刘陈杨黄周赵吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙"
    "黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
"""The hundred most frequent surnames, most frequent first."""

GIVEN_FEMALE = "梅兰竹菊莲荷蓉芝莉茉蕙芸薇桂桃杏梨棠樱萍榕椿桑楠杉柏松柳蔷苇菡萱"
GIVEN_MALE = "松柏桐榆槐杉枫楠樟桦椿栎梓柯桑榕梧栗檀杞楸竹柘桂槿楷桢楮檬"
"""Trees and plants only, so that a reader knows the person is invented."""

ONE_CHARACTER_SHARE = 0.16
"""Share of given names of one character."""

SURNAME_READINGS = {"曾": "z"}
"""Initials of surnames that are read differently as surnames than as words (曾 is not céng)."""


def _code_points(text: str) -> CodePoints:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _surname_weights() -> NDArray[np.float64]:
    """Shares of the hundred surnames: about 8 % for the first, falling to 0.2 %."""
    weights = 1.0 / (np.arange(len(SURNAMES)) + 3.0) ** 0.95
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _given_names(rng: np.random.Generator, count: int, pool: str) -> CodePoints:
    """Given names as code points, shape (count, 2); the second is 0 in a name of one character.

    The two characters of a name differ.
    """
    characters = _code_points(pool)
    first = rng.integers(len(characters), size=count)
    second = (first + rng.integers(1, len(characters), size=count)) % len(characters)
    given = characters[np.column_stack([first, second])]
    given[rng.random(count) < ONE_CHARACTER_SHARE, 1] = 0
    return given


def names(rng: np.random.Generator, female: BoolArray) -> StrArray:
    """One invented full name per entry of ``female``; shape (n,), dtype ``<U3``."""
    count = len(female)
    points = np.zeros((count, 3), dtype=np.uint32)
    drawn = np.searchsorted(np.cumsum(_surname_weights())[:-1], rng.random(count), side="right")
    points[:, 0] = _code_points(SURNAMES)[drawn]
    points[female, 1:] = _given_names(rng, int(female.sum()), GIVEN_FEMALE)
    points[~female, 1:] = _given_names(rng, int((~female).sum()), GIVEN_MALE)
    return points.view("<U3").reshape(count)


def _initial(character: str) -> str:
    if character in SURNAME_READINGS:
        return SURNAME_READINGS[character]
    return lazy_pinyin(character, style=Style.FIRST_LETTER)[0][:1].lower() or character


@cache
def _initial_table() -> CodePoints:
    """Code point of the pinyin initial by code point of the character; 0 where unknown."""
    table = np.zeros(0x10000, dtype=np.uint32)
    for character in dict.fromkeys(SURNAMES + GIVEN_FEMALE + GIVEN_MALE):
        table[ord(character)] = ord(_initial(character))
    return table


def initials(full_names: StrArray) -> StrArray:
    """Pinyin initials in small letters (李松柏 → lsb), same shape and width as ``full_names``.

    Knows the characters of :func:`names`; raises ValueError for any other.
    """
    contiguous = np.ascontiguousarray(full_names)
    points = contiguous.view(np.uint32)
    letters = _initial_table()[np.minimum(points, 0xFFFF)]
    if bool(((letters == 0) & (points != 0)).any()):
        raise ValueError("initials() knows only the characters of the invented names")
    return letters.view(contiguous.dtype)


# --- identity numbers ----------------------------------------------------------------------------

FIRST_DIVISION = 500190
"""First of ten division codes (500190 … 500199) that no county has."""
DIVISIONS = 10
SLOTS_PER_BLOCK = 130
"""How many people of one sex and birth date one block of numbers can hold."""
CAPACITY = {True: 499 * DIVISIONS, False: 500 * DIVISIONS}
"""Numbers per birth date for women (True: order 002 … 998) and men (False: order 001 … 999)."""

CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
CHECK_CHARACTERS = np.array(list("10X98765432"))


class NumbersUsedUpError(ValueError):
    """More people share a birth date and sex than a block of identity numbers can hold."""


def id_numbers(birth_date: DateArray, female: BoolArray, block: int) -> StrArray:
    """Identity numbers, shape (n,), dtype ``<U18``, unique within a block and between blocks.

    ``block`` is the index of the district (0 … 37). All people of a block
    must come in one call: their numbers are counted from the start of the block. Raises
    :class:`NumbersUsedUpError` if a birth date is too crowded.
    """
    rank = _rank_within(birth_date.astype("datetime64[D]").astype(np.int64) * 2 + female)
    slot = rank + block * SLOTS_PER_BLOCK
    end = (block + 1) * SLOTS_PER_BLOCK
    if bool((slot >= np.where(female, min(end, CAPACITY[True]), min(end, CAPACITY[False]))).any()):
        raise NumbersUsedUpError(
            f"Block {block} has too few identity numbers for one birth date and sex: "
            "ask for fewer people."
        )
    per_division = np.where(female, 499, 500)
    division = FIRST_DIVISION + slot // per_division
    order = 2 * (slot % per_division) + np.where(female, 2, 1)
    if not len(order):
        return np.zeros(0, dtype="<U18")
    days = np.char.replace(np.datetime_as_string(birth_date, unit="D"), "-", "")
    body = np.char.add(np.char.add(division.astype("<U6"), days), _padded(order, 3))
    digits = body.astype("<U17").view(np.uint32).reshape(len(body), 17) - ord("0")
    return np.char.add(body, CHECK_CHARACTERS[(digits @ CHECK_WEIGHTS) % 11])


def _rank_within(group: IntArray) -> IntArray:
    """How many earlier entries belong to the same group; shape (n,)."""
    by_group = np.argsort(group, kind="stable")
    ordered = group[by_group]
    is_first = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else ordered.astype(bool)
    position = np.arange(len(group))
    rank = np.empty(len(group), dtype=np.int64)
    rank[by_group] = position - np.maximum.accumulate(np.where(is_first, position, 0))
    return rank


def _padded(number: IntArray, width: int) -> StrArray:
    """Numbers as text, padded with zeros on the left."""
    return np.array([f"{one:0{width}d}" for one in number.tolist()], dtype=f"<U{width}")


# --- telephone numbers ---------------------------------------------------------------------------


class Holder(IntEnum):
    """Whose telephone: each kind of person has its own range of serials."""

    ELDER = 0
    RELATIVE = 20_000_000
    STAFF = 60_000_000


PHONE_STRIDE = 38_196_601
"""Odd and no multiple of 5: multiplying by it shuffles the 10⁸ numbers without collision."""


def phones(serial: IntArray, holder: Holder) -> StrArray:
    """Telephone numbers ``120xxxxxxxx``, shape (n,), dtype ``<U11``: one serial, one number.

    ``serial`` counts from 0: up to 20 million elders, 40 million relatives, 40 million staff.
    """
    return np.char.add("120", _padded((serial + int(holder)) * PHONE_STRIDE % 10**8, 8))


# --- providers and their people ------------------------------------------------------------------

ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class Registrar(IntEnum):
    """First two characters of a unified social credit code: who registered what (GB 32100)."""

    PUBLIC_INSTITUTION = 12
    PRIVATE_NON_ENTERPRISE = 52
    ENTERPRISE = 91


def uscc(serial: int, registrar: Registrar = Registrar.PRIVATE_NON_ENTERPRISE) -> str:
    """The 18-place unified social credit code of the provider number ``serial``, from 0.

    Both its own check character and that of the organisation code inside it (GB 11714) are valid.
    """
    organisation = f"{serial:08d}"
    total = sum(
        weight * int(digit)
        for weight, digit in zip(ORGANISATION_WEIGHTS, organisation, strict=True)
    )
    check = "0123456789X0"[11 - total % 11]
    body = f"{int(registrar)}{FIRST_DIVISION}{organisation}{check}"
    return body + str(stdnum_uscc.calc_check_digit(body))
