"""Cells that are written as they are stored, found for a whole column at once.

Every form here is read the same by ``cells.READERS``; the tests compare. What does not fit a form
may still be right: it is read with care.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .cells import Value
from .schema import Column, Type

_HAN = "\u3400-\u9fff"
#: Cells stored as the text they are. Two characters at least: one may stand for nothing.
_TEXTS = {
    Type.NAME: f"^[{_HAN}]{{2,40}}$",
    Type.PHONE: "^1[0-9]{10}$",
    Type.BANK_CARD: "^[0-9]{12,30}$",
}
_AMOUNT = r"^[0-9]{1,9}(\.[0-9]{1,2})?$"
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
            return _AMOUNT
        case Type.INTEGER:
            return _WHOLE
    return _TEXTS.get(column.type, "")


def _fen(yuan: pa.Array) -> pa.Array:
    return pc.cast(pc.multiply(pc.cast(yuan, _FEN), pa.scalar(100, pa.int64())), pa.int64())
