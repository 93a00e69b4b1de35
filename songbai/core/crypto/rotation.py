"""Writing every encrypted column again under the current key, a few thousand rows at a time.

What is left to do is read from the rows themselves (the first byte of a ciphertext names its key),
so a killed run is resumed by starting it again. A batch is one short transaction; a row that
somebody changed in between is left to the next pass. No table is locked.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from songbai.core import record
from songbai.core.errors import Refused
from songbai.core.overriding import triggers_of
from songbai.core.sql import rows, run, value

from . import blind_index, decrypt, decrypt_bytes, encrypt_bytes, ring
from .fields import BlindIndexField, EncryptedField, encrypted, indexed

#: Rows re-encrypted in one transaction, and of columns that hold files.
BATCH, BULKY_BATCH, LOCKED_BATCH = 2_000, 8, 50
#: Passes over a table before somebody who keeps writing with an old key is reported.
PASSES = 5


class KeysFromEnvironment(Refused):
    """密钥由环境变量 SONGBAI_FIELD_KEYS 给出。

    请在那里加新密钥、改 current，重启全部进程后再运行 keys rotate。
    """


class KeyInUse(Refused):
    """还有数据是用这把密钥加密的，不能删。请先运行 songbai keys rotate。"""


@dataclass(frozen=True)
class Written:
    """How many values of one column were written with one key."""

    table: str
    column: str
    key_id: int
    rows: int


@dataclass(frozen=True)
class Table:
    """A table with encrypted columns, as SQL names."""

    name: str
    key: str
    key_type: str
    columns: tuple[str, ...]
    batch: int

    def other_key(self) -> str:
        """The condition: some column was written with another key than ``%s``."""
        return " OR ".join(
            f"(octet_length({c}) > 0 AND get_byte({c}, 0) <> %s)" for c in self.columns
        )


def tables() -> list[Table]:
    """Every table with encrypted columns."""
    return [_table(model, fields) for model, fields in encrypted()]


def _table(model: type[models.Model], fields: list[EncryptedField]) -> Table:
    return Table(
        model._meta.db_table,
        *_key(model),
        tuple(str(field.column) for field in fields),
        BULKY_BATCH if any(field.bulky for field in fields) else BATCH,
    )


def _key(model: type[models.Model]) -> tuple[str, str]:
    """Column and SQL type of the primary key."""
    key = model._meta.pk
    return str(key.column), str(key.rel_db_type(connection))


def status() -> list[Written]:
    """Values by column and key, read from the rows."""
    return [
        Written(table.name, column, *row)
        for table in tables()
        for column in table.columns
        for row in rows(
            f"SELECT get_byte({column}, 0), count(*) FROM {table.name}"
            f" WHERE octet_length({column}) > 0 GROUP BY 1 ORDER BY 1"
        )
    ]


def add_key() -> int:
    """Draw a new key, make it the current one in the file of secrets, and return its id.

    Running processes write with it about a second later. Raises KeysFromEnvironment.
    """
    if os.environ.get("SONGBAI_FIELD_KEYS"):
        raise KeysFromEnvironment
    new = max(ring.ids()) + 1
    if new > ring.HIGHEST:
        raise Refused("密钥编号用完了（255 把）。请先用 keys drop 删掉不用的旧密钥。")

    def change(kept: dict[str, str]) -> None:
        kept[f"field:{new}"] = secrets.token_hex(16)
        kept["field_current"] = str(new)

    record.change_secrets(change)
    settings.FIELD_KEYS = record.field_keys()
    # Who still writes with the old key has seen the new one after this.
    time.sleep(2 * ring.LOOK_EVERY)
    return new


def drop_key(key_id: int) -> None:
    """Forget a key no value is written with any more. Backups written with it become unreadable.

    Raises KeysFromEnvironment, KeyInUse.
    """
    if os.environ.get("SONGBAI_FIELD_KEYS"):
        raise KeysFromEnvironment
    if key_id in {ring.current()[0], 1} or any(row.key_id == key_id for row in status()):
        raise KeyInUse

    def change(kept: dict[str, str]) -> None:
        kept.pop(f"field:{key_id}", None)

    record.change_secrets(change)
    settings.FIELD_KEYS = record.field_keys()


def left(table: Table) -> int:
    """Rows of a table with a value under another key than the current one."""
    wrong = [ring.current()[0]] * len(table.columns)
    return int(value(f"SELECT count(*) FROM {table.name} WHERE {table.other_key()}", wrong))


def rotate(table: Table, advance: Callable[[int], None]) -> int:
    """Write all values of a table under the current key; returns how many rows were written.

    Raises Refused when after some passes rows of another key are still being written.
    """
    done = 0
    for again in range(PASSES):
        for batch in _batches(table, locked=again > 0):
            done += batch
            advance(batch)
        if not left(table):
            return done
    raise Refused(f"{table.name} 还在被旧密钥写入：请重启仍用旧密钥的进程，再运行一次。")


def _batches(table: Table, *, locked: bool) -> Iterator[int]:
    """Rewrite by primary key what has another key than the current one; yields rows written.

    The first pass locks nothing and leaves rows that change meanwhile. What is left after it, rows
    somebody changes all the time, is locked for the milliseconds of a small batch.
    """
    columns = ", ".join((table.key, *table.columns))
    size, lock = (min(table.batch, LOCKED_BATCH), "FOR UPDATE") if locked else (table.batch, "")
    last: Any = None
    while True:
        after = f"{table.key} > %s AND" if last is not None else ""
        values = [] if last is None else [last]
        with transaction.atomic():
            found = rows(
                f"SELECT {columns} FROM {table.name} WHERE {after} ({table.other_key()})"
                f" ORDER BY {table.key} LIMIT {size} {lock}",
                [*values, *[ring.current()[0]] * len(table.columns)],
            )
            if not found:
                return
            last = found[-1][0]
            written = _write(table, found)
        yield written


def _write(table: Table, rows: list[tuple[Any, ...]]) -> int:
    """Replace the values of rows nobody changed since they were read."""
    fresh = [
        [row[0], *((bytes(old or b""), encrypt_bytes(decrypt_bytes(old))) for old in row[1:])]
        for row in rows
    ]
    columns = [[row[0] for row in fresh]]
    for place in range(1, len(table.columns) + 1):
        columns += [[row[place][0] for row in fresh], [row[place][1] for row in fresh]]
    return _replace(table.name, (table.key, table.key_type), table.columns, columns)


def _replace(
    name: str, key: tuple[str, str], columns: tuple[str, ...], values: list[list[Any]]
) -> int:
    """Write new values where the old ones still stand."""
    names = ", ".join(f"old{i}, new{i}" for i in range(len(columns)))
    sets = ", ".join(f"{c} = v.new{i}" for i, c in enumerate(columns))
    same = " AND ".join(f"coalesce(t.{c}, '') = v.old{i}" for i, c in enumerate(columns))
    kinds = ["%s::text[]", *["%s::bytea[]"] * (2 * len(columns))]
    values = [[str(one) for one in values[0]], *values[1:]]
    # Rows that are never changed by anybody are rewritten here: their content stays the same.
    with triggers_of(name):
        run("SET LOCAL lock_timeout = '5s'")
        return run(
            f"UPDATE {name} t SET {sets} FROM unnest({', '.join(kinds)}) AS v(k, {names})"
            f" WHERE t.{key[0]} = v.k::{key[1]} AND {same}",
            values,
        )


def reindex(advance: Callable[[int], None]) -> int:
    """Make every blind index anew from its encrypted text; returns how many were wrong.

    For a new index key, with the web stopped: until the end, look-ups find only part. Running it
    again after a kill goes on.
    """
    return sum(_reindex(model, field, advance) for model, fields in indexed() for field in fields)


def not_reindexable() -> list[str]:
    """Index columns whose text is not kept."""
    return [
        f"{model._meta.db_table}.{field.column}"
        for model, fields in indexed()
        for field in fields
        if not field.of
    ]


def _reindex(
    model: type[models.Model], field: BlindIndexField, advance: Callable[[int], None]
) -> int:
    if not field.of:
        return 0
    table, (key, kind), source = model._meta.db_table, _key(model), field.of
    last, wrong = None, 0
    while True:
        after = f"WHERE {key} > %s" if last is not None else ""
        found = rows(
            f"SELECT {key}, {source}, {field.column} FROM {table} {after}"
            f" ORDER BY {key} LIMIT {BATCH}",
            [] if last is None else [last],
        )
        if not found:
            return wrong
        last = found[-1][0]
        pairs = [(pk, bytes(old or b""), blind_index(decrypt(text))) for pk, text, old in found]
        pairs = [pair for pair in pairs if pair[2] and pair[1] != pair[2]]
        if pairs:
            column = (str(field.column),)
            values = [list(part) for part in zip(*pairs, strict=True)]
            wrong += _replace(table, (key, kind), column, values)
        advance(len(found))
