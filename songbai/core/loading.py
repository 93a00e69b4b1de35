"""Many rows at once: for volume only (a register, a demo district, a benchmark).

Rows are made by the functions the actions use and sent by COPY; triggers stay on. A room's
``loading.py`` stands beside its actions, and ``tests/test_loading.py`` holds what it loads to what
its actions write.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.base import ModelState
from psycopg.types.json import Jsonb

from songbai.core import sql

#: A column: one value per row, or one value for all rows. Moments without a zone are UTC.
Column = Any
Columns = Mapping[str, Column]
M = TypeVar("M", bound=models.Model)
IntArray = np.ndarray[Any, np.dtype[np.int64]]

_HELD = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('f', 'u', 'x')
ORDER BY contype = 'f' DESC, conrelid, conname
"""
_INDEXED = """
SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY (%s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')
ORDER BY i.indrelid, c.relname
"""


class Load:
    """Rows that wait to be written, and the row numbers they have been given.

    Nobody else may write the tables meanwhile: numbers are taken here, not from their sequences.
    """

    def __init__(self) -> None:
        self._waiting: dict[type[models.Model], list[models.Model]] = {}
        self._next: dict[type[models.Model], int] = {}

    def take(self, model: type[models.Model], count: int) -> IntArray:
        """The next ``count`` row numbers of a table, behind what is there."""
        if model not in self._next:
            last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
            self._next[model] = (last or 0) + 1
        first = self._next[model]
        self._next[model] += count
        return np.arange(first, first + count)

    def add(self, row: M) -> M:
        """Let a row wait; it has its number at once."""
        model = type(row)
        if row.pk is None:
            if model not in self._next:
                self.take(model, 0)
            row.pk = self._next[model]
            self._next[model] += 1
        self._waiting.setdefault(model, []).append(row)
        return row

    def write(self, model: type[models.Model], columns: Columns) -> int:
        """Append rows by whole columns; returns how many. At least one is a list or an array.

        Raises KeyError for a column that is missing and has no default.
        """
        count = next(len(c) for c in columns.values() if isinstance(c, list) or np.ndim(c))
        fields = model._meta.concrete_fields
        _copy(fields, zip(*(_values(field, columns, count) for field in fields), strict=False))
        return count

    def flush(self) -> int:
        """Write all waiting rows, tables in the order of their first row; returns how many."""
        waiting, self._waiting = self._waiting, {}
        for model, rows in waiting.items():
            fields = model._meta.concrete_fields
            taken = map(itemgetter(*(field.attname for field in fields)), map(vars, rows))
            columns = map(_cells, fields, zip(*taken, strict=True))
            _copy(fields, zip(*columns, strict=True))
        for model, after in self._next.items():
            sql.run(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)",
                [model._meta.db_table, after],
            )
        for model in waiting:
            self._next.pop(model, None)
        return sum(map(len, waiting.values()))


def columns_of(model: type[models.Model], rows: Sequence[object]) -> dict[str, list[Any]]:
    """The columns of a table that rows (at least one) have as attributes of the same name."""
    names = [field.attname for field in model._meta.concrete_fields]
    return {n: [getattr(row, n) for row in rows] for n in names if hasattr(rows[0], n)}


@cache
def fresh(model: type[M]) -> Callable[..., M]:
    """Makes new rows of a model, as its class does, several times faster.

    No signals are sent; whoever gives a related row may also give its number alone.
    """
    fields = model._meta.concrete_fields
    related = {field.name: field.attname for field in fields if field.is_relation}
    drawn = {f.attname: f.default for f in fields if f.has_default() and callable(f.default)}
    blank = {f.attname: f.get_default() for f in fields if f.attname not in drawn}

    def make(**values: Any) -> M:
        row = model.__new__(model)
        row._state = ModelState()
        said = vars(row)
        said.update(blank)
        for name, value in values.items():
            if name in related:
                said[related[name]] = None if value is None else value.pk
                row._state.fields_cache[name] = value
            else:
                said[name] = value
        for name, default in drawn.items():
            if name not in values:
                said[name] = default()
        return row

    return make


def _copy(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = fields[0].model._meta.db_table
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as into:
        for row in rows:
            into.write_row(row)


def _values(field: Any, columns: Columns, count: int) -> Iterable[Any]:
    column = columns.get(field.attname, _MISSING)
    if column is _MISSING:
        if field.has_default() and callable(field.default):
            return _cells(field, [field.default() for _ in range(count)])
        return _cells(field, repeat(_default(field), count))
    whole = isinstance(column, list) or np.ndim(column) > 0
    if isinstance(column, np.ndarray | np.generic):
        column = column.tolist()
    return _cells(field, column if whole else repeat(column, count))


_MISSING = object()


def _default(field: Any) -> Any:
    """What the model itself would put there. Raises KeyError when it would put nothing."""
    if field.has_default():
        return field.get_default()
    if field.null:
        return None
    if field.blank and field.empty_strings_allowed:
        return ""
    raise KeyError(f"{field.model._meta.label}.{field.column}")


def _cells(field: Any, values: Iterable[Any]) -> Iterable[Any]:
    """Values as psycopg writes them; text is taken for what COPY reads."""
    if isinstance(field, models.JSONField):
        return (value if isinstance(value, str) else Jsonb(value) for value in values)
    if isinstance(field, ArrayField):
        return (list(value) if isinstance(value, tuple) else value for value in values)
    return values


@contextlib.contextmanager
def without_indexes(
    tables: Sequence[type[models.Model]], stage: Callable[[str, Callable[[], int]], None]
) -> Iterator[None]:
    """Run the block without secondary indexes, unique constraints and foreign keys of the tables.

    ``stage`` runs the building at the end, with its name. What breaks a constraint is found when it
    comes back, over the whole table at once.
    """
    names = [model._meta.db_table for model in tables]
    found: list[tuple[Any, ...]] = []
    for query in (_HELD, _INDEXED):
        here = sql.rows(query, [names])
        found += here
        for drop, _ in here:
            sql.run(drop)
    yield

    def restore() -> int:
        sql.run("SET maintenance_work_mem = '512MB'")
        for _, create in reversed(found):
            sql.run(create)
        return len(found)

    stage("索引和约束", restore)
