"""Writing whole tables by COPY: columns of arrays, lists or single values become rows of text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice, repeat
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, models

#: A column: one value per row, or one value for all rows.
Column = Any
Columns = Mapping[str, Column]
NULL = "\\N"
CHUNK = 20_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def cell(value: object) -> str:
    """One value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return "{" + ",".join(f'"{part}"' for part in value) + "}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return str(value)


def cells(column: Column) -> Iterable[str]:
    """A column as text: tuples are arrays, lists and dicts JSON, datetime64 is UTC."""
    if isinstance(column, np.ndarray):
        return _array_cells(column) if column.ndim else repeat(_array_cells(column[None])[0])
    if isinstance(column, list):
        return _list_cells(column)
    return repeat(cell(column))


def _list_cells(column: list[Any]) -> Iterable[str]:
    """Most lists hold one simple type: then nothing is looked at one by one."""
    kinds = set(map(type, column))
    if kinds == {str}:
        whole = "".join(column)
        return map(cell, column) if any(mark in whole for mark in "\\\t\n\r") else column
    if kinds <= {int, UUID}:
        return map(str, column)
    return map(cell, column)


def _array_cells(column: np.ndarray[Any, Any]) -> list[str]:
    if column.dtype.kind == "M":
        text = np.datetime_as_string(column, unit="D" if column.dtype == "M8[D]" else "s")
        missing = np.isnat(column)
        ending = "" if column.dtype == "M8[D]" else "+00"
        found: list[str] = np.char.add(text, ending).tolist()
        for row in np.flatnonzero(missing).tolist():
            found[row] = NULL
        return found
    if column.dtype.kind == "b":
        flags: list[str] = np.where(column, "t", "f").tolist()
        return flags
    if column.dtype.kind == "U":
        return list(_list_cells(column.tolist()))
    return [str(value) for value in column.tolist()]


def text(columns: Columns, count: int) -> Iterator[bytes]:
    """Blocks of COPY text of ``count`` rows."""
    rows = zip(*(cells(column) for column in columns.values()), strict=False)
    for begin in range(0, count, CHUNK):
        size = min(CHUNK, count - begin)
        block = "\n".join(map("\t".join, islice(rows, size)))
        yield (block + "\n").encode()


def missing_columns(model: type[models.Model], columns: Columns) -> Columns:
    """Columns of the table that were not given, with the model's own defaults.

    Raises KeyError for a column that has none.
    """
    found: dict[str, Column] = {}
    for field in model._meta.concrete_fields:
        column = str(field.column)
        if column in columns:
            continue
        if field.has_default() and field.default is list:
            found[column] = () if hasattr(field, "base_field") else "[]"
        elif field.has_default() and not callable(field.default):
            found[column] = field.default
        elif field.null:
            found[column] = None
        elif field.blank and field.empty_strings_allowed:
            found[column] = ""
        else:
            raise KeyError(f"{model._meta.label}.{column}")
    return found


def write(model: type[models.Model], columns: Columns) -> int:
    """Append rows; returns how many. At least one column is a list or an array."""
    count = next(len(c) for c in columns.values() if isinstance(c, list) or np.ndim(c))
    if count:
        whole = {**columns, **missing_columns(model, columns)}
        copy(model, list(whole), text(whole, count))
    return count


def copy(model: type[models.Model], names: Sequence[str], blocks: Iterable[bytes]) -> None:
    """Send blocks of COPY text to a table."""
    quoted = ", ".join(f'"{name}"' for name in names)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({quoted}) FROM STDIN') as stream,
    ):
        for block in blocks:
            stream.write(block)


def spans(starts: np.ndarray[Any, Any], ends: np.ndarray[Any, Any]) -> list[str]:
    """Half-open ranges of moments (datetime64[s], UTC) as text."""
    return [
        f'["{start}+00","{end}+00")'
        for start, end in zip(
            np.datetime_as_string(starts).tolist(),
            np.datetime_as_string(ends).tolist(),
            strict=True,
        )
    ]


class Numbers:
    """Row numbers for tables written by COPY; continues behind what is there."""

    def __init__(self) -> None:
        self.first: dict[type[models.Model], int] = {}
        self._next: dict[type[models.Model], int] = {}

    def take(self, model: type[models.Model], count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The next ``count`` row numbers."""
        if model not in self._next:
            last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
            self.first[model] = self._next[model] = (last or 0) + 1
        first = self._next[model]
        self._next[model] += count
        return np.arange(first, first + count)

    def settle(self) -> None:
        """Set each table's sequence behind the last number taken."""
        with connection.cursor() as cursor:
            for model, after in self._next.items():
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)",
                    [model._meta.db_table, after],
                )
