"""Everything that writes in this room."""

from .carrying import settle
from .decisions import NotOpen, decide, reopen
from .merging import AlreadyMerged, AlreadyUndone, merge, undo
from .searching import Searched, offer_rows, search_duplicates

__all__ = [
    "AlreadyMerged",
    "AlreadyUndone",
    "NotOpen",
    "Searched",
    "decide",
    "merge",
    "offer_rows",
    "reopen",
    "search_duplicates",
    "settle",
    "undo",
]
