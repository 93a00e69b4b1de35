"""Workbooks (xlsx, xls, ods): the sheet with the data is found, its cells become values."""

import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO, Final

import python_calamine as calamine

from songbai.core.sheets.headers import SEARCHED, Area, Header, find_header, is_foot, key
from songbai.core.sheets.packed import (
    Marks,
    check_sizes,
    marks_of_ods,
    marks_of_xlsx,
    pieces,
)
from songbai.core.sheets.refusals import (
    CellRefused,
    Damaged,
    EmptyFile,
    FileTooLarge,
    Locked,
    NoHeader,
)
from songbai.core.sheets.sheet import Kind, Limits, Row, Sheet
from songbai.core.sheets.values import Flag, Value, as_date, plain

#: Numbers from here on have lost digits: a spreadsheet keeps fifteen.
_CUT_FROM: Final = 10**15
_HEAD_ROWS: Final = SEARCHED + 10
#: How many visible sheets are looked at for the one with the data.
_LOOKED_AT: Final = 8
_DATE1904: Final = re.compile(rb"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904=["'](?:1|true)["']""")
#: Headers of columns that hold days.
_DAY_HEADER: Final = re.compile(r"日期|生日|出生|时间|年月|日$|(?i:date|birth)|_on$")
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?>")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*?>")
_ATTRIBUTE: Final = re.compile(rb"""([\w:]+)=["']([^"']*)["']""")


@dataclass
class _Book:
    """An open workbook and what was found beside its values."""

    workbook: calamine.CalamineWorkbook
    kind: Kind
    date1904: bool = False
    parts: list[str] = field(default_factory=list)
    tables: dict[str, Marks] = field(default_factory=dict)


def read_book(stream: BinaryIO, kind: Kind, known: Collection[str], limits: Limits) -> Sheet:
    """Find the sheet and its header.

    Raises EmptyFile, NoHeader, Locked, Damaged, PackedTooTight, FileTooLarge.
    """
    book = _open(stream, kind, limits)
    visible = [
        (index, meta.name)
        for index, meta in enumerate(book.workbook.sheets_metadata)
        if meta.visible is calamine.SheetVisibleEnum.Visible
        and meta.typ is calamine.SheetTypeEnum.WorkSheet
    ]
    looked: list[tuple[int, int, str, calamine.CalamineSheet, Marks, list[Area], Header]] = []
    filled: list[str] = []
    for index, name in visible[:_LOOKED_AT]:
        marks = _marks(stream, book, index, name, limits)
        sheet = _sheet(book, index)
        if sheet.height == 0:
            continue
        filled.append(name)
        if sheet.total_height * sheet.total_width > limits.cells:
            raise FileTooLarge("表里的格子太多。请按村社或按月份拆成几个文件再交。")
        merged: list[Area] = list(sheet.merged_cell_ranges or [])
        header = find_header(_head(sheet), known, merged)
        if header is not None:
            keys = {key(word) for word in known}
            hits = sum(key(column) in keys for column in header.names)
            looked.append((-hits, len(looked), name, sheet, marks, merged, header))
            if not known or hits >= 3:
                break
    if not filled:
        raise EmptyFile
    if not looked:
        raise NoHeader
    _, _, name, sheet, marks, merged, header = min(looked, key=lambda found: found[:2])
    others = [other for _, other in visible if other != name][:10]
    unread = (f"读的是工作表“{name}”，没有读：{'、'.join(others)}",) if others else ()
    return Sheet(
        kind=kind,
        headers=header.names,
        rows=lambda: _rows(sheet, header, marks, merged, date1904=book.date1904),
        first_row=header.last + 2,
        name=name,
        date1904=book.date1904,
        notes=(*unread, *header.notes),
    )


def _open(stream: BinaryIO, kind: Kind, limits: Limits) -> _Book:
    tables: dict[str, Marks] = {}
    if kind is not Kind.XLS:
        check_sizes(stream, limits)
    if kind is Kind.ODS:
        # Opening would already lay out every cell.
        with zipfile.ZipFile(stream) as archive:
            tables = marks_of_ods(archive, limits)
        stream.seek(0)
    try:
        workbook = calamine.load_workbook(stream)
    except calamine.PasswordError as error:
        raise Locked from error
    except (calamine.CalamineError, OSError, ValueError, EOFError) as error:
        raise Damaged from error
    book = _Book(workbook, kind, tables=tables)
    if kind is Kind.XLSX:
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            book.date1904, book.parts = _parts_of_xlsx(archive)
    return book


def _parts_of_xlsx(archive: zipfile.ZipFile) -> tuple[bool, list[str]]:
    """Whether days count from 1904, and the part of each sheet in the order of the workbook."""
    names = {name.lower(): name for name in archive.namelist()}
    workbook = b"".join(pieces(archive, names["xl/workbook.xml"]))
    relations: dict[bytes, str] = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for found in _RELATION.findall(
            b"".join(pieces(archive, names["xl/_rels/workbook.xml.rels"]))
        ):
            attributes = dict(_ATTRIBUTE.findall(found))
            target = attributes.get(b"Target", b"").decode("utf-8", "replace").lstrip("/")
            path = target if target.startswith("xl/") else f"xl/{target}"
            relations[attributes.get(b"Id", b"")] = names.get(path.lower(), "")
    parts = []
    for found in _SHEET.findall(workbook):
        attributes = dict(_ATTRIBUTE.findall(found))
        identity = next((v for k, v in attributes.items() if k.endswith(b":id")), b"")
        parts.append(relations.get(identity, ""))
    return _DATE1904.search(workbook) is not None, parts


def _marks(stream: BinaryIO, book: _Book, index: int, name: str, limits: Limits) -> Marks:
    """Checked before the sheet is loaded: a far-off cell would fill the memory."""
    if book.kind is Kind.XLS:
        return Marks()
    if book.kind is Kind.ODS:
        return book.tables.get(name, Marks())
    part = book.parts[index] if index < len(book.parts) else ""
    if not part:
        raise Damaged
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        return marks_of_xlsx(archive, part, limits)


def _sheet(book: _Book, index: int) -> calamine.CalamineSheet:
    try:
        return book.workbook.get_sheet_by_index(index)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Damaged from error


def _head(sheet: calamine.CalamineSheet) -> list[list[Value]]:
    found = []
    for raw in sheet.iter_rows():
        found.append([plain(cell) for cell in raw])
        if len(found) >= _HEAD_ROWS:
            break
    return found


def _rows(
    sheet: calamine.CalamineSheet,
    header: Header,
    marks: Marks,
    merged: list[Area],
    *,
    date1904: bool = False,
) -> Iterator[Row]:
    below = _below(merged, header.last)
    held: dict[int, Value] = {}
    width = len(header.names)
    for index, raw in enumerate(sheet.iter_rows()):
        if index <= header.last:
            continue
        values = [plain(cell) for cell in raw]
        if is_foot(values):
            continue
        flags: dict[str, frozenset[Flag]] = {}
        cells: dict[str, Value] = {}
        for column, name in enumerate(header.names):
            value = values[column] if column < len(values) else None
            if date1904 and isinstance(value, Decimal) and _DAY_HEADER.search(name):
                value = _day_of_1904(value)
            found = _flags(value, (index, column), marks)
            first = below.get((index, column))
            if first == index:
                held[column] = value
            elif first is not None and value is None:
                value = held.get(column)
                found = found | {Flag.MERGED} if value is not None else found
            if value is not None:
                cells[name] = value
            if found:
                flags[name] = found
        if any(name not in flags or Flag.MERGED not in flags[name] for name in cells):
            extra = sum(value is not None for value in values[width:])
            yield Row(index + 1, cells, flags, _problem(extra))


def _day_of_1904(value: Decimal) -> Value:
    """The day of a bare serial number, which later readers would count from 1900."""
    try:
        return as_date(value, date1904=True)
    except CellRefused:
        return value


def _problem(extra: int) -> str:
    return f"这一行右边有 {extra} 格没有表头，不知道是什么" if extra else ""


def _below(merged: list[Area], header_row: int) -> dict[tuple[int, int], int]:
    """For each cell of an upright merged area below the header: the row of its first cell."""
    found: dict[tuple[int, int], int] = {}
    for (top, left), (bottom, right) in merged:
        if top > header_row and bottom > top and bottom - top < 2_000 and left == right:
            for row in range(top, bottom + 1):
                found[row, left] = top
    return found


def _flags(value: Value, at: tuple[int, int], marks: Marks) -> frozenset[Flag]:
    found = set()
    if at in marks.formulas:
        found.add(Flag.FORMULA)
    if at in marks.errors:
        found.add(Flag.ERROR)
    if isinstance(value, Decimal) and abs(value) >= _CUT_FROM:
        found.add(Flag.ROUNDED)
    return frozenset(found)
