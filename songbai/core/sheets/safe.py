"""Cells that no spreadsheet takes for a formula. Pure.

A name such as ``=HYPERLINK(…)`` typed by a stranger would run on the desk of the clerk who opens
the export. In a workbook such a cell is stored as text and marked as such, in text it is quoted.
"""

import re
from typing import Final

#: What a spreadsheet computes, also behind blanks and characters without width; some split a cell
#: at a tab or an end of line.
_FORMULA: Final = re.compile(r"[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")


def could_run(text: str) -> bool:
    """Whether a spreadsheet might take this text for a formula."""
    return bool(_FORMULA.match(text))


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would compute."""
    return f"'{text}" if could_run(text) else text
