"""A bank that only remembers: for the demo and for tests."""

from collections.abc import Mapping

from .contract import Incoming
from .format import PAID, Result, ResultFile, read_payments, write_results


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
