"""Text with separators (csv, tab-separated): streamed row by row, memory bounded by one row."""

import contextlib
import csv
import io
from collections.abc import Collection, Iterator
from itertools import islice
from typing import BinaryIO, Final

from songbai.core.sheets.headers import SEARCHED, find_header, is_foot
from songbai.core.sheets.refusals import (
    Damaged,
    EmptyFile,
    FileTooLarge,
    NoHeader,
    WrongEncoding,
)
from songbai.core.sheets.sheet import Kind, Limits, Row, Sheet
from songbai.core.sheets.values import Flag, Value, clean, cut_short

_DELIMITERS: Final = ",\t;|，"
_HEAD_ROWS: Final = SEARCHED + 10
# What a cell of a workbook can hold; more is a quote that was never closed.
csv.field_size_limit(32_767)


def text_stream(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The file as text from its beginning, line ends untouched."""
    stream.seek(0)
    buffered = io.BufferedReader(_Borrowed(stream), 256 << 10)
    return io.TextIOWrapper(buffered, encoding=encoding, newline="")


class _Borrowed(io.RawIOBase):
    """A file lent to a wrapper, which would close it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self.stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def delimiter_of(text: str) -> str:
    """The separator that cuts the first lines into the most columns most evenly."""
    if text[:4].lower() == "sep=" and len(text) > 4:
        return text[4]
    lines = [line for line in text.splitlines()[:_HEAD_ROWS] if line.strip()]

    def columns(delimiter: str) -> float:
        reader = csv.reader(lines, delimiter=delimiter)
        counts: list[int] = []
        with contextlib.suppress(csv.Error):
            counts.extend(len(row) for row in reader if len(row) > 1)
        # The usual width, weighed by how many lines have it.
        return sorted(counts)[len(counts) // 2] * len(counts) if counts else 0

    return max(_DELIMITERS, key=columns)


def raw_rows(
    stream: BinaryIO, encoding: str, delimiter: str, limits: Limits
) -> Iterator[list[str]]:
    """Every record of the file as it stands there, empty ones too.

    Raises WrongEncoding, Damaged, FileTooLarge with the row.
    """
    reader = csv.reader(text_stream(stream, encoding), delimiter=delimiter)
    number = 0
    try:
        for row in reader:
            number += 1
            if number > limits.rows:
                raise FileTooLarge(f"文件超过 {limits.rows:,} 行。请拆成几个文件再交。")
            yield row
    except UnicodeDecodeError as error:
        raise WrongEncoding(
            f"第 {number + 1} 行附近的文字编码和前面不一样，像是两个文件拼起来的。"
            "请用 Excel 或 WPS 打开检查，另存为 .xlsx 再交。"
        ) from error
    except csv.Error as error:
        raise Damaged(
            f"第 {number + 1} 行有一格太长，多半是前面有一个引号没有成对。请检查这一行后再交。"
        ) from error


def read_delimited(
    stream: BinaryIO, encoding: str, known: Collection[str], limits: Limits
) -> Sheet:
    """Find separator and header.

    Raises EmptyFile, NoHeader, FileTooLarge, and what :func:`raw_rows` raises.
    """
    sample = text_stream(stream, encoding).read(64 << 10)
    delimiter = delimiter_of(sample)
    head = [
        [clean(cell) or None for cell in row]
        for row in islice(raw_rows(stream, encoding, delimiter, limits), _HEAD_ROWS)
    ]
    if not any(any(row) for row in head):
        raise EmptyFile
    header = find_header(head, known)
    if header is None:
        raise NoHeader
    if len(header.names) > limits.columns:
        raise FileTooLarge(
            f"表头有 {len(header.names)} 列，超过了 {limits.columns} 列。请删去无关的列。"
        )

    def rows() -> Iterator[Row]:
        numbered = enumerate(raw_rows(stream, encoding, delimiter, limits), 1)
        for number, cells in islice(numbered, header.last + 1, None):
            row = row_of(number, cells, header.names)
            if row is not None:
                yield row

    return Sheet(
        kind=Kind.CSV,
        headers=header.names,
        rows=rows,
        first_row=header.last + 2,
        encoding=encoding,
        delimiter=delimiter,
        notes=header.notes,
    )


def row_of(number: int, raw: list[str], headers: tuple[str, ...]) -> Row | None:
    """One record under its headers; None for an empty one and for a total below the data."""
    values: list[Value] = [clean(cell) or None for cell in raw]
    if not any(value is not None for value in values) or is_foot(values):
        return None
    cells: dict[str, Value] = {}
    flags: dict[str, frozenset[Flag]] = {}
    for header, value in zip(headers, values, strict=False):
        if value is None:
            continue
        cells[header] = value
        found = flags_of_text(str(value))
        if found:
            flags[header] = found
    extra = sum(value is not None for value in values[len(headers) :])
    problem = (
        f"这一行比表头多出 {extra} 格，多半是内容里有没加引号的分隔符，各格可能已经错位"
        if extra
        else ""
    )
    return Row(number, cells, flags, problem)


def flags_of_text(value: str) -> frozenset[Flag]:
    """What a cell of a text file shows of how a spreadsheet spoilt it."""
    found = set()
    if cut_short(value):
        found.add(Flag.ROUNDED)
    if value.startswith("="):
        found.add(Flag.FORMULA)
    if value in ERRORS:
        found.add(Flag.ERROR)
    return frozenset(found)


ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
