"""The same reading by columns, for files of a million rows: Arrow batches of clean text.

Values are cleaned as in :mod:`values`; only cells that could change are touched in Python. What the
quick reader cannot lay out (a ragged record, a line that is no object) is read by the careful one,
so that both ways see the same rows.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json

from songbai.core.sheets.batches import (
    Batch,
    Mark,
    Misfit,
    any_filled,
    clean_batch,
    clean_text,
    int64,
)
from songbai.core.sheets.delimited import row_of
from songbai.core.sheets.json_lines import EXACT, loads, row_of_line
from songbai.core.sheets.kinds import Source
from songbai.core.sheets.reading import read
from songbai.core.sheets.refusals import FileTooLarge, WrongEncoding
from songbai.core.sheets.sheet import Kind, Limits, Row, Sheet
from songbai.core.sheets.values import Flag, text_of

#: Rows of one batch from a reader of rows.
_BATCH: Final = 50_000
_BLOCK: Final = 16 << 20
_TWO_IN_A_LINE: Final = re.compile(rb"\}[ \t]*\{")


@dataclass(frozen=True)
class Columns:
    """A table by columns, batch by batch in the file's order; may be iterated again."""

    sheet: Sheet
    batches: Callable[[], Iterator[Batch]]

    def __enter__(self) -> Columns:
        """Reading a path keeps the file open until the table is closed."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close what reading opened; a file the caller opened stays open."""
        self.sheet.__exit__(*error)

    def __iter__(self) -> Iterator[Batch]:
        """The batches."""
        return self.batches()


def read_columns(
    source: Source,
    *,
    known: Collection[str] = (),
    limits: Limits = Limits(),  # noqa: B008  # frozen
) -> Columns:
    """Find the table in a file and give it by columns of text, as :func:`read` would by rows.

    Raises SheetRefused, also while iterating.
    """
    sheet = read(source, known=known, limits=limits)
    if sheet.kind is Kind.CSV:
        return Columns(sheet, lambda: _of_text(sheet, limits))
    if sheet.kind is Kind.JSON_LINES:
        return Columns(sheet, lambda: _of_lines(sheet, limits))
    return Columns(sheet, lambda: of_rows(sheet, sheet.headers))


def of_rows(rows: Sheet | Iterator[Row], headers: Sequence[str]) -> Iterator[Batch]:
    """Rows laid into columns, for kinds of files that are only read by rows."""
    source = iter(rows)
    while some := list(islice(source, _BATCH)):
        yield _batch_of(some, headers)


def _batch_of(rows: Sequence[Row], headers: Sequence[str]) -> Batch:
    good = [row for row in rows if not row.problem]
    columns = [
        pa.array([text_of(row.cells.get(h)) or None for row in good], pa.string()) for h in headers
    ]
    return Batch(
        pa.array([row.number for row in good], pa.int64()),
        pa.RecordBatch.from_arrays(columns, names=list(headers)),
        tuple(
            Mark(row.number, header, flag)
            for row in good
            for header, flags in row.flags.items()
            if header in headers
            for flag in sorted(flags)
        ),
        tuple(
            Misfit(row.number, row.problem, {h: text_of(v) for h, v in row.cells.items()})
            for row in rows
            if row.problem
        ),
    )


# -- Text with separators -----------------------------------------------------------------------


def _of_text(sheet: Sheet, limits: Limits) -> Iterator[Batch]:
    start = _data_start(sheet.stream, sheet)
    if start is None or len(sheet.headers) < 2 or not sheet.delimiter.isascii():
        yield from of_rows(sheet, sheet.headers)
        return
    sheet.stream.seek(start)
    laying = _Laying(sheet)
    try:
        for raw in _open_csv(sheet.stream, sheet, laying.set_aside):
            yield laying.batch(raw)
            if laying.number + sheet.first_row > limits.rows:
                raise FileTooLarge(f"文件超过 {limits.rows:,} 行。请拆成几个文件再交。")
        if laying.odd:
            yield laying.batch(laying.nothing())
    except StopIteration:
        return
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise WrongEncoding(
            "文件里夹着别的编码，或有一个引号没有成对，读到一半读不下去了。"
            "请用 Excel 或 WPS 打开检查，另存为 .xlsx 再交。"
        ) from error


def _data_start(stream: BinaryIO, sheet: Sheet) -> int | None:
    """The byte at which the data begin; None where the quick reader cannot start in the middle."""
    if sheet.encoding not in {"utf-8", "utf-8-sig", "gb18030"}:
        return None
    stream.seek(0)
    mark = len(codecs.BOM_UTF8) if sheet.encoding == "utf-8-sig" else 0
    codec = "utf-8" if mark else sheet.encoding
    try:
        text = codecs.getincrementaldecoder(codec)().decode(stream.read(1 << 20)[mark:])
    except UnicodeDecodeError:
        return None
    passed: list[int] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            passed.append(len(line.encode(codec)))
            yield line

    reader = csv.reader(lines(), delimiter=sheet.delimiter)
    for _ in range(sheet.first_row - 1):
        next(reader)
    return mark + sum(passed)


