"""The engine, its files and the tables it hands to the record."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import ibis
from django.db import connection
from psycopg.conninfo import make_conninfo

from songbai.core import record, whole
from songbai.core.crypto import decrypt_bytes, encrypt_bytes
from songbai.core.errors import Mendable
from songbai.domain.benefits.models import Snapshot, SnapshotFile
from songbai.domain.benefits.rules.cycle import FileKind

#: The name under which the record is attached.
RECORD = "record"
_SCANNER = "postgres_scanner"
#: The engine's own encryption is slow, and draws numbers that can be guessed: this brings OpenSSL.
_OPENSSL = "httpfs"
#: What else it brings.
_NETWORK = "HTTPFileSystem,S3FileSystem,HuggingFaceFileSystem"
_ADDRESS = ("host", "port", "dbname", "user", "password")
_CHUNK = 1 << 22
#: Bytes of a file's own key.
KEY_BYTES = 32


class SnapshotDamaged(Mendable):
    """冻结的资料文件和登记的校验值不一致，不能使用。请联系管理员。"""


class SnapshotMissing(Mendable):
    """找不到冻结的资料文件，可能被移走了。请联系管理员。"""


def folder() -> Path:
    """Where the snapshots of this record lie."""
    found = record.home() / "lake" / str(connection.settings_dict["NAME"])
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


@contextmanager
def engine_alone() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine of one's own that encrypts and decrypts by OpenSSL, and reaches no network."""
    _verified_extensions()
    engine = duckdb.connect(
        config={
            "temp_directory": str(folder() / "spill"),
            "temp_file_encryption": "true",
            "allow_unsigned_extensions": "true",  # read once already
        }
    )
    try:
        engine.execute(f"LOAD {_OPENSSL}")
        engine.execute(f"SET disabled_filesystems = '{_NETWORK}'")
        yield engine
    finally:
        engine.close()


@contextmanager
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """The same with the record attached."""
    with engine_alone() as engine:
        engine.execute(f"LOAD {_SCANNER}")
        engine.execute("SET preserve_insertion_order = false")
        engine.execute(f"ATTACH '{_quoted(_address())}' AS {RECORD} (TYPE postgres)")
        yield engine


@cache
def _verified_extensions() -> None:
    """The signature is asked for once a process: reading all of it takes longer than most work."""
    from duckdb_extensions import import_extension

    with duckdb.connect() as engine:
        for name in (_OPENSSL, _SCANNER):
            import_extension(name)
            engine.execute(f"LOAD {name}")


def _address() -> str:
    given = connection.get_connection_params()
    return make_conninfo(**{key: given[key] for key in _ADDRESS if given.get(key)})


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def asked_of_record(sql: str) -> str:
    """A FROM clause of what the record answers to a query it runs itself."""
    return f"postgres_query('{RECORD}', '{_quoted(sql)}')"


def told_to_record(engine: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Have the record run a statement in the engine's own session."""
    engine.execute(f"CALL postgres_execute('{RECORD}', '{_quoted(sql)}')")


def partition(snapshot_id: int) -> str:
    """The table that holds the decisions of a snapshot."""
    return f"benefits_decision_{int(snapshot_id)}"


def hand_over(engine: duckdb.DuckDBPyConnection, sql: str, table: str, columns: str) -> int:
    """Write a query's rows into a table of the record's own, without indexes.

    The table is there whole or not at all, and holds these rows only; returns how many.
    """
    engine.execute("BEGIN")
    told_to_record(engine, f"DROP TABLE IF EXISTS {table}")
    told_to_record(engine, f"CREATE TABLE {table} ({columns})")
    told_to_record(engine, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    engine.execute("CALL pg_clear_cache()")
    names = ", ".join(row[0] for row in engine.execute(f"DESCRIBE {sql}").fetchall())
    [(rows,)] = engine.execute(f"INSERT INTO {RECORD}.public.{table} ({names}) {sql}").fetchall()
    engine.execute("COMMIT")
    return int(rows)


def write(engine: duckdb.DuckDBPyConnection, sql: str, name: str) -> SnapshotFile:
    """Write a query's rows as Parquet, whole or not at all; a file of this name is replaced.

    The caller keeps what is returned in the record, with whose and what it is. Every file has a key
    of its own (Parquet modular encryption, AES-256-GCM), drawn here and kept encrypted.
    """
    key = os.urandom(KEY_BYTES)
    with whole.draft(folder() / name) as draft:
        engine.execute("SET preserve_insertion_order = true")
        locked = _with_key(engine, name, key)
        [(rows,)] = engine.execute(
            f"COPY ({sql}) TO '{_quoted(str(draft))}'"
            f" (FORMAT parquet, COMPRESSION lz4_raw, ENCRYPTION_CONFIG {locked})"
        ).fetchall()
        engine.execute("SET preserve_insertion_order = false")
        draft.chmod(0o600)
        return SnapshotFile(
            name=name,
            sha256=sha256_of(draft),
            rows=int(rows),
            bytes=draft.stat().st_size,
            key=encrypt_bytes(key),
        )


def _with_key(engine: duckdb.DuckDBPyConnection, name: str, key: bytes) -> str:
    """Let the engine have the key of a file; what to say where the file is named."""
    text = b64encode(key).decode()
    engine.execute(f"PRAGMA add_parquet_key('{_quoted(name)}', '{text}')")
    return f"{{footer_key: '{_quoted(name)}'}}"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            found.update(block)
    return found.hexdigest()


@contextmanager
def frozen(snapshot: Snapshot) -> Iterator[ibis.Table]:
    """What a snapshot froze of everybody, on an engine of its own.

    Raises SnapshotMissing, SnapshotDamaged.
    """
    file = SnapshotFile.objects.get(snapshot=snapshot, kind=FileKind.FACTS)
    with engine_alone() as engine:
        engine.execute(f"CREATE VIEW people AS FROM {verified(engine, file)}")
        yield ibis.duckdb.from_connection(engine).table("people")


def verified(engine: duckdb.DuckDBPyConnection, file: SnapshotFile) -> str:
    """``read_parquet(…)`` of a file of a snapshot whose content is what was recorded, for an engine
    that gets its key. Files of before they had keys are plain.

    Raises SnapshotMissing, SnapshotDamaged, Undecipherable.
    """
    path = folder() / file.name
    if not path.exists():
        raise SnapshotMissing
    if path.stat().st_size != file.bytes or sha256_of(path) != file.sha256:
        raise SnapshotDamaged
    place, key = _quoted(str(path)), decrypt_bytes(file.key)
    if not key:
        return f"read_parquet('{place}')"
    return f"read_parquet('{place}', encryption_config = {_with_key(engine, file.name, key)})"
