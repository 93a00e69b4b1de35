"""Checking a block of rows, column by column.

A column is read once for each different text in it: codes and dates repeat, so a million rows cost
a few thousand readings. Names, numbers and amounts do not repeat; those written without doubt are
found for the whole column at once (``plain``), and only the others are read one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from stdnum.cn import ric

from songbai.core.sheets.values import SPOILT, Flag, clean
from songbai.domain.elders.rules import possible_birth
from songbai.domain.elders.rules.ages import ages

from .cells import EMPTY, FORMULA, READERS, Problem, Regions, Value, plain_cells
from .schema import Column, Schema, Type

#: What programs and people write where there is nothing.
_NOTHING = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "空", "null", "NULL", "\\N", "None"}
)

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Wrong:
    """One cell that cannot be used: the row in its block, the column, the reason."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class Spoilt:
    """A cell that its file has damaged already."""

    row: int
    column: str
    flag: Flag


@dataclass(frozen=True)
class Checked:
    """A block of rows as columns of values (None: empty), and what is wrong in it."""

    values: dict[str, list[Value | None]]
    wrong: list[Wrong]
    rows: int

    @property
    def good(self) -> list[int]:
        """The rows without anything wrong, in their order."""
        bad = {wrong.row for wrong in self.wrong}
        return [row for row in range(self.rows) if row not in bad]


def check(
    schema: Schema,
    columns: Mapping[str, Cells],
    rows: int,
    today: date,
    regions: Regions = None,
    spoilt: Iterable[Spoilt] = (),
) -> Checked:
    """Read every cell of a block given by columns of cleaned text; a missing column is empty."""
    wrong = [
        Wrong(cell.row, cell.column, cell.flag.words) for cell in spoilt if cell.flag in SPOILT
    ]
    told = {(one.row, one.column) for one in wrong}
    values: dict[str, list[Value | None]] = {}
    for column in schema.columns:
        cells = columns.get(column.name)
        if cells is None:
            values[column.name] = [None] * rows
            continue
        read, problems = read_column(column, cells, today, regions)
        values[column.name] = read
        wrong += [
            Wrong(at, column.name, str(read[at]))
            for at in problems
            if (at, column.name) not in told
        ]
    wrong += _out_of_order(schema, values)
    wrong += _against_number(schema, values)
    return Checked(values, wrong, rows)


def read_column(
    column: Column, cells: Cells, today: date, regions: Regions
) -> tuple[list[Value | None], list[int]]:
    """The values of a column, and where they are problems."""
    if column.type is Type.ID_NUMBER:
        return _identity(column, cells, today)
    read, doubtful = plain_cells(column, cells)
    some = [cells[at] for at in doubtful] if len(doubtful) < len(cells) else cells
    known = {text: _one(column, text, today, regions) for text in set(some)}
    bad = {text for text, value in known.items() if isinstance(value, Problem)}
    if some is cells:
        problems = [at for at, text in enumerate(cells) if text in bad] if bad else []
        return [known[text] for text in cells], problems
    for at, text in zip(doubtful, some, strict=True):
        read[at] = known[text]
    return read, [at for at, text in zip(doubtful, some, strict=True) if text in bad]


def _one(column: Column, text: str | None, today: date, regions: Regions) -> Value | None:
    plain = clean(text or "")
    if plain in _NOTHING:
        return EMPTY if column.required else None
    if plain.startswith("="):
        return FORMULA
    value = READERS[column.type](plain, column, regions)
    if column.past and isinstance(value, date) and value > today:
        return Problem("日期在今天以后，请核对")
    if column.past and isinstance(value, date) and not possible_birth(value, today):
        return Problem(f"日期早于 {ages().oldest} 年前，请核对")
    if column.type is Type.ID_NUMBER and not isinstance(value, Problem):
        born = date.fromisoformat(_birth_of(str(value)))
        return value if possible_birth(born, today) else Problem("里面的出生日期不可能，请核对")
    return value


def _identity(column: Column, cells: Cells, today: date) -> tuple[list[Value | None], list[int]]:
    """Numbers of 18 places in one sweep; all others one by one."""
    read: list[Value | None] = list(cells)
    others = np.flatnonzero(~_valid_numbers(cells, today)).tolist()
    for at in others:
        read[at] = _one(column, cells[at], today, None)
    return read, [at for at in others if isinstance(read[at], Problem)]


def _valid_numbers(cells: Cells, today: date) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which cells are identity numbers of 18 places, without doubt; bool (n,)."""
    if not cells:
        return np.zeros(0, dtype=np.bool_)
    points = np.array([cell or "" for cell in cells], dtype="U19").view(np.uint32)
    points = points.reshape(len(cells), 19)
    digits = points[:, :17].astype(np.int32) - 48
    month = digits[:, 10] * 10 + digits[:, 11]
    day = digits[:, 12] * 10 + digits[:, 13]
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
    # The days 29 to 31, the first and last possible years, and small x, are looked at one by one.
    fine: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        ((digits >= 0) & (digits <= 9)).all(axis=1)
        & (points[:, 18] == 0)
        & (month >= 1)
        & (month <= 12)
        & (day >= 1)
        & (day <= 28)
        & (year > today.year - ages().oldest)
        & (year < today.year)
    )
    for at in np.flatnonzero(fine).tolist():
        number = str(cells[at])
        fine[at] = number[17] == ric.calc_check_digit(number)
    return fine


def _out_of_order(schema: Schema, values: dict[str, list[Value | None]]) -> list[Wrong]:
    wrong = []
    for column in schema.columns:
        if not column.not_before:
            continue
        earlier = schema.column(column.not_before).title
        pairs = zip(values[column.name], values[column.not_before], strict=True)
        for at, (late, early) in enumerate(pairs):
            if isinstance(late, date) and isinstance(early, date) and late < early:
                wrong.append(Wrong(at, column.name, f"早于{earlier}，请核对"))
    return wrong


def _against_number(schema: Schema, values: dict[str, list[Value | None]]) -> list[Wrong]:
    """Sex, birth date and days before the birth that the row's own identity number contradicts: one
    of the two is wrong, and only who wrote the row can tell which.
    """
    numbers = values.get("id_number")
    if numbers is None:
        return []
    wrong = []
    says = {"sex": (_sex_of, "性别"), "birth_date": (_birth_of, "出生日期")}
    for fact in schema.facts:
        if fact.kind not in says:
            continue
        read, title = says[fact.kind]
        for at, (number, said) in enumerate(zip(numbers, values[fact.column], strict=True)):
            if number is None or said is None or isinstance(number, Problem):
                continue
            if not isinstance(said, Problem) and str(said) != read(str(number)):
                reason = f"和身份证号里的{title}不一致，请核对这一格和身份证号"
                wrong.append(Wrong(at, fact.column, reason))
    births = {fact.column for fact in schema.facts if fact.kind == "birth_date"}
    for column in schema.columns:
        if column.type is not Type.DATE or column.name in births:
            continue
        for at, (number, day) in enumerate(zip(numbers, values[column.name], strict=True)):
            if number is None or isinstance(number, Problem) or not isinstance(day, date):
                continue
            if day.isoformat() < _birth_of(str(number)):
                reason = "早于身份证号里的出生日期，请核对这一格和身份证号"
                wrong.append(Wrong(at, column.name, reason))
    return wrong


def _sex_of(number: str) -> str:
    return "m" if int(number[16]) % 2 else "f"


def _birth_of(number: str) -> str:
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
