"""Everything that writes in this room."""

from .carrying import settle
from .decisions import NotOpen, decide, reopen
from .merging import AlreadyMerged, AlreadyUndone, merge, undo
from .searching import offer_rows, search_duplicates
