"""An empty workbook to fill in: headers with comments, drop-down lists, examples, instructions."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

#: Rows that get text format and drop-down lists.
PREPARED: Final = 5000
_HEADER: Final = {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": "#2F6B4F",
    "border": 1,
    "border_color": "#BFD3C8",
    "valign": "vcenter",
    "text_wrap": True,
}


@dataclass(frozen=True)
class TemplateColumn:
    """One column: ``choices`` become a drop-down list, ``width`` counts in characters."""

    header: str
    note: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    width: int = 12


def template(
    title: str,
    columns: Sequence[TemplateColumn],
    *,
    instructions: Sequence[str] = (),
    examples: Sequence[Sequence[str]] = (),
) -> bytes:
    """The workbook (xlsx). All columns are text, so that long numbers stay whole.

    ``examples`` stand on a sheet of their own: nobody has to delete them before sending.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(title[:31])
    _headers(book, sheet, columns)
    _lists(book, sheet, columns)
    sheet.freeze_panes(1, 1)
    _instructions(book, columns, instructions)
    shown = book.add_worksheet("示例")
    _headers(book, shown, columns)
    text = book.add_format({"num_format": 49, "font_color": "#667066"})
    for at, example in enumerate(examples or [[column.example for column in columns]], 1):
        for column, cell in enumerate(example):
            shown.write_string(at, column, cell, text)
    book.close()
    return target.getvalue()


def _headers(book: Workbook, sheet: Worksheet, columns: Sequence[TemplateColumn]) -> None:
    plain = book.add_format(_HEADER)
    must = book.add_format({**_HEADER, "bg_color": "#A23B2A"})
    text = book.add_format({"num_format": 49})
    sheet.set_row(0, 30)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width, text)
        sheet.write_string(0, at, column.header, must if column.required else plain)
        words = [*(["必填。"] if column.required else []), column.note]
        if column.example:
            words.append(f"例：{column.example}")
        if any(words):
            sheet.write_comment(
                0, at, "\n".join(word for word in words if word), {"x_scale": 2, "author": "松柏"}
            )


def _lists(book: Workbook, sheet: Worksheet, columns: Sequence[TemplateColumn]) -> None:
    """Drop-down lists, kept on a hidden sheet: in the cell they may have only 255 characters."""
    codes = book.add_worksheet("代码")
    codes.hide()
    for at, column in enumerate(columns):
        if not column.choices:
            continue
        codes.write_column(0, at, column.choices)
        letter = xl_col_to_name(at)
        sheet.data_validation(
            1,
            at,
            PREPARED,
            at,
            {
                "validate": "list",
                "source": f"=代码!${letter}$1:${letter}${len(column.choices)}",
                "error_title": "不在代码表里",
                "error_message": f"请从下拉列表里选：{'、'.join(column.choices)}"[:255],
                "error_type": "warning",
            },
        )


def _instructions(book: Workbook, columns: Sequence[TemplateColumn], lines: Sequence[str]) -> None:
    sheet = book.add_worksheet("填写说明")
    head = book.add_format(_HEADER)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for at, (name, width) in enumerate((("列", 16), ("必填", 6), ("怎么填", 60), ("例", 24))):
        sheet.set_column(at, at, width, wrap)
        sheet.write_string(len(lines), at, name, head)
    for at, line in enumerate(lines):
        sheet.merge_range(at, 0, at, 3, line, wrap)
    for at, column in enumerate(columns, len(lines) + 1):
        how = column.note
        if column.choices:
            how = f"{how}（{'、'.join(column.choices)}）" if how else "、".join(column.choices)
        cells = (column.header, "是" if column.required else "", how, column.example)
        for place, cell in enumerate(cells):
            sheet.write_string(at, place, cell, wrap)
