"""What a comparison comes to."""

from enum import IntEnum


class Band(IntEnum):
    """What becomes of a row, or of a pair of records."""

    NEW = 0  # nobody in the register is this person
    DOUBTFUL = 1  # a clerk decides
    CERTAIN = 2  # joined
