"""What is wrong in a file somebody wrote, and where."""

from dataclasses import dataclass
from difflib import get_close_matches

from songbai.core.errors import Refused


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: file, line and column from 1, what is wrong and what to do (Chinese)."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}：{self.message}"


class WrongFile(Refused):
    """文件写得不对，没有使用。"""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: list[str]) -> str:
    """A hint for a mistyped word: ``是不是想写 age？`` or the list of what there is."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"是不是想写 {close[0]}？"
    return f"可以写：{'、'.join(known[:40])}。" if known else ""
