"""A table in Arrow columns of text: cleaned, marked, and asked once for equal values."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from songbai.core.sheets.delimited import flags_of_text
from songbai.core.sheets.headers import FOOT, is_foot
from songbai.core.sheets.values import CUT_SHORT, UNCLEAN, Flag, clean

_SPOILT: Final = CUT_SHORT + r"|^=|^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)$"
#: Bytes that say nothing about whether a cell is spoilt, its ending apart.
_UNSPOILT_BYTES: Final = bytes(set(range(256)) - set(b"+=#"))


@dataclass(frozen=True)
class Mark:
    """A cell a reader should know about."""

    row: int
    header: str
    flag: Flag


@dataclass(frozen=True)
class Misfit:
    """A row that does not fit the headers, and why."""

    row: int
    problem: str
    cells: dict[str, str]


@dataclass(frozen=True)
class Batch:
    """Some rows: ``numbers`` (int64, the row in the sender's file) beside ``columns`` of text.

    An empty cell is null. Rows that are wholly empty are left out; ``misfits`` are not among the
    columns.
    """

    numbers: pa.Array
    columns: pa.RecordBatch
    marks: tuple[Mark, ...] = ()
    misfits: tuple[Misfit, ...] = ()


def clean_batch(numbers: pa.Array, raw: pa.RecordBatch, headers: Sequence[str]) -> Batch:
    """Clean the columns; leave out empty rows and totals below the data."""
    arrays = [clean_text(array) for array in raw.columns]
    keep = pc.invert(_feet(arrays))
    if all(array.null_count for array in arrays):
        keep = pc.and_(keep, any_filled(arrays))
    cleaned = pa.RecordBatch.from_arrays(arrays, names=list(headers))
    if not pc.all(keep).as_py() and len(keep):
        cleaned, numbers = cleaned.filter(keep), numbers.filter(keep)
    return Batch(numbers, cleaned, tuple(marks_of(numbers, cleaned)))


def any_filled(arrays: Sequence[pa.Array]) -> pa.Array:
    return pc.is_valid(pc.coalesce(*arrays))


def _feet(arrays: Sequence[pa.Array]) -> pa.Array:
    """Which records of cleaned columns are totals or signatures."""
    first = pc.coalesce(*arrays)
    looks = pc.fill_null(pc.match_substring_regex(first, FOOT), False)
    if not pc.any(looks).as_py():
        return looks
    found = np.zeros(len(first), dtype=bool)
    for at in np.flatnonzero(looks.to_numpy(zero_copy_only=False)):
        found[at] = is_foot([array[at].as_py() for array in arrays])
    return pa.array(found)


def int64(numbers: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    """An Arrow array on the same memory (``pa.array`` would first import pandas)."""
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def clean_text(array: pa.Array) -> pa.Array:
    """A column of text, cleaned as :func:`values.clean` does; empty becomes null."""
    if not _bytes_of(array).translate(None, _CLEAN_BYTES):
        return array
    mask = pc.fill_null(pc.match_substring_regex(array, UNCLEAN), False)
    if not pc.any(mask).as_py():
        return array
    cleaned = each(array.filter(mask), lambda text: clean(text) or None, pa.string())
    return pc.replace_with_mask(array, mask, cleaned)


#: Bytes that no character to be cleaned contains: the letters of most cells.
_CLEAN_BYTES: Final = bytes(
    {*range(0x21, 0x7F), *range(0x80, 0xC0), *range(0xC3, 0xE1), *range(0xE4, 0xEF)} - set(b"'`=")
)


def _bytes_of(array: pa.Array) -> bytes:
    """All the text of a column in one piece."""
    if not len(array) or array.buffers()[2] is None:
        return b""
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)
    first, last = offsets[array.offset], offsets[array.offset + len(array)]
    return bytes(array.buffers()[2].slice(first, last - first))


def each(array: pa.Array, function: Callable[[str], Any], to: pa.DataType) -> pa.Array:
    """The function's answer for every value, asked once for equal values; null stays null.

    For columns of few distinct values (dates, codes, village names) this is what a vectorised
    function would be, with the very same meaning as the scalar one.
    """
    coded = array.dictionary_encode()
    answers = pa.array([by and function(by) for by in coded.dictionary.to_pylist()], to)
    return answers.take(coded.indices)


def marks_of(numbers: pa.Array, columns: pa.RecordBatch) -> Iterator[Mark]:
    for name, array in zip(columns.schema.names, columns.columns, strict=True):
        text = _bytes_of(array)
        if text.translate(None, _UNSPOILT_BYTES):
            mask = pc.match_substring_regex(array, _SPOILT)
        elif b"000" in text:
            mask = pc.ends_with(array, "000")
        else:
            continue
        mask = pc.fill_null(mask, False)
        spoilt = array.filter(mask)
        for number, text in zip(numbers.filter(mask).to_pylist(), spoilt.to_pylist(), strict=True):
            for flag in sorted(flags_of_text(text)):
                yield Mark(number, name, flag)
