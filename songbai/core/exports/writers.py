"""Writing a marked copy as a workbook or as text. Cells are text; nothing is ever a formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from songbai.core.sheets.safe import could_run, harmless

from .rules import ExportFormat

MEDIA = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Copy:
    """What one recipient gets: title, the visible line, head and rows of text cells."""

    title: str
    line: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def write(copy: Copy, kind: ExportFormat) -> bytes:
    """The file."""
    return _xlsx(copy) if kind is ExportFormat.XLSX else _csv(copy)


def _csv(copy: Copy) -> bytes:
    """UTF-8 with a byte-order mark, which spreadsheets need to read Chinese. Every cell is quoted:
    some places part cells by semicolons.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([copy.line])
    writer.writerow(copy.head)
    for row in copy.rows:
        writer.writerow([harmless(cell) for cell in row])
    writer.writerow([copy.line])
    return "\ufeff".encode() + out.getvalue().encode()


def _xlsx(copy: Copy) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": copy.title, "comments": copy.line})
        sheet = book.add_worksheet(copy.title[:31])
        bold = book.add_format({"bold": True, "bg_color": "#D9EBE2", "border": 1})
        note = book.add_format({"font_color": "#854508", "text_wrap": False})
        # A quoted cell stays text even when somebody edits it or saves it as csv.
        quoted = book.add_format({"quote_prefix": True})
        sheet.write_string(0, 0, copy.line, note)
        for column, words in enumerate(copy.head):
            sheet.write_string(1, column, words, bold)
            sheet.set_column(column, column, 18)
        for number, row in enumerate(copy.rows, 2):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, quoted if could_run(cell) else None)
        sheet.write_string(len(copy.rows) + 2, 0, copy.line, note)
        sheet.freeze_panes(2, 0)
        sheet.repeat_rows(0, 1)
        # On every printed page too.
        footer = copy.line.replace("&", "&&")
        sheet.set_footer(f"&C&8{footer[:240]}")
        sheet.set_landscape()
    return out.getvalue()
