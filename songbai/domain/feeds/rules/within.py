"""What the rows of one delivery say against each other. Pure.

Rows that contradict each other are all sent back: which of them is right only their sender knows,
and what chance has written nobody finds again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .cells import Value
from .schema import AS_OF, Schema, Type


@dataclass(frozen=True)
class Line:
    """A row of a delivery by its place in the file; ``values`` by column, None for nothing and for
    what cannot be read.
    """

    number: int
    values: Mapping[str, Value | None]


@dataclass(frozen=True)
class Contradiction:
    """A row says something in a column that another row of the delivery contradicts."""

    number: int
    column: str
    reason: str


_END = "两行都没有写入，请核对后改好再交一次"


def contradictions(
    schema: Schema, lines: Sequence[Line], other_name: Callable[[str, str], bool]
) -> list[Contradiction]:
    """What rows say against each other, each row's first doubt in each column.

    One number with two names; one record of two numbers; one record, or one person by two records,
    that says two things of one moment. ``other_name``: whether two names are of two people.
    """
    number = number_column(schema)
    found: dict[tuple[int, str], Contradiction] = {}
    for one, other, column, what in _pairs(schema, number, lines, other_name):
        for row, against in ((one, other), (other, one)):
            found.setdefault(
                (row.number, column),
                Contradiction(row.number, column, f"和第 {against.number} 行{what}。{_END}"),
            )
    return sorted(found.values(), key=lambda one: (one.number, one.column))


def number_column(schema: Schema) -> str:
    """The column of the number that says who, or which organisation, a row is about."""
    wanted = Type.USCC if schema.subject == "organisation" else Type.ID_NUMBER
    return next(column.name for column in schema.columns if column.type is wanted)


_Pair = tuple[Line, Line, str, str]


def _pairs(
    schema: Schema, number: str, lines: Sequence[Line], other_name: Callable[[str, str], bool]
) -> Iterator[_Pair]:
    title = schema.column(number).title
    for group in _groups(lines, lambda line: line.values.get(number)):
        yield from (
            (one, other, "name", f"是同一个{title}，姓名却不同")
            for one, other in _differing(group, "name", other_name)
        )
    records = _groups(lines, lambda line: _all(line, schema.source_id))
    for group in records:
        yield from (
            (one, other, number, f"是同一条记录，{title}却不同")
            for one, other in _differing(group, number)
        )
    # The same moment: a later word about a record is no contradiction but news.
    moment = () if schema.observed_at == AS_OF else (schema.observed_at,)
    of_record = [column.name for column in schema.columns if column.name != number]
    yield from _at_once(schema, lines, (*schema.source_id, *moment), of_record, "是同一条记录")
    # Periods may follow one another; of what has none, and on a complete list, there is one.
    of_person = [
        fact.column for fact in schema.facts if not fact.valid_from or fact.kind in schema.complete
    ]
    yield from _at_once(schema, lines, (number, *moment), of_person, f"是同一个{title}")


def _at_once(
    schema: Schema, lines: Sequence[Line], by: Sequence[str], columns: Sequence[str], what: str
) -> Iterator[_Pair]:
    for group in _groups(lines, lambda line: _all(line, by)):
        for column in columns:
            title = schema.column(column).title
            yield from (
                (one, other, column, f"{what}，{title}却不同")
                for one, other in _differing(group, column)
            )


def _groups(lines: Iterable[Line], key: Callable[[Line], object | None]) -> Iterator[list[Line]]:
    """Rows that name the same thing, where more than one does."""
    found: defaultdict[object, list[Line]] = defaultdict(list)
    for line in lines:
        named = key(line)
        if named is not None:
            found[named].append(line)
    return (group for group in found.values() if len(group) > 1)


def _all(line: Line, columns: Sequence[str]) -> tuple[Value, ...] | None:
    said = [line.values.get(column) for column in columns]
    full = tuple(value for value in said if value is not None)
    return full if len(full) == len(said) else None


def _differing(
    group: Sequence[Line], column: str, differ: Callable[[str, str], bool] | None = None
) -> Iterator[tuple[Line, Line]]:
    """Each row with the first one that says something else in a column."""
    kinds: dict[str, Line] = {}
    for line in group:
        value = line.values.get(column)
        if value is not None:
            kinds.setdefault(_text(value), line)
    if len(kinds) < 2:
        return
    for line in group:
        value = line.values.get(column)
        if value is None:
            continue
        mine = _text(value)
        other = next(
            (
                first
                for said, first in kinds.items()
                if said != mine and (differ is None or differ(mine, said))
            ),
            None,
        )
        if other is not None:
            yield line, other


def _text(value: Value) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
