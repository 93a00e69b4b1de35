"""Figures with dates of their own that policies follow: a 低保 line, a minimum wage. Pure.

``figures.yaml`` of a folder of policies; a folder of one's own says its figures anew.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .language.parser import fen_of
from .located import Mapped, Reader, Word, read_yaml

FORMAT = "songbai-figures/1"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}")
_TIMES = re.compile(r"(?:(\d{1,3})(?:\.(\d{1,2}))?\s*×\s*)?([a-z][a-z0-9_]*)", re.ASCII)


@dataclass(frozen=True)
class Figure:
    """A sum from each of its days on, fen; in the order of days."""

    key: str
    name: str
    rows: tuple[tuple[date, int], ...]

    def on(self, day: date) -> int | None:
        """What it is on a day; None before the first."""
        return next((fen for since, fen in reversed(self.rows) if since <= day), None)


Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class Follow:
    """A parameter that is so many hundredths of a figure, and where that is written."""

    figure: str
    rows: Figure
    hundredths: int
    at: Word

    def on(self, day: date) -> int | None:
        """Fen on a day; parts of a fen are dropped. None before the figure begins."""
        fen = self.rows.on(day)
        return None if fen is None else fen * self.hundredths // 100

    def written(self, text: str, day: date) -> str:
        """The text of a policy with what it is on a day in its place."""
        line, column = self.at.start
        lines = text.split("\n")
        fen, old = self.on(day) or 0, lines[line - 1]
        end = column - 1 + len(self.at.source)
        lines[line - 1] = f"{old[: column - 1]}{fen // 100}.{fen % 100:02d}元{old[end:]}"
        return "\n".join(lines)


def follow_of(word: Word, figures: Figures) -> Follow | None:
    """``1.5 × dibao_urban``; None for anything else."""
    match = _TIMES.fullmatch(word.text)
    if match is None or match[3] not in figures:
        return None
    hundredths = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match[1] else 100
    return Follow(match[3], figures[match[3]], hundredths, word)


def read_figures(text: str, file: str) -> dict[str, Figure]:
    """The figures of a file. Raises WrongFile with every problem found."""
    reader = Reader(file)
    top = read_yaml(text, file)
    reader.choice(top, "format", (FORMAT,))
    reader.check_keys(top, {"format", "figures"}, set())
    nodes = reader.mapping(top.items.get("figures"), "figures")
    found = {}
    for key, node in nodes.items.items():
        if not _KEY.fullmatch(key):
            reader.wrong(nodes.keys[key], f"{key} 不能作名称：用小写字母、数字和下划线。")
        one = reader.mapping(node, key)
        if reader.check_keys(one, {"name", "from"}, {"source"}):
            rows = _rows(reader, reader.mapping(one.items["from"], "from"))
            found[key] = Figure(key, reader.text(one, "name"), rows)
    reader.finish()
    return found


def _rows(reader: Reader, node: Mapped) -> tuple[tuple[date, int], ...]:
    rows = []
    for day, item in node.items.items():
        try:
            rows.append((date.fromisoformat(day), fen_of(reader.word(item, day).text)))
        except ValueError:
            reader.wrong(node.keys[day], "要写日期和金额，如 2025-07-01: 770元。")
    if not rows or rows != sorted(rows):
        reader.wrong(node, "至少写一个日期，从早到晚。")
    return tuple(rows)
