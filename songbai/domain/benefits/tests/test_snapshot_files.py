"""Files of a snapshot tell nothing to who has the disk and not the keys."""

import os
from pathlib import Path

import duckdb
import pytest
from django.test import override_settings

from songbai.core import record
from songbai.core.crypto import decrypt_bytes, encrypt_bytes, rotation
from songbai.core.overriding import triggers_of
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.models import SnapshotFile
from tests.cast import Cast

from .frozen import freeze

KEYS = record.field_keys()


@pytest.fixture
def file(cast: Cast) -> SnapshotFile:
    """The facts of ninety people."""
    return SnapshotFile.objects.get(snapshot=freeze())


def count(file: SnapshotFile) -> int:
    with lakes.engine_alone() as engine:
        [(found,)] = engine.execute(
            f"SELECT count(region) FROM {lakes.verified(engine, file)}"
        ).fetchall()
    return int(found)


def path_of(file: SnapshotFile) -> Path:
    return lakes.folder() / file.name


def test_who_has_the_file_reads_nothing(file: SnapshotFile) -> None:
    content = path_of(file).read_bytes()
    assert content.startswith(b"PARE")  # also the names of columns and their bounds are encrypted
    assert b"region" not in content
    with duckdb.connect() as engine, pytest.raises(duckdb.Error, match="encrypted"):
        engine.execute(f"FROM read_parquet('{path_of(file)}')")
    assert count(file) == 90


def test_another_key_does_not_open_it(file: SnapshotFile) -> None:
    file.key = encrypt_bytes(os.urandom(lakes.KEY_BYTES))
    with pytest.raises(duckdb.Error, match="key"):
        count(file)


def test_each_file_has_a_key_of_its_own(file: SnapshotFile) -> None:
    other = SnapshotFile.objects.get(snapshot=freeze(9))
    assert decrypt_bytes(file.key) != decrypt_bytes(other.key)
    assert decrypt_bytes(file.key) not in bytes(file.key)


def test_a_new_field_key_writes_the_keys_anew_and_leaves_the_files(file: SnapshotFile) -> None:
    before = path_of(file).read_bytes()
    [table] = [t for t in rotation.tables() if t.name == SnapshotFile._meta.db_table]
    with override_settings(FIELD_KEYS=KEYS | {"current": "9", "9": os.urandom(16).hex()}):
        assert rotation.rotate(table, lambda _: None) == 1
        file.refresh_from_db()
        assert bytes(file.key)[0] == 9
        assert count(file) == 90
        assert path_of(file).read_bytes() == before


def test_a_file_of_before_there_were_keys_is_read(file: SnapshotFile, tmp_path: Path) -> None:
    plain = tmp_path / "plain.parquet"
    duckdb.sql("SELECT 1 AS region").write_parquet(str(plain))
    path_of(file).write_bytes(plain.read_bytes())
    with triggers_of(SnapshotFile._meta.db_table):
        SnapshotFile.objects.update(
            key=b"", sha256=lakes.sha256_of(plain), bytes=plain.stat().st_size
        )
    file.refresh_from_db()
    assert count(file) == 1


def test_a_snapshot_is_deciphered_for_another_engine(file: SnapshotFile, tmp_path: Path) -> None:
    target = tmp_path / "facts.parquet"
    with lakes.frozen(file.snapshot) as people:
        people.to_parquet(target)
    assert len(duckdb.sql(f"FROM read_parquet('{target}')").fetchall()) == 90


def test_the_engine_reaches_no_network() -> None:
    with lakes.engine_alone() as engine, pytest.raises(duckdb.Error, match="disabled"):
        engine.execute("FROM read_csv('http://127.0.0.1:1/people.csv')")
