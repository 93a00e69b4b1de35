"""From a block of cells to rows that can be matched and kept: checked, sealed, dated.

Used alike by writing and by a preview.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np

from songbai.core import clock
from songbai.core.crypto import blind_index_many
from songbai.domain.feeds.reading.pieces import Block
from songbai.domain.feeds.rules.cells import Value
from songbai.domain.feeds.rules.rows import Cells, Spoilt, Wrong, check
from songbai.domain.feeds.rules.schema import AS_OF, WITHDRAWN, Schema, Type
from songbai.domain.matching.queries.rows import Rows

#: Bytes kept of a source id or of a row's content: they are only compared.
SHORT = 16

Values = dict[str, list[Value | None]]
#: By a row's place in the file (as text): its ``[{column, title, reason}]``.
Problems = Mapping[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Refusal:
    """A row that goes back: its place in the file, its cells, and what is wrong in which column."""

    number: int
    cells: dict[str, str]
    problems: list[dict[str, str]]


@dataclass(frozen=True)
class Prepared:
    """The good rows of a block as columns of one length, and the refused ones.

    ``at``: the row in the block. ``keys``/``contents``: 16-byte keyed digests of the source id and
    of everything the row says. ``observed``: when its department knew it. ``id_indexes``: blind
    indexes of identity numbers, empty for organisations; ``old_numbers`` are rows whose number had
    15 places and so no check character.
    """

    block: Block
    at: list[int]
    numbers: list[int]
    values: Values
    keys: list[bytes]
    contents: list[bytes]
    observed: list[datetime]
    id_indexes: list[bytes]
    old_numbers: set[int]
    refusals: list[Refusal]

    def __len__(self) -> int:
        return len(self.at)

    def is_taken_back(self, row: int) -> bool:
        """Whether a row says that its department takes the record back."""
        said = self.values.get(WITHDRAWN)
        return bool(said and said[row])

    def says_left(self, schema: Schema, row: int) -> bool:
        """Whether a row says that somebody left."""
        how = schema.leaving
        return how is not None and self.values[how.column][row] == how.code

    def cells(self, row: int) -> dict[str, str]:
        """A good row as it came, by heading."""
        return self.block.cells(self.at[row])


def prepare(
    schema: Schema,
    places: Mapping[str, str],
    block: Block,
    as_of: datetime,
    regions: Mapping[str, str] | None,
    against: Problems | None = None,
) -> Prepared:
    """Check a block and seal its good rows. ``places``: column → heading, of the layout;
    ``against``: rows that other rows of the delivery contradict, which are not good.
    """
    columns: dict[str, Cells] = {
        name: block.columns[heading] for name, heading in places.items() if heading in block.columns
    }
    today = clock.today()
    checked = check(schema, columns, len(block.numbers), today, regions, _spoilt(places, block))
    checked = replace(checked, wrong=[*checked.wrong, *_against(block, against or {})])
    good = checked.good
    whole = len(good) == checked.rows
    values = {
        name: column if whole else [column[row] for row in good]
        for name, column in checked.values.items()
    }
    observed = _observed(schema, values, as_of, len(good))
    said = [values[column.name] for column in schema.columns if column.name != schema.observed_at]
    return Prepared(
        block=block,
        at=good,
        numbers=[block.numbers[row] for row in good],
        values=values,
        keys=short_digests(
            joined([[schema.code] * len(good), *(values[name] for name in schema.source_id)])
        ),
        contents=short_digests(joined(said)),
        observed=observed,
        id_indexes=blind_index_many(map(str, values["id_number"])) if "id_number" in values else [],
        old_numbers=_old_numbers(columns.get("id_number", ()), good),
        refusals=_refusals(schema, block, checked.wrong),
    )


def _spoilt(places: Mapping[str, str], block: Block) -> list[Spoilt]:
    if not block.marks:
        return []
    column_of = {heading: name for name, heading in places.items()}
    row_of = {number: row for row, number in enumerate(block.numbers)}
    return [
        Spoilt(row_of[number], column_of[heading], flag)
        for number, heading, flag in block.marks
        if heading in column_of and number in row_of
    ]


def _against(block: Block, against: Problems) -> list[Wrong]:
    if not against:
        return []
    return [
        Wrong(row, one["column"], one["reason"])
        for row, number in enumerate(block.numbers)
        for one in against.get(str(number), ())
    ]


def _old_numbers(cells: Cells, good: Sequence[int]) -> set[int]:
    if not cells:
        return set()
    return {at for at, row in enumerate(good) if len((cells[row] or "").strip()) == 15}


def _observed(schema: Schema, values: Values, as_of: datetime, rows: int) -> list[datetime]:
    if schema.observed_at == AS_OF:
        return [as_of] * rows
    days = values[schema.observed_at]
    moments = {day: _moment(day) for day in set(days)}
    return [moments[day] for day in days]


def _moment(day: object) -> datetime:
    """The beginning of a day in Shanghai, in UTC. The column is required, so there is a day."""
    if not isinstance(day, date):
        raise TypeError(f"not a day: {day!r}")
    return datetime.combine(day, time(), clock.SHANGHAI).astimezone(UTC)


def _refusals(schema: Schema, block: Block, wrong: Sequence[Wrong]) -> list[Refusal]:
    titles = {column.name: column.title for column in schema.columns}
    by_row: dict[int, list[dict[str, str]]] = {}
    for one in wrong:
        by_row.setdefault(one.row, []).append(
            {"column": one.column, "title": titles.get(one.column, ""), "reason": one.reason}
        )
    refused = [
        Refusal(block.numbers[row], block.cells(row), problems) for row, problems in by_row.items()
    ]
    refused += [
        Refusal(one.row, one.cells, [{"column": "", "title": "整行", "reason": one.problem}])
        for one in block.misfits
    ]
    return sorted(refused, key=lambda refusal: refusal.number)


def to_match(schema: Schema, rows: Prepared, which: Sequence[int]) -> Rows:
    """Some good rows as matching wants them."""
    numbers = [str(rows.values["id_number"][row]) for row in which]
    birth = np.array([f"{n[6:10]}-{n[10:12]}-{n[12:14]}" for n in numbers], dtype="datetime64[D]")
    phones = _column(schema, rows, which, Type.PHONE)
    return Rows(
        key=[rows.keys[row].hex() for row in which],
        name=[str(rows.values["name"][row] or "") for row in which],
        id_number_index=_digests([rows.id_indexes[row] for row in which]),
        birth_date=birth,
        sex=np.array(["f" if int(n[16]) % 2 == 0 else "m" for n in numbers], dtype="<U1"),
        region=np.array(_column(schema, rows, which, Type.REGION), dtype="<U12"),
        phone_index=_digests(blind_index_many(phones)),
        id_number_checked=np.array([row not in rows.old_numbers for row in which], dtype=bool),
        address=_column(schema, rows, which, Type.ADDRESS),
    )


def _column(schema: Schema, rows: Prepared, which: Sequence[int], kind: Type) -> list[str]:
    """The first column of a type, as text; empty texts when the feed has none."""
    name = next((column.name for column in schema.columns if column.type is kind), "")
    column = rows.values.get(name)
    return [str(column[row] or "") if column else "" for row in which]


def _digests(values: Sequence[bytes]) -> Any:
    return np.frombuffer(b"".join(value.ljust(32, b"\0") for value in values), dtype="V32")


def short_digests(texts: Iterable[str]) -> list[bytes]:
    """16-byte keyed digests (HMAC-SM3); blanks and small letters make no difference."""
    return [whole[:SHORT] for whole in blind_index_many(texts)]


def joined(columns: Sequence[Sequence[object]]) -> list[str]:
    """Rows of several columns as one text each; no cleaned cell holds the separator."""
    return ["\0".join(map(_text, row)) for row in zip(*columns, strict=True)]


def _text(value: object) -> str:
    return "" if value is None else str(value)
