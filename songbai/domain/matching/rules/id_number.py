"""The identity number, GB 11643-1999: division 6, birth date 8, order 3, check character 1.

Numbers of 15 places (before 1999) have no century and no check character; they are completed. The
division is not checked: a number keeps the code of its day, also when the county is long gone.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum

from stdnum.cn import ric

CHECKS = "0123456789X"
#: Characters that people type for X, folded by NFKC and capitals: multiplication sign, Cyrillic
#: and Greek letters, a star.
_LIKE_X = str.maketrans("×Х✕*Χ", "XXXXX")
_DROPPED = str.maketrans("", "", " \t\r\n\u3000\u200b\ufeff'\"`-－_·.,，。")
#: In numbers of 15 places these orders marked people of a hundred years: born 18xx.
_CENTENARIAN = {"996", "997", "998", "999"}


class IdProblem(Enum):
    """Why a text is not an identity number; the value tells the clerk."""

    LENGTH = "身份证号应是 18 位（旧号 15 位），请核对"
    CHARACTER = "身份证号里有不该有的字符，只能是数字，最后一位可以是 X"
    CHECK = "身份证号的最后一位对不上，可能有一位写错了"
    BIRTH = "身份证号里的出生日期不存在，请核对"


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number in its 18 places. ``checked`` is False when it was given with 15."""

    text: str
    birth_date: date
    sex: str
    checked: bool

    @property
    def division(self) -> str:
        """The six-digit division where it was first given, as of then."""
        return self.text[:6]


def normal_id_number(text: str) -> str:
    """The number as it should have been typed: half-width, no blanks, capital X, 18 places.

    What is not a number comes back cleaned, for :func:`check_id_number` to say what is wrong.
    """
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LIKE_X).translate(_DROPPED)
    if len(plain) == 15 and plain.isascii() and plain.isdigit():
        century = "18" if plain[12:] in _CENTENARIAN else "19"
        body = f"{plain[:6]}{century}{plain[6:]}"
        return body + check_character(body)
    return plain


def check_character(body: str) -> str:
    """The 18th place for the first 17: ISO 7064 MOD 11-2."""
    return str(ric.calc_check_digit(f"{body}0"))


def check_id_number(text: str) -> IdNumber | IdProblem:
    """The number in a text as somebody typed it, or what is wrong with it."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LIKE_X).translate(_DROPPED)
    short = len(plain) == 15
    number = normal_id_number(plain)
    if len(number) != 18:
        return IdProblem.CHARACTER if short else IdProblem.LENGTH
    body = number[:17]
    if not (body.isascii() and body.isdigit() and number[17] in CHECKS):
        return IdProblem.CHARACTER
    if number[17] != check_character(body):
        return IdProblem.CHECK
    try:
        birth = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return IdProblem.BIRTH
    return IdNumber(number, birth, "m" if int(body[16]) % 2 else "f", checked=not short)


def near_id_numbers(text: str) -> list[str]:
    """Valid numbers that one slip away from a mistyped one: one place wrong, or two neighbours
    exchanged, or one place missing or doubled.

    Of 17 × 9 numbers with one wrong digit the check character leaves about one for each place, so
    an 18-place number has some forty neighbours. A number of 15 places has no check character and
    far more; only exchanged neighbours are tried.
    """
    plain = unicodedata.normalize("NFKC", text).upper().translate(_LIKE_X).translate(_DROPPED)
    if len(plain) == 15 and plain.isdigit():
        tried = {normal_id_number(slip) for slip in _exchanged(plain)}
    elif len(plain) == 18:
        tried = {*_exchanged(plain), *_one_wrong(plain)}
    elif len(plain) == 17:
        places = "0123456789"
        tried = {plain[:at] + digit + plain[at:] for at in range(18) for digit in places}
        tried.add(f"{plain}X")
    elif len(plain) == 19:
        tried = {plain[:at] + plain[at + 1 :] for at in range(19)}
    else:
        return []
    tried.discard(plain)
    found = (check_id_number(number) for number in tried)
    return sorted(number.text for number in found if isinstance(number, IdNumber))


def _exchanged(plain: str) -> list[str]:
    """The text with each two different neighbours exchanged."""
    return [
        plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
        for at in range(len(plain) - 1)
        if plain[at] != plain[at + 1]
    ]


def _one_wrong(plain: str) -> list[str]:
    """The text with each place replaced by each other digit."""
    slips = [plain[:at] + digit + plain[at + 1 :] for at in range(17) for digit in "0123456789"]
    return [*slips, *(plain[:17] + check for check in CHECKS)]
