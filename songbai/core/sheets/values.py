"""What a cell holds: text made plain, and dates, numbers and numbers-as-names read out of it. Pure.

A cell's value is ``str | Decimal | date | bool | None``; None is an empty cell. Text is cleaned the
same way wherever it comes from: full-width digits and letters become narrow, odd spaces become
spaces and go at both ends, invisible characters go, a leading apostrophe before a number goes.
Chinese punctuation stays as it was typed.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from songbai.core.sheets.refusals import CellRefused
from songbai.core.worded import Worded

Value = str | Decimal | date | bool | None


class Flag(Worded):
    """What a reader should know about a cell besides its value."""

    FORMULA = "formula", "这一格是公式，取的是文件里存的结果，没有重新计算"
    ROUNDED = (
        "rounded",
        "这一格的长号码被 Excel 当成数字，第 15 位以后已经变成 0，原号找不回来。"
        "请把这一列设成“文本”格式，重新填写后存成 .xlsx",
    )
    ERROR = "error", "这一格是 Excel 的出错值（如 #N/A、#REF!），没有内容"
    MERGED = "merged", "这一格是合并单元格，按上面一格的内容读"
    NESTED = "nested", "这一格不是单个值"


#: Flags with which the value itself cannot be trusted.
SPOILT: Final = frozenset({Flag.ROUNDED, Flag.ERROR, Flag.NESTED})

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u0085\u2028\u2029"
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_WIDE = "\uff0b\uff1d\uff0d-\uff0f\uff10-\uff19\uff20-\uff3a\uff3f\uff41-\uff5a"
#: Text that :func:`clean` might change; RE2 and ``re`` both read it.
UNCLEAN: Final = (
    r"^[ \t\r\n]|[ \t\r\n]$|^['’‘`]|^=|"
    f"[\x01-\x08\x0b-\x1f\x7f{_SPACES}{_UNSEEN}{_WIDE}]"
)
#: Text of a long number that a spreadsheet has cut to fifteen digits.
CUT_SHORT: Final = r"^[0-9]{15}0{3,5}$|^[0-9](\.[0-9]+)?[eE]\+(1[5-9]|2[0-9])$"
_unclean = re.compile(UNCLEAN)
_cut_short = re.compile(CUT_SHORT)
_quoted_formula = re.compile(r'^="((?:[^"]|"")*)"$')
_apostrophe = re.compile(r"^['’‘`](?=[0-9=+\-@])")
_TABLE: Final[dict[int, str | None]] = {
    **{code: chr(code - 0xFEE0) for code in (0xFF0B, 0xFF1D, 0xFF3F, *range(0xFF0D, 0xFF1A))},
    **{code: chr(code - 0xFEE0) for code in (*range(0xFF20, 0xFF3B), *range(0xFF41, 0xFF5B))},
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys((0x85, 0x2028, 0x2029, 0x0B, 0x0C), "\n"),
    **dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF), None),
    **dict.fromkeys((*range(0x09), *range(0x0E, 0x20), 0x7F), None),
}


def clean(text: str) -> str:
    """The text without what nobody meant to type; cleaning twice changes nothing."""
    if not _unclean.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE).strip()
    while found := _apostrophe.match(text):
        text = text[found.end() :].strip()
    while quoted := _quoted_formula.match(text):  # how exports keep Excel from changing a number
        text = clean(quoted[1].replace('""', '"'))
    return text


def cut_short(text: str) -> bool:
    """Whether this text from a csv file is a long number that a spreadsheet has cut."""
    return _cut_short.match(text) is not None


def plain(value: object) -> Value:
    """A raw cell of a workbook or of JSON as a value; midnight moments become dates."""
    if isinstance(value, str):
        return clean(value) or None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value if value.time() != time(0) else value.date()
    if isinstance(value, date | Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, time | timedelta):
        return str(value)
    raise TypeError(f"not a cell value: {type(value)}")


def _decimal(value: float) -> Value:
    number = Decimal(repr(value))
    if not number.is_finite():
        return None
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def text_of(value: Value) -> str:
    """The value as the text a csv file would hold; empty for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}"


# -- Dates ---------------------------------------------------------------------------------------

_EPOCH: Final = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
#: Serial days that could be a date in a register: 1910-01-01 to 2099-12-31.
_SERIALS: Final = range(3_654, 73_051)
_YEARS: Final = range(1850, 2101)
_DATE: Final = re.compile(
    r"^(\d{4})\s*(?:[-/.年]|\s)\s*(\d{1,2})\s*(?:[-/.月]|\s)\s*(\d{1,2})\s*[日号]?"
    r"(?:[T\s]\s*\d{1,2}[:：时]\d{1,2}.*)?$"
)
_EIGHT: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_CHINESE_DIGITS: Final = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE_DATE: Final = re.compile(
    r"^([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]$"
)


