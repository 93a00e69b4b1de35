"""The register in figures: by age, class and situation, for every part of a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from songbai.domain.elders.queries.figures import Cell
from songbai.domain.elders.rules import HARDSHIP_WORDS, LIVING_WORDS
from songbai.web.frames.bureau.shell import Place, link


@dataclass(frozen=True)
class Column:
    """One column: its name, who belongs to it, how the register's list is cut to it."""

    name: str
    holds: Callable[[Cell], bool]
    filters: dict[str, str]


def _age(name: str, band: str, holds: Callable[[int], bool]) -> Column:
    return Column(name, lambda cell: holds(cell.age_band), {"age": band})


def _hardship(code: str, name: str) -> Column:
    return Column(name, lambda cell: cell.hardship == code, {"hardship": code})


def _living(code: str, name: str) -> Column:
    return Column(name, lambda cell: cell.living == code, {"living": code})


AGES: tuple[Column, ...] = (
    _age("60–69 岁", "60", lambda band: band == 60),
    _age("70–79 岁", "70", lambda band: band == 70),
    _age("80 岁以上", "80", lambda band: band >= 80),
    _age("其中 90 岁以上", "90", lambda band: band >= 90),
    _age("其中 100 岁以上", "100", lambda band: band >= 100),
)
CLASSES = tuple(_hardship(code.value, name) for code, name in HARDSHIP_WORDS.items() if name)
SITUATIONS = tuple(_living(code.value, name) for code, name in LIVING_WORDS.items())
COLUMNS: tuple[Column, ...] = (*AGES, *CLASSES, *SITUATIONS)
#: Headings over the columns, and how many columns each spans.
GROUPS = (("年龄", len(AGES)), ("经济状况", len(CLASSES)), ("居住情况", len(SITUATIONS)))


@dataclass(frozen=True)
class Row:
    """One part of the place: its name, all its elders, and a number for each column."""

    name: str
    total: int
    url: str
    numbers: list[tuple[int, str]]


def rows_of(cells: Sequence[Cell], place: Place) -> list[Row]:
    """A row for every part of a place, by code, the place itself last."""
    by_part: dict[str, list[Cell]] = {}
    for cell in cells:
        by_part.setdefault(cell.part, []).append(cell)
    rows = [
        _row(division.name, by_part.get(division.code[: place.digits], []), division.code)
        for division in place.divisions()
    ]
    return [*rows, _row(f"{place.name}合计", cells, place.region.code)]


def _row(name: str, cells: Sequence[Cell], region: str) -> Row:
    numbers = [
        (
            sum(cell.n for cell in cells if column.holds(cell)),
            link("elders", region=region, **column.filters),
        )
        for column in COLUMNS
    ]
    return Row(name, sum(cell.n for cell in cells), link("elders", region=region), numbers)


def drawing(row: Row) -> list[dict[str, object]]:
    """Three bar charts of one row: age, class, situation."""
    charts: list[dict[str, object]] = []
    start = 0
    for title, width in GROUPS:
        columns = COLUMNS[start : start + width]
        values = [number for number, _ in row.numbers[start : start + width]]
        charts.append(
            {"title": title, "names": [column.name for column in columns], "values": values}
        )
        start += width
    return charts
