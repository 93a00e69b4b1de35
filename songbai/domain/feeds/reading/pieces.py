"""Rows of a delivery as they lie in the record: Arrow, squeezed, encrypted."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

import pyarrow as pa

from songbai.core.crypto import decrypt_bytes, encrypt_bytes
from songbai.core.sheets.batches import Batch, Misfit
from songbai.core.sheets.columns import Columns, read_columns
from songbai.core.sheets.sheet import Kind, Limits
from songbai.core.sheets.values import Flag
from songbai.domain.feeds.rules.schema import Layout, Schema, lay_out

#: Rows of one piece: what a killed run repeats at most.
ROWS = 20_000
#: One cell in so many that ends in zeros is no chance any more.
OFTEN = 20
_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


@dataclass(frozen=True)
class Block:
    """Some rows of a file by heading; ``numbers`` are the rows' places in the sender's file."""

    numbers: list[int]
    columns: dict[str, list[str | None]]
    marks: tuple[tuple[int, str, Flag], ...] = ()
    misfits: tuple[Misfit, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers) + len(self.misfits)

    def cells(self, row: int) -> dict[str, str]:
        """One row by heading, for sending it back."""
        return {heading: cells[row] or "" for heading, cells in self.columns.items()}


def open_file(
    stream: IO[bytes], schema: Schema, mapping: dict[str, str], limits: Limits | None = None
) -> tuple[Columns, Layout]:
    """Find table and headings in a file. Raises SheetRefused."""
    known = {heading for column in schema.columns for heading in column.headers} | {*mapping}
    table = read_columns(stream, known=known, limits=limits or Limits())  # type: ignore[arg-type]
    return table, lay_out(schema, table.sheet.headers, mapping)


def packed(table: Columns) -> Iterator[tuple[Batch, bytes]]:
    """The table in pieces, each as it is read and as an encrypted block. Raises SheetRefused."""
    for batch in table:
        for part in _cut(_believed(batch, table.sheet.kind)):
            yield part, encrypt_bytes(_bytes(part))


def unpacked(body: bytes | memoryview) -> Block:
    """The rows of a piece. Raises Undecipherable."""
    return _block(decrypt_bytes(body))


def _block(plain: bytes) -> Block:
    with pa.ipc.open_stream(plain) as reader:
        table = reader.read_all()
    kept = json.loads((table.schema.metadata or {}).get(b"songbai", b"{}"))
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    numbers = columns.pop("")
    return Block(
        numbers=numbers,
        columns=columns,
        marks=tuple((row, heading, Flag(flag)) for row, heading, flag in kept.get("marks", ())),
        misfits=tuple(Misfit(*misfit) for misfit in kept.get("misfits", ())),
    )


def blocks(table: Columns) -> Iterator[Block]:
    """The table in blocks that are nowhere kept, for a preview. Raises SheetRefused."""
    for batch in table:
        parts = _cut(_believed(batch, table.sheet.kind))
        yield from (_block(_bytes(part)) for part in parts)


def reassembled(parts: Iterator[bytes | memoryview]) -> IO[bytes]:
    """The file as it came, in an unnamed temporary file. Raises Undecipherable."""
    whole = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    for part in parts:
        whole.write(decrypt_bytes(part))
    whole.seek(0)
    return whole


def _believed(batch: Batch, kind: Kind) -> Batch:
    """A batch without marks that chance explains.

    In a text file a long number that ends in zeros looks cut by a spreadsheet; when a whole column
    was cut all of them do, and when nothing was, one in a thousand does.
    """
    if kind is not Kind.CSV or not batch.marks:
        return batch
    seen = Counter(mark.header for mark in batch.marks if mark.flag is Flag.ROUNDED)
    by_chance = {header for header, cells in seen.items() if cells * OFTEN < len(batch.numbers)}
    kept = tuple(
        mark
        for mark in batch.marks
        if mark.flag is not Flag.ROUNDED or mark.header not in by_chance
    )
    return replace(batch, marks=kept)


def _cut(batch: Batch) -> Iterator[Batch]:
    """A batch in pieces of at most ``ROWS``; misfits go with the first."""
    for start in range(0, max(len(batch.numbers), 1), ROWS):
        numbers = batch.numbers.slice(start, ROWS)
        inside = set(numbers.to_pylist()) if batch.marks else set()
        yield Batch(
            numbers,
            batch.columns.slice(start, ROWS),
            tuple(mark for mark in batch.marks if mark.row in inside),
            batch.misfits if start == 0 else (),
        )


def _bytes(batch: Batch) -> bytes:
    kept = {
        "marks": [(mark.row, mark.header, mark.flag.value) for mark in batch.marks],
        "misfits": [(one.row, one.problem, one.cells) for one in batch.misfits],
    }
    whole = pa.RecordBatch.from_arrays(
        [batch.numbers, *batch.columns.columns], names=["", *batch.columns.schema.names]
    ).replace_schema_metadata({"songbai": json.dumps(kept, ensure_ascii=False)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, whole.schema, options=_OPTIONS) as writer:
        writer.write_batch(whole)
    squeezed: bytes = sink.getvalue().to_pybytes()
    return squeezed
