"""The code at an elder's door: short enough to be typed, without characters people mix up. Pure."""

import re
import secrets

from songbai.core import texts

#: No 0 O D Q, 1 I L, 2 Z, 5 S, 8 B, U V.
LETTERS = "34679ACEFGHJKMNPRTWXY"
LENGTH = 8
FORM = f"^[{LETTERS}]{{{LENGTH}}}$"


def draw() -> str:
    """A code nobody can guess; whether it is taken already the register knows."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read(text: str) -> str:
    """The code in what was scanned (an address) or typed (any case, with gaps); "" for none."""
    code = texts.code(text.strip().rsplit("/", 1)[-1])
    return code if re.match(FORM, code) else ""