def as_date(value: Value, *, date1904: bool = False) -> date | None:
    """The day a cell names; None for an empty cell.

    Reads 2026-1-5, 2026/01/05, 2026.1.5, 20260105, 2026年1月5日, 二〇二六年一月五日, a time after
    the day, and a serial number of days (``date1904``: counted from 1904, as the workbook says).
    Raises CellRefused with the reason.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return _within(value.date(), value)
    if isinstance(value, date):
        return _within(value, value)
    if isinstance(value, bool):
        raise CellRefused("这里要填日期，例如 1950-01-31")
    if isinstance(value, Decimal):
        return _from_number(value, date1904)
    text = clean(value)
    if not text:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text) and not re.fullmatch(r"\d{4}\.\d{1,2}", text):
        return _from_number(Decimal(text), date1904)
    return _from_text(text)


def _from_number(number: Decimal, date1904: bool) -> date:
    whole = int(number)
    if found := _EIGHT.match(str(whole)):
        return _day(*(int(part) for part in found.groups()), shown=str(whole))
    if whole in _YEARS and number == whole:
        raise CellRefused(f"“{whole}”只有年份，要写到哪一天，例如 {whole}-01-31")
    if whole in _SERIALS:
        return _EPOCH[date1904] + timedelta(days=whole)
    if len(str(whole)) == 6:
        raise CellRefused(f"“{whole}”只到月份，要写到哪一天，例如 1950-01-31")
    raise CellRefused(f"“{number:f}”不是日期，请写成 1950-01-31")


def _from_text(text: str) -> date:
    if found := _DATE.match(text):
        return _day(*(int(part) for part in found.groups()), shown=text)
    if found := _CHINESE_DATE.match(text.replace(" ", "")):
        year = int(found[1].translate(_CHINESE_DIGITS))
        return _day(year, _chinese_number(found[2]), _chinese_number(found[3]), shown=text)
    if re.search(r"[农阴]历|[正腊冬]月|初[一二三四五六七八九十]", text):
        raise CellRefused(f"“{text[:20]}”是农历，请换成公历，写成 1950-01-31")
    if re.match(r"^\d{4}\s*[-/.年]\s*\d{1,2}\s*月?$", text):
        raise CellRefused(f"“{text}”只到月份，要写到哪一天，例如 1950-01-31")
    if re.match(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$", text):
        raise CellRefused(f"“{text}”看不出哪个是年、哪个是日，请写成 1950-01-31")
    raise CellRefused(f"“{text[:20]}”不是日期，请写成 1950-01-31")


def _chinese_number(text: str) -> int:
    """十 → 10, 二十一 → 21, 三 → 3."""
    tens, has_ten, ones = text.partition("十")
    one = int(ones.translate(_CHINESE_DIGITS)) if ones else 0
    if not has_ten:
        return int(tens.translate(_CHINESE_DIGITS)) if len(tens) == 1 else 0
    return (int(tens.translate(_CHINESE_DIGITS)) if tens else 1) * 10 + one


def _day(year: int, month: int, day: int, *, shown: str) -> date:
    try:
        return _within(date(year, month, day), shown)
    except ValueError:
        raise CellRefused(f"“{shown[:20]}”：没有这一天，请核对") from None


def _within(day: date, shown: object) -> date:
    if day.year not in _YEARS:
        raise CellRefused(f"“{str(shown)[:20]}”的年份不对，请核对")
    return day


# -- Numbers, yes and no, long numbers ------------------------------------------------------------

_NUMBER: Final = re.compile(
    r"^[¥￥]?\s*(-?[\d,，]*\.?\d+(?:[eE][+-]?\d{1,2})?)\s*(?:元|岁|人|级)?$"
)


def as_number(value: Value) -> Decimal | None:
    """The number a cell holds; thousands separators and a unit behind are allowed.

    Raises CellRefused.
    """
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        text = clean(value)
        if not text:
            return None
        found = _NUMBER.match(text)
        if found:
            try:
                return Decimal(found[1].replace(",", "").replace("，", ""))
            except InvalidOperation:
                pass
    raise CellRefused(f"“{text_of(value)[:20]}”不是数字")


_YES: Final = frozenset(["是", "有", "对", "√", "✓", "✔", "y", "yes", "true", "1", "v"])
_NO: Final = frozenset(["否", "无", "没有", "不是", "×", "x", "✗", "n", "no", "false", "0"])


def as_yes(value: Value) -> bool | None:
    """Yes or no, as people write it.

    Raises CellRefused.
    """
    if value is None or isinstance(value, bool):
        return value
    text = text_of(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    if not text:
        return None
    raise CellRefused(f"“{text[:20]}”请填“是”或“否”")


def as_code(value: Value) -> str | None:
    """A number that is a name (identity number, phone, bank card): its characters, no spaces.

    Raises CellRefused for a date, a fraction, and a number written with an exponent.
    """
    if value is None:
        return None
    if isinstance(value, bool | date):
        raise CellRefused(f"“{text_of(value)}”不是号码")
    if isinstance(value, Decimal) and (value != value.to_integral_value() or value < 0):
        raise CellRefused(f"“{value:f}”不是号码")
    text = re.sub(r"[\s\-－—·]", "", clean(text_of(value)))
    if re.fullmatch(r"\d+\.0", text):
        text = text[:-2]
    if cut_short(text) and not text.isdigit():
        raise CellRefused(Flag.ROUNDED.words)
    return text or None
