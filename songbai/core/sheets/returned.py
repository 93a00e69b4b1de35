"""The sender's own rows back, each bad cell coloured and commented, the reasons in a last column.

Mended, the workbook can be sent again as it is: the added columns are not read.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from songbai.core.sheets.safe import could_run
from songbai.core.sheets.values import Value, text_of

ROW_HEADER: Final = "原行号"
REASON_HEADER: Final = "要改的地方"
#: Rows of one sheet of a workbook, and comments of a workbook that still opens quickly.
SHEET_ROWS: Final = 1_000_000
_COMMENTS: Final = 5_000
_LONGEST: Final = 32_000


@dataclass(frozen=True)
class ReturnedRow:
    """One row: its number in the sender's file, its cells, and the reasons by header.

    ``problem`` is a reason for the row as a whole.
    """

    number: int
    cells: Mapping[str, Value]
    problems: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def reasons(self) -> str:
        """All reasons in one line."""
        parts = [f"{header}：{reason}" for header, reason in self.problems.items()]
        return "；".join(([self.problem] if self.problem else []) + parts)


def returned_workbook(headers: Sequence[str], rows: Iterable[ReturnedRow]) -> bytes:
    """The workbook (xlsx); every cell is text, none can run."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    writing = _Writing(book, tuple(headers))
    for row in rows:
        writing.write(row)
    writing.finish()
    book.close()
    return target.getvalue()


class _Writing:
    """Row by row, a new sheet when one is full."""

    def __init__(self, book: xlsxwriter.Workbook, headers: tuple[str, ...]) -> None:
        self.book = book
        self.headers = headers
        self.head = book.add_format({"bold": True, "bg_color": "#E8EFEA", "border": 1})
        # A quoted cell stays text even when somebody edits it or saves it as csv.
        self.plain = book.add_format({"num_format": 49})
        self.quoted = book.add_format({"num_format": 49, "quote_prefix": True})
        bad = {"num_format": 49, "bg_color": "#FBE3DF", "font_color": "#8A1F11", "border": 1}
        self.bad = book.add_format(bad)
        self.bad_quoted = book.add_format({**bad, "quote_prefix": True})
        self.why = book.add_format({"font_color": "#8A1F11", "text_wrap": True, "valign": "top"})
        self.sheets = self.comments = 0
        self.sheet: Worksheet = self.new_sheet()
        self.at = 1

    def new_sheet(self) -> Worksheet:
        """A sheet with the headers."""
        self.sheets += 1
        sheet = self.book.add_worksheet("要改的行" if self.sheets == 1 else f"第 {self.sheets} 页")
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, len(self.headers), 14)
        sheet.set_column(len(self.headers) + 1, len(self.headers) + 1, 60)
        sheet.freeze_panes(1, 1)
        for at, header in enumerate((ROW_HEADER, *self.headers, REASON_HEADER)):
            sheet.write_string(0, at, header[:_LONGEST], self.format(header, self.head))
        return sheet

    def format(self, text: str, usual: Format) -> Format:
        """The usual format, or its quoted brother for text that could run."""
        if not could_run(text):
            return usual
        return self.bad_quoted if usual is self.bad else self.quoted

    def write(self, row: ReturnedRow) -> None:
        """One row."""
        if self.at > SHEET_ROWS:
            self.sheet, self.at = self.new_sheet(), 1
        self.sheet.write_number(self.at, 0, row.number)
        for column, header in enumerate(self.headers, 1):
            text = text_of(row.cells.get(header))[:_LONGEST]
            reason = row.problems.get(header)
            shape = self.bad if reason else self.plain
            if text:
                self.sheet.write_string(self.at, column, text, self.format(text, shape))
            elif reason:
                self.sheet.write_blank(self.at, column, None, shape)
            if reason and self.comments < _COMMENTS:
                self.comments += 1
                self.sheet.write_comment(self.at, column, reason, {"author": "松柏", "x_scale": 2})
        reasons = row.reasons[:_LONGEST]
        shape = self.format(reasons, self.why)
        self.sheet.write_string(self.at, len(self.headers) + 1, reasons, shape)
        self.at += 1

    def finish(self) -> None:
        """Filters on the last sheet's headers."""
        self.sheet.autofilter(0, 0, max(self.at - 1, 1), len(self.headers) + 1)
