"""What reading gives: a sheet with headers, and rows that know where they stood in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import BinaryIO

from songbai.core.sheets.values import Flag, Value

MEGABYTE = 1 << 20


class Kind(StrEnum):
    """Files that can be read; found by content, never by name."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    JSON_LINES = "jsonl"


@dataclass(frozen=True)
class Limits:
    """How large a file may be before it is refused; bytes, counts."""

    file_bytes: int = 1024 * MEGABYTE
    unpacked_bytes: int = 2048 * MEGABYTE
    ratio: int = 200
    rows: int = 10_000_000
    columns: int = 300
    cells: int = 40_000_000


#: What one clerk uploads through a page.
UPLOAD = Limits(
    file_bytes=20 * MEGABYTE,
    unpacked_bytes=256 * MEGABYTE,
    rows=100_000,
    cells=4_000_000,
)


@dataclass(frozen=True)
class Row:
    """One row of data: ``number`` as the sender's program counts it, from 1, headers included.

    ``cells`` by header, without empty ones. ``flags`` say what to know about a cell. ``problem``
    says why the row does not fit the headers, if it does not.
    """

    number: int
    cells: dict[str, Value]
    flags: dict[str, frozenset[Flag]] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table that was found in a file; iterating reads the rows, as often as wanted.

    ``stream`` is the file; ``ours``: reading opened it.
    """

    kind: Kind
    headers: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    first_row: int
    name: str = ""
    encoding: str = ""
    delimiter: str = ""
    date1904: bool = False
    notes: tuple[str, ...] = ()
    stream: BinaryIO = field(default_factory=BytesIO)
    ours: bool = False

    def __enter__(self) -> Sheet:
        """Reading a path keeps the file open until the sheet is closed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what reading opened; a file the caller opened stays open."""
        if self.ours:
            self.stream.close()

    def __iter__(self) -> Iterator[Row]:
        """The rows, in the file's order."""
        return self.rows()
