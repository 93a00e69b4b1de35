"""A reason somebody has to write: what is one, and what is said without one."""

import re

from django.core.exceptions import ValidationError

from songbai.core.errors import Refused

SHORTEST = 4
#: So many different characters are words; a key held down, or numbers alone, are none.
DIFFERENT = 3
_HAN = re.compile(r"[\u3400-\u9fff]")


class ReasonMissing(Refused):
    """请写明原因，至少 4 个字。"""

    field = "reason"


def too_short(reason: str, least: int = SHORTEST) -> bool:
    """Whether this says too little to be a reason: too few characters, or no words of Chinese."""
    said = reason.strip()
    different = len({one for one in said if one.isalnum()})
    words = different >= min(least, DIFFERENT) and bool(_HAN.search(said))
    return len(said) < least or not words


def reason_in(
    text: str, message: str = "", *, field: str | None = None, least: int = SHORTEST
) -> str:
    """The reason as written, without blanks around it. Raises ReasonMissing for too little."""
    if too_short(text, least):
        said = text.strip()
        wordless = f"“{said[:20]}”看不出原因，请用中文写清楚。" if len(said) >= least else message
        raise ReasonMissing(wordless, field=field)
    return text.strip()


def check(text: str) -> None:
    """What a form asks of a reason that is long enough: words. Raises ValidationError."""
    try:
        reason_in(text, least=min(SHORTEST, len(text.strip())))
    except ReasonMissing as missing:
        raise ValidationError(missing.message) from missing
