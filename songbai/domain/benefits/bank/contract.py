"""What the program asks of a bank."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Incoming:
    """A file the bank left for us."""

    name: str
    content: bytes


class Bank(Protocol):
    """Takes payment files and gives files of results.

    Both sides may repeat themselves: the same name holds the same payments, and what was given once
    is given again until ``keep`` or ``refuse`` took it.
    """

    def send(self, name: str, content: bytes) -> None:
        """Hand over a payment file, whole or not at all. Raises TryAgain."""

    def results(self) -> list[Incoming]:
        """The files of results that wait, by name. Raises TryAgain."""

    def keep(self, name: str) -> None:
        """A file of results is in the record."""

    def refuse(self, name: str, why: str) -> None:
        """A file of results could not be used at all; the bank is told why."""
