"""A folder both sides see: ``to-bank`` and ``from-bank``.

A file appears whole under its name, because it is written beside and renamed. Files that start with
a dot are being written. What was read goes to ``from-bank/done`` or, with a text that says why, to
``from-bank/refused``.
"""

from pathlib import Path

from songbai.core import whole
from songbai.core.errors import TryAgain

from .contract import Incoming

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