def _open_csv(
    stream: BinaryIO, sheet: Sheet, set_aside: Callable[[pa_csv.InvalidRow], str]
) -> Iterator[pa.RecordBatch]:
    names = [f"c{at}" for at in range(len(sheet.headers))]
    reader: Iterator[pa.RecordBatch] = pa_csv.open_csv(
        stream,
        pa_csv.ReadOptions(
            column_names=names,
            use_threads=False,  # rows set aside have a number only then
            block_size=_BLOCK,
            encoding="utf-8" if sheet.encoding == "utf-8-sig" else sheet.encoding,
        ),
        pa_csv.ParseOptions(
            delimiter=sheet.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )
    return reader


class _Laying:
    """Gives each record its number and puts back in place what the quick reader set aside."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.number = 0
        self.odd: list[tuple[int, str]] = []

    def set_aside(self, row: pa_csv.InvalidRow) -> str:
        """Keep a record of another width for the careful reader."""
        self.odd.append((row.number, row.text))
        return "skip"

    def nothing(self) -> pa.RecordBatch:
        """A batch of no rows."""
        schema = pa.schema([(f"c{at}", pa.string()) for at in range(len(self.sheet.headers))])
        return pa.RecordBatch.from_pylist([], schema)

    def batch(self, raw: pa.RecordBatch) -> Batch:
        """The next records of the file."""
        last = self.number + raw.num_rows
        apart = 0
        # The reader runs ahead: only records set aside up to here belong to this batch.
        while apart < len(self.odd) and (self.odd[apart][0] <= last or not raw.num_rows):
            last = max(last + 1, self.odd[apart][0])
            apart += 1
        odd, self.odd = self.odd[:apart], self.odd[apart:]
        offset = self.sheet.first_row - 1
        numbers = np.arange(self.number + 1 + offset, last + 1 + offset)
        if odd:
            taken = np.array([number + offset for number, _ in odd], dtype=np.int64)
            numbers = np.setdiff1d(numbers, taken, assume_unique=True)
        self.number = last
        batch = clean_batch(int64(numbers), raw, self.sheet.headers)
        return _with_rows(batch, self._careful(odd, offset), self.sheet.headers) if odd else batch

    def _careful(self, odd: Sequence[tuple[int, str]], offset: int) -> list[Row]:
        rows = []
        for number, text in odd:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=self.sheet.delimiter))
            row = row_of(number + offset, cells, self.sheet.headers)
            if row is not None:
                rows.append(row)
        return rows


def _with_rows(batch: Batch, rows: Sequence[Row], headers: Sequence[str]) -> Batch:
    """The batch with some carefully read rows in their places."""
    more = _batch_of(rows, headers)
    numbers = pa.concat_arrays([batch.numbers, more.numbers])
    table = pa.Table.from_batches([batch.columns, more.columns]).combine_chunks()
    order = pc.sort_indices(numbers)
    columns = table.take(order).to_batches()
    laid = columns[0] if columns else batch.columns
    marks = tuple(sorted((*batch.marks, *more.marks), key=lambda mark: mark.row))
    return Batch(numbers.take(order), laid, marks, more.misfits)


# -- JSON lines ---------------------------------------------------------------------------------


def _of_lines(sheet: Sheet, limits: Limits) -> Iterator[Batch]:
    stream, headers = sheet.stream, sheet.headers
    stream.seek(0)
    if stream.read(3) != codecs.BOM_UTF8:
        stream.seek(0)
    number = 0
    schema: pa.Schema | None = None
    while block := stream.read(_BLOCK):
        block += stream.readline()
        if schema is None:
            schema = _schema_of(block, headers)
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        batch = _quick_lines(block, schema, lines, number)
        if batch is not None:
            yield batch
        else:
            yield from _careful_lines(block, headers, number)
        number += lines
        if number > limits.rows:
            raise FileTooLarge(f"文件超过 {limits.rows:,} 行。请拆成几个文件再交。")


def _schema_of(block: bytes, headers: Sequence[str]) -> pa.Schema:
    """Text for every field but those the first lines give as whole numbers or as yes and no."""
    types = dict.fromkeys(headers, pa.string())
    for line in block[: 64 << 10].split(b"\n")[:50]:
        found = loads(line)
        for name, value in found.items() if isinstance(found, dict) else ():
            if name in types and isinstance(value, bool):
                types[name] = pa.bool_()
            elif name in types and isinstance(value, int):
                types[name] = pa.int64()
    return pa.schema(list(types.items()))


def _quick_lines(block: bytes, schema: pa.Schema, lines: int, number: int) -> Batch | None:
    """One object a line with the usual types; None if the block is anything else."""
    if _TWO_IN_A_LINE.search(block):
        return None
    try:
        table = pa_json.read_json(
            io.BytesIO(block),
            pa_json.ReadOptions(block_size=len(block) + 1),
            pa_json.ParseOptions(
                explicit_schema=schema, newlines_in_values=False, unexpected_field_behavior="ignore"
            ),
        )
        table.validate(full=True)  # the encoding, which reading takes on trust
    except pa.ArrowInvalid:
        return None
    if table.num_rows != lines:
        return None
    numbers = int64(np.arange(number + 1, number + lines + 1))
    marks: list[Mark] = []
    columns = []
    for name in schema.names:
        array = table.column(name).combine_chunks()
        if pa.types.is_int64(array.type):
            large = pc.fill_null(pc.greater(pc.abs(array), EXACT), False)
            marks += [Mark(n, name, Flag.ROUNDED) for n in numbers.filter(large).to_pylist()]
        if not pa.types.is_string(array.type):
            columns.append(array.cast(pa.string()))
            continue
        cleaned = clean_text(array)
        columns.append(pc.if_else(pc.equal(cleaned, ""), None, cleaned))
    laid = pa.RecordBatch.from_arrays(columns, names=schema.names)
    keep = any_filled(columns)
    if not pc.all(keep).as_py():
        laid, numbers = laid.filter(keep), numbers.filter(keep)
    return Batch(numbers, laid, tuple(marks))


def _careful_lines(block: bytes, headers: Sequence[str], number: int) -> Iterator[Batch]:
    rows = (
        row_of_line(at, line)
        for at, line in enumerate(block.splitlines(), number + 1)
        if line.strip()
    )
    yield from of_rows(rows, headers)
