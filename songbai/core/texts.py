"""The one form in which names, numbers, addresses and codes are stored, wherever they come from.

Every door, feed, form and comparison asks here. What cannot be stored is refused with the character
that is wrong and its place, so that whoever typed it can see it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from stdnum.cn import uscc

from songbai.core.errors import Refused
from songbai.core.sheets.values import clean

#: What people and programs write for the dot between the parts of a long name.
_DOTS = re.compile(r"\s*(?:[·•・･．.‧∙●⋅᛫ᆞ◦]\s*)+")
_HAN = re.compile(r"[〇㐀-鿿\U00020000-\U000323af]")
_IN_NAME = re.compile(r"[〇㐀-鿿\U00020000-\U000323af·A-Za-z]")
_IN_LATIN = re.compile(r"[A-Za-z .'’-]")
_SIGNS = re.compile(r"[\s\-－—–()（）.·/]")
_BESIDE_HAN = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_DASHES = re.compile(r"[－—–‐−﹣]+")
_PHONE = re.compile(r"1\d{10}|0\d{2,3}\d{7,8}|[48]00\d{7}|\d{7,8}|[19]\d{4}", re.ASCII)
_MOBILE = re.compile(r"1\d{10}", re.ASCII)
#: The number of a bank account in its stored form.
CARD = "[0-9]{12,30}"
_CARD = re.compile(CARD)
_DIGIT = re.compile(r"[0-9]")
#: GB 32100: no I, O, S, V and Z, which are mistaken for digits and each other.
_IN_CREDIT = re.compile(r"[0-9A-HJ-NP-RTUW-Y]")
CREDIT_PLACES = 18
LONGEST_NAME = 40


class WrongText(Refused):
    """这里有不能保存的字符，请改一下再交。"""


def person_name(text: str, title: str = "姓名") -> str:
    """A person's name: 买买提 • 艾力 → 买买提·艾力, 王 桂 英 → 王桂英, John  Smith → John Smith.

    Blanks between the parts of a long name stand for its dot; in shorter ones they only space.
    Raises WrongText.
    """
    found = folded_name(text)
    allowed = _IN_NAME if _HAN.search(found) else _IN_LATIN
    only(found, allowed, text, title)
    if not found or len(found) > LONGEST_NAME:
        raise WrongText(f"{title}没有填，或者超过 {LONGEST_NAME} 个字。")
    return found


def mask_name(name: str) -> str:
    """王桂英 → 王*英, also for longer names; a name of two characters keeps the first."""
    if len(name) < 2:
        return "*"
    return f"{name[0]}*{name[-1] if len(name) > 2 else ''}"


def folded_name(text: str) -> str:
    """A name in its stored form as far as that goes, whatever is in it."""
    plain = _plain(text)
    if not _HAN.search(plain):
        return " ".join(plain.split())
    plain = _DOTS.sub("·", plain).strip("·")
    parts = plain.split()
    joined = "".join(parts)
    is_long = len(joined) >= 5 and "·" not in joined and min(map(len, parts), default=0) >= 2
    return ("·" if is_long else "").join(parts)


def bare_name(text: str) -> str:
    """What of a stored name counts when two are compared: without dots, blanks and case."""
    return text.replace("·", "").replace(" ", "").upper()


def same_name(one: str, other: str) -> bool:
    """Whether two names are written of one person."""
    return bare_name(folded_name(one)) == bare_name(folded_name(other))


def phone(text: str, title: str = "电话") -> str:
    """A telephone number in digits: +86 138-0013 8000 → 13800138000, (023) 6550 1234 → 02365501234.

    Raises WrongText.
    """
    return _number(text, title, _PHONE, "手机是 11 位，座机带区号")


def mobile(text: str, title: str = "手机号") -> str:
    """A mobile telephone number in its eleven digits. Raises WrongText."""
    return _number(text, title, _MOBILE, "手机号是 11 位，以 1 开头")


def folded_phone(text: str) -> str:
    """A number without blanks, signs and country code, whatever is in it."""
    digits = _SIGNS.sub("", _plain(text))
    for country in ("+86", "0086", "86"):
        rest = digits.removeprefix(country)
        if rest != digits and _MOBILE.fullmatch(rest):
            return rest
    return digits.removeprefix("+86")


def card(text: str, title: str = "银行账号") -> str:
    """The number of a bank account. Raises WrongText."""
    found = _SIGNS.sub("", _plain(text))
    only(found, _DIGIT, text, title)
    if not _CARD.fullmatch(found):
        raise WrongText(f"{title}应是 12–30 位数字，现在有 {len(found)} 位。")
    return found


def address(text: str, title: str = "地址") -> str:
    """An address: narrow digits and letters, one blank where there were several, "-" for dashes.

    Raises WrongText.
    """
    found = folded_address(text)
    for at, one in enumerate(text, 1):
        if unicodedata.category(one) in {"Cc", "Co", "Cn", "Cs"} and not one.isspace():
            raise WrongText(_wrong(title, at, one))
    if not found:
        raise WrongText(f"{title}没有填。")
    return found


def folded_address(text: str) -> str:
    """An address in its stored form, whatever is in it."""
    return " ".join(_DASHES.sub("-", _plain(text)).split())


def code(text: str) -> str:
    """A code of letters and digits (credit code, plate, licence): narrow capitals, no signs."""
    return _SIGNS.sub("", _plain(text)).upper()


def digits(text: str, places: int, title: str) -> str:
    """A code of so many digits: １２３ 456 → 123456. Raises WrongText."""
    found = _SIGNS.sub("", _plain(text))
    only(found, _DIGIT, text, title)
    if len(found) != places:
        raise WrongText(f"{title}是 {places} 位数字，现在有 {len(found)} 位。")
    return found


def credit_code(text: str, title: str = "统一社会信用代码") -> str:
    """The unified social credit code of an organisation (GB 32100). Raises WrongText."""
    found = code(text)
    only(found, _IN_CREDIT, text, title)
    if len(found) != CREDIT_PLACES:
        raise WrongText(f"{title}是 {CREDIT_PLACES} 位数字和字母，现在有 {len(found)} 位。")
    if not is_credit_code(found):
        raise WrongText(f"{title}的最后一位（校验位）对不上，可能有一位写错了。")
    return found


def is_credit_code(stored: str) -> bool:
    """Whether this is a unified social credit code in its stored form."""
    # uscc.is_valid wants digits first; the codes of village collectives begin with N.
    known = len(stored) == CREDIT_PLACES and all(map(_IN_CREDIT.fullmatch, stored))
    return known and uscc.calc_check_digit(stored) == stored[-1]


def organisation(text: str) -> str:
    """An organisation's name: no blanks, Chinese brackets: 松柏 (集团) → 松柏（集团）."""
    plain = _plain(text).translate(str.maketrans("()", "（）"))
    return " ".join(_BESIDE_HAN.sub("", plain).split())


