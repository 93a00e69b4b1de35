"""What becomes of a doubtful pair."""

from enum import StrEnum


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
