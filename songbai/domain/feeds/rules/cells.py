"""From the text of a cell to its value, or to the reason why not.

Departments export from many programs: full-width digits, blanks, dates as text or as the serial
numbers of a spreadsheet, amounts with thousands separators, identity numbers of 15 places. What
can be read without doubt is read; everything else goes back with a reason.

Cells that are written as they are stored, found for a whole column at once.
Every form here is read the same by ``READERS``; the tests compare. What does not fit a form
may still be right: it is read with care.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from songbai.core import texts
from songbai.core.regions.codes import is_known as is_listed
from songbai.core.regions.rules import ELSEWHERE, city_of
from songbai.core.sheets.refusals import CellRefused
from songbai.core.sheets.values import Flag, as_date, as_yes, cut_short
from songbai.domain.matching.rules import IdProblem, check_id_number

from .schema import Column, Type

Value = str | int | bool | date


class Problem(str):
    """Why a cell cannot be used, in words for the one who filled it in."""

    __slots__ = ()


#: Another city, without saying which.
_ELSEWHERE = frozenset({"外地", "市外", "外省", "外市", ELSEWHERE})
EMPTY = Problem("必填，这里是空的")
FORMULA = Problem("是公式，请复制后“粘贴为数值”再导出")
SCIENTIFIC = Problem(Flag.ROUNDED.words)
_BLANKS = re.compile(r"\s+")
_MONTH = re.compile(r"^(\d{4})[-/.年](\d{1,2})月?$")
_AMOUNT = re.compile(r"^-?\d{1,12}(\.\d{1,6})?$", re.ASCII)


def id_number(text: str) -> str | Problem:
    """An identity number of 18 places (GB 11643); one of 15 places is completed.

    The division is not checked: numbers carry division codes that no longer exist.
    """
    if cut_short(text) and not text.isdigit():
        return SCIENTIFIC
    found = check_id_number(text)
    if isinstance(found, IdProblem):
        if found is IdProblem.CHARACTER:
            wrong = texts.wrong_character(texts.code(text), "0-9X", text, "身份证号")
            return Problem(wrong.removesuffix("。"))
        spoilt = found is IdProblem.CHECK and cut_short(text)
        return SCIENTIFIC if spoilt else Problem(found.value)
    return found.text


def uscc(text: str) -> str | Problem:
    """A unified social credit code (GB 32100)."""
    try:
        return texts.credit_code(text)
    except texts.WrongText as error:
        return Problem(error.message.removesuffix("。"))


def day(text: str) -> date | Problem:
    """A date as text or as a spreadsheet's serial number."""
    try:
        return as_date(text) or EMPTY
    except CellRefused as error:
        return Problem(error.message)


def month(text: str) -> date | Problem:
    """The first day of a month."""
    found = _MONTH.match(text)
    if found:
        parts = int(found[1]), int(found[2])
    elif text.isdigit() and len(text) == 6:
        parts = int(text[:4]), int(text[4:])
    else:
        read = day(text)
        return (
            Problem("看不出是哪个月，请写成 2026-11")
            if isinstance(read, Problem)
            else read.replace(day=1)
        )
    if not (1900 <= parts[0] <= 2200 and 1 <= parts[1] <= 12):
        return Problem("没有这个月")
    return date(parts[0], parts[1], 1)


def money(text: str, most: int = 0) -> int | Problem:
    """Fen, from yuan; ``most`` in fen is the highest that is believed."""
    plain = _BLANKS.sub("", text).replace(",", "").lstrip("¥￥").removesuffix("元")
    if not _AMOUNT.match(plain):
        return Problem("不是金额，请只写数字，单位元")
    fen = Decimal(plain) * 100
    if fen != fen.to_integral_value():
        return Problem("金额最多两位小数")
    if fen < 0:
        return Problem("金额不能是负数")
    if most and fen > most:
        return Problem(f"金额超过 {most // 100} 元，请核对单位是不是元")
    return int(fen)


Regions = Mapping[str, str] | None
Reader = Callable[[str, Column, Regions], Value | Problem]


def _bank_card(text: str, column: Column, _regions: Regions) -> Value | Problem:
    if cut_short(_BLANKS.sub("", text)) and not text.isdigit():
        return SCIENTIFIC
    return _formed(texts.card, text, column)


def _formed(form: Callable[[str, str], str], text: str, column: Column) -> Value | Problem:
    """The text in its one stored form, or which character is wrong."""
    try:
        return form(text, column.title)
    except texts.WrongText as error:
        return Problem(error.message.removesuffix("。"))


def _region(text: str, column: Column, regions: Regions) -> Value | Problem:
    if column.elsewhere and text in _ELSEWHERE:
        return ELSEWHERE
    kept = _BLANKS.sub("", text).removesuffix(".0")
    named = (regions or {}).get(kept, "")
    if named.isdigit():  # the name of a place inside the sender's division
        return named
    if not (kept.isdigit() and len(kept) in {6, 9, 12}):
        return Problem("区划代码应是 12 位数字，或本地村社的全名")
    full = kept.ljust(12, "0")
    if regions is not None and full not in regions:
        if column.elsewhere and city_of(full) not in regions and is_listed(full[:6]):
            return full
        return Problem("没有这个区划代码，可能是旧代码")
    return full


