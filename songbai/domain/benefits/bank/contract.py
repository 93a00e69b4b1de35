"""What the program asks of a bank; a folder both sides see, and a bank that only remembers.

In the folder (``to-bank`` and ``from-bank``) a file appears whole under its name, because it is
written beside and renamed. Files that start with a dot are being written. What was read goes to
``from-bank/done`` or, with a text that says why, to ``from-bank/refused``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from songbai.core import whole
from songbai.core.errors import TryAgain

from .format import PAID, Result, ResultFile, read_payments, write_results


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


OUT, IN, DONE, REFUSED = "to-bank", "from-bank", "done", "refused"


class FolderBank:
    """Drops payment files into a folder and picks up what lies in the other."""

    def __init__(self, folder: Path) -> None:
        self.out, self.inbox = folder / OUT, folder / IN
        for one in (self.out, self.inbox / DONE, self.inbox / REFUSED):
            one.mkdir(parents=True, exist_ok=True, mode=0o700)

    def send(self, name: str, content: bytes) -> None:
        """Write and rename; again under the same name replaces the same payments."""
        try:
            whole.write(self.out / name, content)
        except OSError as error:
            raise TryAgain("文件没有交到银行的文件夹。请检查文件夹能不能写。") from error

    def results(self) -> list[Incoming]:
        """Every whole file, by name."""
        try:
            paths = [p for p in sorted(self.inbox.iterdir()) if p.is_file()]
            return [Incoming(p.name, p.read_bytes()) for p in paths if not p.name.startswith(".")]
        except OSError as error:
            raise TryAgain("银行的文件夹读不了。请检查文件夹。") from error

    def keep(self, name: str) -> None:
        """Move the file aside; gone already means somebody else did."""
        self._aside(name, DONE)

    def refuse(self, name: str, why: str) -> None:
        """Move the file aside with the reason beside it."""
        whole.write(self.inbox / REFUSED / f"{name}.txt", f"{why}\n".encode())
        self._aside(name, REFUSED)

    def _aside(self, name: str, where: str) -> None:
        try:
            (self.inbox / name).replace(self.inbox / where / name)
        except FileNotFoundError:
            return


class RecordingBank:
    """Keeps what it was sent, and answers what it is told to answer."""

    def __init__(self) -> None:
        self.sent: dict[str, bytes] = {}
        self.waiting: dict[str, bytes] = {}
        self.kept: list[str] = []
        self.refused: dict[str, str] = {}

    def send(self, name: str, content: bytes) -> None:
        """Remember the file."""
        self.sent[name] = content

    def results(self) -> list[Incoming]:
        """What was put to wait."""
        return [Incoming(name, content) for name, content in sorted(self.waiting.items())]

    def keep(self, name: str) -> None:
        """Remember that the file was taken."""
        if self.waiting.pop(name, None) is not None:
            self.kept.append(name)

    def refuse(self, name: str, why: str) -> None:
        """Remember why it was not."""
        self.waiting.pop(name, None)
        self.refused[name] = why

    def answer(self, name: str, failing: Mapping[int, str] | None = None, part: str = "") -> str:
        """Answer a sent file: ``failing`` are codes by line number, all others were paid."""
        codes = failing or {}
        sent = read_payments(self.sent[name])
        results = [
            Result(line.number, line.fen, codes.get(line.number, PAID)) for line in sent.lines
        ]
        answer = f"result-{sent.reference}{part}.csv"
        self.waiting[answer] = write_results(ResultFile(sent.reference, "double", tuple(results)))
        return answer