def only(found: str, allowed: re.Pattern[str], text: str, title: str) -> None:
    """Look for characters that are not allowed in what was ``found`` in a text.

    Raises WrongText with the first of them and its place in the text.
    """
    wrong = next((one for one in found if not allowed.fullmatch(one)), "")
    if not wrong:
        return
    places: Iterable[int] = (at for at, one in enumerate(text, 1) if wrong in (one, _plain(one)))
    raise WrongText(_wrong(title, next(iter(places), 1), wrong))


def wrong_character(found: str, allowed: str, text: str, title: str) -> str:
    """Which character of what was ``found`` in a text is none of these, and its place; "" none."""
    try:
        only(found, re.compile(f"[{allowed}]"), text, title)
    except WrongText as error:
        return error.message
    return ""


def narrow(text: str) -> str:
    """A text as its characters are read: narrow letters and digits, nothing unseen."""
    return _plain(text)


def _plain(text: str) -> str:
    """Narrow letters and digits, one code for each character, nothing unseen."""
    return clean(unicodedata.normalize("NFC", text))


def _number(text: str, title: str, form: re.Pattern[str], hint: str) -> str:
    found = folded_phone(text)
    only(found, _DIGIT, text, title)
    if not form.fullmatch(found):
        raise WrongText(f"{title}不对：{hint}，现在有 {len(found)} 位。")
    return found


def _wrong(title: str, place: int, one: str) -> str:
    return f"{title}第 {place} 个字符“{_shown(one)}”{_why(one)}。"


def _shown(one: str) -> str:
    return one if one.isprintable() else f"U+{ord(one):04X}"


def _why(one: str) -> str:
    usual = unicodedata.normalize("NFKC", one)
    if "\u2e80" <= one <= "\u2fdf":
        instead = f"“{usual}”" if usual != one else "样子相同的常用字"
        return f"是部首符号，不是汉字，请换成{instead}重新输入"
    if unicodedata.category(one) in {"Co", "Cn"}:
        return "是自造字，别处看不到，请换成字库里的字"
    return "不能用在这里，请删去或改正"


#: Forms of columns, by name: what ``texts_fields.FormedField`` stores and searches.
FORMS: dict[str, Callable[[str], str]] = {
    "person": folded_name,
    "organisation": organisation,
    "phone": folded_phone,
    "address": folded_address,
    "code": code,
}
