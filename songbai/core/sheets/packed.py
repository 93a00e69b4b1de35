"""What an xlsx or ods file would unpack to, looked at before anything is unpacked for good.

A zip says how large each part becomes, and may lie; so the parts are also unpacked once as a stream
and counted. On the way the cells are found that hold a formula or an error value, which the reader
of values does not tell.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

from songbai.core.sheets.refusals import Damaged, FileTooLarge, Locked, PackedTooTight
from songbai.core.sheets.sheet import MEGABYTE, Limits

_PIECE: Final = 1 << 20
#: Below this much unpacked text any ratio is harmless.
_HARMLESS: Final = 8 * MEGABYTE
#: Longest stretch of a sheet's XML that may hold no cell; what is longer is let go.
_LONGEST: Final = 64 << 10
_CELL: Final = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f[\s>/]")
_ERROR: Final = re.compile(rb"""<(?:\w+:)?c\s([^>]*\bt=["']e["'][^>]*)>""")
_REFERENCE: Final = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_CELL_START: Final = re.compile(rb"<(?:\w+:)?c\s")


@dataclass
class Marks:
    """Cells by (row, column) from 0 that hold a formula or an error value, of one sheet."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)


def check_sizes(stream: BinaryIO, limits: Limits) -> None:
    """Refuse what says of itself that it is too large, overlaps, or is locked.

    Raises PackedTooTight, FileTooLarge, Locked, Damaged.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise Damaged from error
    finally:
        stream.seek(0)
    if any(part.flag_bits & 1 for part in parts):
        raise Locked
    packed = sum(part.compress_size for part in parts)
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > 10_000 or len({part.header_offset for part in parts}) < len(parts):
        raise PackedTooTight
    if unpacked > _HARMLESS and unpacked > limits.ratio * max(packed, 1):
        raise PackedTooTight
    if unpacked > limits.unpacked_bytes:
        raise FileTooLarge(
            f"这个文件解开后有 {unpacked / 1e6:,.0f} MB，"
            f"超过了 {limits.unpacked_bytes / 1e6:,.0f} MB。"
            "请按村社或按月份拆成几个文件，或存成 .csv 再交。"
        )


def pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part unpacked in pieces, never more than it said it would be.

    Raises PackedTooTight when it lied, Damaged when it cannot be unpacked.
    """
    said = archive.getinfo(name).file_size
    passed = 0
    try:
        with archive.open(name) as part:
            while piece := part.read(_PIECE):
                passed += len(piece)
                if passed > said:
                    raise PackedTooTight
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Damaged from error


def column_of(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def marks_of_xlsx(archive: zipfile.ZipFile, name: str, limits: Limits) -> Marks:
    """Formula and error cells of one sheet's XML, and its extent checked.

    Raises FileTooLarge when a far-off cell would make the sheet huge, and what :func:`pieces` does.
    """
    scan = _XlsxScan(limits)
    rest = b""
    for piece in pieces(archive, name):
        text = rest + piece
        # A cell and its formula must not fall into two pieces.
        cut = max((m.start() for m in _CELL_START.finditer(text, len(text) - 4096)), default=-1)
        rest = text[cut:] if cut >= 0 else text[-_LONGEST:]
        scan.look(text[: len(text) - len(rest)])
    scan.look(rest)
    return scan.marks


class _XlsxScan:
    """Counts rows and columns and notes what is special."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.marks = Marks()
        self.last_row = self.last_column = 0

    def look(self, text: bytes) -> None:
        """Take in the next stretch of XML.

        Raises FileTooLarge.
        """
        found = _CELL.findall(text)
        if found:
            letters = {letters for letters, _ in found}
            self.last_column = max(self.last_column, *(column_of(c) + 1 for c in letters))
            self.last_row = max(self.last_row, max(int(row) for _, row in found))
            self.check()
        for pattern, places in ((_FORMULA, self.marks.formulas), (_ERROR, self.marks.errors)):
            for special in pattern.finditer(text):
                if at := _REFERENCE.search(special[1]):
                    places.add((int(at[2]) - 1, column_of(at[1])))

    def check(self) -> None:
        """Refuse a sheet that would be huge.

        Raises FileTooLarge.
        """
        limits = self.limits
        if self.last_column > limits.columns:
            raise FileTooLarge(
                f"表里一直到第 {self.last_column:,} 列还有内容，超过了 {limits.columns} 列。"
                "请删去右边无关的列。"
            )
        if self.last_row > limits.rows or self.last_row * self.last_column > limits.cells:
            raise FileTooLarge(
                f"表里一直到第 {self.last_row:,} 行还有内容，超出了一个文件能收的大小。"
                "请删去下面无关的行，或拆成几个文件再交。"
            )


def marks_of_ods(archive: zipfile.ZipFile, limits: Limits) -> dict[str, Marks]:
    """Formula and error cells of each table of an ods file, repeated cells counted.

    Raises FileTooLarge, Damaged.
    """
    reader = _OdsReader(limits)
    try:
        for piece in pieces(archive, "content.xml"):
            reader.parser.Parse(piece, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Damaged from error
    return reader.tables


class _OdsReader:
    """Walks content.xml; keeps only counts and places."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tables: dict[str, Marks] = {}
        self.marks = Marks()
        self.row = self.column = self.cells = 0
        self.row_repeat = 1
        self.pending: list[tuple[int, int, bool]] = []
        self.filled = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.EntityDeclHandler = self.entity

    def entity(self, *_: object) -> None:
        """A document that declares entities wants to grow."""
        raise PackedTooTight

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Count on."""
        if name == "table:table":
            self.marks = self.tables.setdefault(attributes.get("table:name", ""), Marks())
            self.row = 0
        elif name == "table:table-row":
            self.column = self.filled = 0
            self.row_repeat = _count(attributes, "table:number-rows-repeated")
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            repeat = _count(attributes, "table:number-columns-repeated")
            if "table:formula" in attributes:
                self.marks.formulas.add((self.row, self.column))
            if attributes.get("office:value-type") or attributes.get("calcext:value-type"):
                self.filled = self.column + repeat
                if attributes.get("calcext:value-type") == "error":
                    self.marks.errors.add((self.row, self.column))
            self.column += repeat

    def end(self, name: str) -> None:
        """A row is over: its repeated cells count as often as they will be made."""
        if name != "table:table-row":
            return
        self.cells += self.filled * self.row_repeat
        self.row += self.row_repeat
        if self.filled > self.limits.columns:
            raise FileTooLarge(f"表里超过 {self.limits.columns} 列。请删去右边无关的列。")
        if self.cells > self.limits.cells or (self.filled and self.row > self.limits.rows):
            raise FileTooLarge("表里的格子太多。请按村社或按月份拆成几个文件再交。")


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isdigit() and len(text) < 10 else 1
