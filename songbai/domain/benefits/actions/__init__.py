"""Everything that changes benefits, one file for each subject."""

from .credit import grant_credit
from .informing import GivenNotice, note_given
from .objections import NewObjection, answer, raise_objection, take, withdraw

__all__ = [
    "GivenNotice",
    "NewObjection",
    "answer",
    "grant_credit",
    "note_given",
    "raise_objection",
    "take",
    "withdraw",
]
