"""Cells that no spreadsheet takes for a formula. Pure.

A name such as ``=HYPERLINK(…)`` typed by a stranger would run on the desk of the clerk who opens
the export. In a workbook such a cell is stored as text and marked as such.
"""

import re
from typing import Final

_STARTS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"^[+-]?\d+(\.\d+)?$")


def could_run(text: str) -> bool:
    """Whether a spreadsheet might take this text for a formula; plain numbers are none."""
    start = text.lstrip()
    return start.startswith(_STARTS) and not _NUMBER.match(start)
