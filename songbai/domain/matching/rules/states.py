"""What becomes of a doubtful pair, in which band it is, and which of two merged records goes on."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class CandidateState(StrEnum):
    """Open until a clerk decides; a decision can be taken back."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


class Verdict(StrEnum):
    """What a clerk says about a pair."""

    SAME = "same"
    DIFFERENT = "different"
    REOPEN = "reopen"


#: (old, new) of every legal change.
TRANSITIONS = (
    (CandidateState.OPEN, CandidateState.SAME),
    (CandidateState.OPEN, CandidateState.DIFFERENT),
    (CandidateState.SAME, CandidateState.OPEN),
    (CandidateState.DIFFERENT, CandidateState.OPEN),
)


class Band(IntEnum):
    """What becomes of a row, or of a pair of records."""

    NEW = 0  # nobody in the register is this person
    DOUBTFUL = 1  # a clerk decides
    CERTAIN = 2  # joined


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for going on: an identity number, being alive, being the older record."""

    id: int
    numbered: bool
    living: bool


def surviving(one: Standing, two: Standing) -> int:
    """The id of the record that goes on: numbered before not, living before dead, else older.

    The answer does not depend on the order of the two.
    """
    return max((one, two), key=lambda record: (record.numbered, record.living, -record.id)).id
