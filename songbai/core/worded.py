"""Codes with the words people read, said once: ``DUE = "due", "还没还"``."""

from enum import StrEnum
from typing import Self


class Worded(StrEnum):
    """A code, and its words."""

    words: str

    def __new__(cls, code: str, words: str = "") -> Self:
        """A member of this code; who looks one up by its code says no words."""
        made = str.__new__(cls, code)
        made._value_, made.words = code, words
        return made

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Codes and words, for a list to choose from."""
        return [(one.value, one.words) for one in cls]
