"""A reason somebody has to write: how long it is at least, and what is said without one."""

from songbai.core.errors import Refused

SHORTEST = 4


class ReasonMissing(Refused):
    """请写明原因，至少 4 个字。"""

    field = "reason"


def too_short(reason: str) -> bool:
    """Whether this says too little to be a reason."""
    return len(reason.strip()) < SHORTEST