def _code(text: str, column: Column, _regions: Regions) -> Value | Problem:
    found = _codes(column).get(_folded(text).removesuffix(".0"))
    if found is None:
        known = "、".join(words[0] for words in column.codes.values())
        return Problem(f"不在代码表里，应是 {known} 之一")
    return found


def _codes(column: Column) -> dict[str, str]:
    """Every way to write a code, folded. Read once for each different text, so not kept."""
    return {_folded(word): code for code, words in column.codes.items() for word in (*words, code)}


def _yes_no(text: str) -> Value | Problem:
    try:
        said = as_yes(text)
    except CellRefused as error:
        return Problem(error.message)
    return EMPTY if said is None else said


def _integer(text: str) -> Value | Problem:
    kept = text.removesuffix(".0")
    return int(kept) if kept.isdecimal() and len(kept) < 16 else Problem("不是整数")


def _words(text: str, column: Column, _regions: Regions) -> Value | Problem:
    if len(text) > column.length:
        return Problem(f"太长，最多 {column.length} 个字")
    return text


def _by_text(read: Callable[[str], Value | Problem]) -> Reader:
    """A reader that looks at nothing but the text."""
    return lambda text, _column, _regions: read(text)


#: How a non-empty, cleaned cell of each type is read. ``regions`` maps known division codes to
#: names; without it only the form of a code is checked.
READERS: dict[Type, Reader] = {
    Type.TEXT: _words,
    Type.ADDRESS: lambda text, column, all_: _words(texts.folded_address(text), column, all_),
    Type.NAME: lambda text, column, _: _formed(texts.person_name, text, column),
    Type.ID_NUMBER: _by_text(id_number),
    Type.USCC: _by_text(uscc),
    Type.PHONE: lambda text, column, _: _formed(texts.phone, text.removesuffix(".0"), column),
    Type.BANK_CARD: _bank_card,
    Type.REGION: _region,
    Type.DATE: _by_text(day),
    Type.MONTH: _by_text(month),
    Type.CODE: _code,
    Type.YES_NO: _by_text(_yes_no),
    Type.MONEY: lambda text, column, _regions: money(text, column.most),
    Type.INTEGER: _by_text(_integer),
}


def _folded(word: str) -> str:
    """A code or its name, whatever the width of its characters: 重度失能Ⅰ级 is 重度失能i级."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", word)).lower()


_HAN = "\u3400-\u9fff"
#: Cells stored as the text they are. Two characters at least: one may stand for nothing.
_TEXTS = {
    Type.NAME: f"^[{_HAN}]{{2,40}}$",
    Type.PHONE: "^1[0-9]{10}$",
    Type.BANK_CARD: f"^{texts.CARD}$",
}
_PLAIN_AMOUNT = r"^[0-9]{1,9}(\.[0-9]{1,2})?$"
_WHOLE = "^[0-9]{1,15}$"
_FEN = pa.decimal128(14, 2)


def plain_cells(
    column: Column, cells: Sequence[str | None]
) -> tuple[list[Value | None], Sequence[int]]:
    """The values of a column, and the places that need a careful look."""
    read: list[Value | None] = list(cells)
    form = _form(column)
    if not form:
        return read, range(len(cells))
    texts = pa.array(cells, pa.string())
    fits = pc.fill_null(pc.match_substring_regex(texts, form), False)
    if column.type in {Type.MONEY, Type.INTEGER}:
        numbers = pc.if_else(fits, texts, None)
        whole = _fen(numbers) if column.type is Type.MONEY else pc.cast(numbers, pa.int64())
        if column.type is Type.MONEY and column.most:
            fits = pc.and_(fits, pc.fill_null(pc.less_equal(whole, column.most), False))
        read = whole.to_pylist()
    return read, np.flatnonzero(~fits.to_numpy(zero_copy_only=False)).tolist()


def _form(column: Column) -> str:
    """The form of cells without doubt; "" for types whose cells repeat or need a look each."""
    match column.type:
        case Type.TEXT | Type.ADDRESS:
            # RE2 repeats at most a thousand times; a digit at the end is no word for nothing.
            most = min(column.length, 200)
            return f"^([0-9A-Za-z{_HAN}]{{0,{most - 1}}}[0-9]|[{_HAN}]{{2,{most}}})$"
        case Type.MONEY:
            return _PLAIN_AMOUNT
        case Type.INTEGER:
            return _WHOLE
    return _TEXTS.get(column.type, "")


def _fen(yuan: pa.Array) -> pa.Array:
    return pc.cast(pc.multiply(pc.cast(yuan, _FEN), pa.scalar(100, pa.int64())), pa.int64())
