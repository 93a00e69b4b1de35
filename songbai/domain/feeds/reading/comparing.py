"""Comparing the rows of one delivery with each other, a million of them without keeping them.

While the pieces pass only the numbers and records that rows name are remembered; the few rows that
share one are then read again, from the pieces that hold them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from songbai.core import clock
from songbai.core.sheets.batches import Batch
from songbai.domain.feeds.reading.pieces import Block
from songbai.domain.feeds.rules.cells import Problem
from songbai.domain.feeds.rules.rows import check, read_column
from songbai.domain.feeds.rules.schema import Layout, Schema
from songbai.domain.feeds.rules.within import Line, contradictions, number_column
from songbai.domain.matching.reference import characters
from songbai.domain.matching.rules import normal_name
from songbai.domain.matching.rules.names import OTHER_NAME, compare_names

Hashes = np.ndarray[tuple[int], np.dtype[np.int64]]


class Comparison:
    """What the rows of one delivery name, piece by piece; ``shared`` and ``against`` when all
    pieces have passed.
    """

    def __init__(self, schema: Schema, layout: Layout, regions: Mapping[str, str]) -> None:
        self.schema, self.regions, self.today = schema, regions, clock.today()
        self.places = layout.places
        number = (number_column(schema),)
        self.keys = [
            by for by in dict.fromkeys((number, schema.source_id)) if set(by) <= self.places.keys()
        ]
        self.numbers: list[Hashes] = []
        self.named: list[list[Hashes]] = [[] for _ in self.keys]

    def note(self, part: Batch) -> None:
        """Remember what the rows of a piece name."""
        self.numbers.append(part.numbers.to_numpy(zero_copy_only=False))
        for by, named in zip(self.keys, self.named, strict=True):
            columns = [self._read(part, column) for column in by]
            named.append(np.fromiter(map(hash, zip(*columns, strict=True)), np.int64))

    def shared(self) -> set[int]:
        """Places in the file of rows that name what another row names too."""
        found: set[int] = set()
        numbers = _whole(self.numbers)
        for named in self.named:
            _, where, count = np.unique(_whole(named), return_inverse=True, return_counts=True)
            found.update(numbers[count[where] > 1].tolist())
        return found

    def against(self, blocks: Iterable[Block], shared: set[int]) -> dict[int, list[dict[str, str]]]:
        """Problems of rows by their place: what the shared rows in these blocks contradict."""
        lines = [line for block in blocks for line in self._lines(block, shared)]
        found: dict[int, list[dict[str, str]]] = {}
        for one in contradictions(self.schema, lines, _other_name):
            found.setdefault(one.number, []).append({"column": one.column, "reason": one.reason})
        return found

    def _read(self, part: Batch, name: str) -> Sequence[object]:
        """A column as values; a cell that says nothing is unlike any other."""
        cells = part.columns.column(self.places[name]).to_pylist()
        values, wrong = read_column(self.schema.column(name), cells, self.today, self.regions)
        read: list[Any] = list(values)
        empty = [at for at, value in enumerate(read) if value is None]
        for at in (*wrong, *empty):
            read[at] = (at, part.numbers[at].as_py())
        return read

    def _lines(self, block: Block, shared: set[int]) -> list[Line]:
        at = [row for row, number in enumerate(block.numbers) if number in shared]
        columns = {
            name: [block.columns[heading][row] for row in at]
            for name, heading in self.places.items()
        }
        values = check(self.schema, columns, len(at), self.today, self.regions).values
        return [
            Line(
                block.numbers[row],
                {
                    name: None if isinstance(column[place], Problem) else column[place]
                    for name, column in values.items()
                },
            )
            for place, row in enumerate(at)
        ]


def _whole(parts: Sequence[Hashes]) -> Hashes:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _other_name(one: str, other: str) -> bool:
    return compare_names(normal_name(one), normal_name(other), characters()) in OTHER_NAME
