"""One way in for every kind of file."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from songbai.core.sheets.books import read_book
from songbai.core.sheets.delimited import read_delimited
from songbai.core.sheets.encodings import encoding_of
from songbai.core.sheets.json_lines import read_json_lines
from songbai.core.sheets.kinds import Source, kind_of, open_source
from songbai.core.sheets.sheet import Kind, Limits, Sheet

_BOOKS = frozenset({Kind.XLSX, Kind.XLS, Kind.ODS})


def read(
    source: Source,
    *,
    known: Collection[str] = (),
    limits: Limits = Limits(),  # noqa: B008  # frozen
) -> Sheet:
    """Find the table in a file: path, bytes, or an open binary file that can be rewound.

    The kind is told by content. ``known`` are the header names and aliases expected: with them the
    header is found below any title. Rows are read when the sheet is iterated; a text file may then
    still turn out damaged (SheetRefused).
    Raises SheetRefused (EmptyFile, FileTooLarge, PackedTooTight, Locked, Damaged, NotASheet,
    WrongEncoding, NoHeader), each with its reason in Chinese.
    """
    stream = open_source(source, limits)
    ours = isinstance(source, Path | str)
    try:
        sheet = _read(stream, known, limits)
    except BaseException:
        if ours:
            stream.close()
        raise
    return replace(sheet, stream=stream, ours=ours)


def _read(stream: BinaryIO, known: Collection[str], limits: Limits) -> Sheet:
    found = kind_of(stream)
    if found in _BOOKS:
        return read_book(stream, found, known, limits)
    if found is Kind.JSON_LINES:
        # A line that cannot be read is a bad row, not a bad file.
        return read_json_lines(stream, encoding_of(stream, whole=False), limits)
    encoding = encoding_of(stream)
    return read_delimited(stream, encoding, known, limits)
