"""A reason somebody has to write: how long it is at least, and what is said without one."""

from songbai.core.errors import Refused

SHORTEST = 4


class ReasonMissing(Refused):
    """请写明原因，至少 4 个字。"""

    field = "reason"


def too_short(reason: str) -> bool:
    """Whether this says too little to be a reason."""
    return len(reason.strip()) < SHORTEST


def reason_in(text: str, message: str = "", *, field: str | None = None) -> str:
    """The reason as written, without blanks around it. Raises ReasonMissing for too little."""
    if too_short(text):
        raise ReasonMissing(message, field=field)
    return text.strip()
