"""One JSON object a line: the form in which systems send feeds."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, Final

from songbai.core.sheets.refusals import EmptyFile, FileTooLarge, NoHeader, WrongEncoding
from songbai.core.sheets.sheet import Kind, Limits, Row, Sheet
from songbai.core.sheets.values import Flag, Value, plain

#: Whole numbers above this are no longer exact in most programs that write JSON.
EXACT: Final = 2**53
#: From how many lines at the beginning the headers are taken.
SAMPLED: Final = 1000
_LONGEST_LINE: Final = 1 << 20


def lines_of(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not empty.

    Raises FileTooLarge for an endless line or too many of them.
    """
    stream.seek(0)
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if len(line) >= _LONGEST_LINE:
            raise FileTooLarge(f"第 {number} 行太长，超过 1 MB。请每行只放一个对象。")
        if number > limits.rows:
            raise FileTooLarge(f"文件超过 {limits.rows:,} 行。请拆成几个文件再交。")
        if line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield number, line


def read_json_lines(stream: BinaryIO, encoding: str, limits: Limits) -> Sheet:
    """A sheet whose headers are the keys of the first lines.

    Raises EmptyFile, NoHeader, WrongEncoding (JSON is UTF-8).
    """
    if encoding not in {"utf-8", "utf-8-sig"}:
        raise WrongEncoding("JSON 文件要用 UTF-8 编码，请换成 UTF-8 再交。")
    headers: dict[str, None] = {}
    empty = True
    for count, (number, line) in enumerate(lines_of(stream, limits)):
        if count >= SAMPLED:
            break
        empty = False
        headers.update(dict.fromkeys(row_of_line(number, line).cells))
        headers.update(dict.fromkeys(_keys(line)))
    if empty:
        raise EmptyFile
    if not headers:
        raise NoHeader('没有读到一个字段。每行要是一个 JSON 对象，例如 {"name": "王桂英"}。')
    if len(headers) > limits.columns:
        raise FileTooLarge(f"字段超过 {limits.columns} 个。请删去无关的字段。")

    def rows() -> Iterator[Row]:
        for number, line in lines_of(stream, limits):
            yield row_of_line(number, line)

    return Sheet(
        kind=Kind.JSON_LINES, headers=tuple(headers), rows=rows, first_row=1, encoding=encoding
    )


def _keys(line: bytes) -> list[str]:
    found = loads(line)
    return [str(name) for name in found] if isinstance(found, dict) else []


def loads(line: bytes) -> Any:
    """The JSON of a line with exact numbers; the ValueError instead, if it is none."""
    try:
        return json.loads(
            line.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        return ValueError(str(error))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def row_of_line(number: int, line: bytes) -> Row:
    """One line as a row; what is no object is a row with a problem."""
    found = loads(line)
    if isinstance(found, ValueError):
        return Row(number, {}, {}, "这一行不是完整的 JSON 对象，读不出来")
    if not isinstance(found, dict):
        return Row(number, {}, {}, "这一行不是 JSON 对象（要用花括号括起来）")
    cells: dict[str, Value] = {}
    flags: dict[str, frozenset[Flag]] = {}
    for name, raw in found.items():
        if isinstance(raw, dict | list):
            flags[name] = frozenset({Flag.NESTED})
            continue
        value = plain(raw)
        if value is None:
            continue
        cells[name] = value
        if isinstance(value, Decimal) and abs(value) > EXACT:
            flags[name] = frozenset({Flag.ROUNDED})
    return Row(number, cells, flags)
