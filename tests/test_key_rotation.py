"""A new key for everything encrypted, while others read and write."""

import threading

import pytest
from django.apps import apps
from django.db import connection, models
from pytest_django import Settings

from songbai.core.crypto import blind_index, decrypt, decrypt_bytes, encrypt, rotation
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.files.actions import Owner, store
from songbai.core.files.models import StoredFile
from songbai.core.files.queries import content_of
from songbai.domain.elders.models import Elder

from .cast import Cast
from .proofs import PDF


@pytest.fixture
def second_key(settings: Settings) -> int:
    """A second key is the current one."""
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "current": "2", "2": "ab" * 16}
    return 2


def everything() -> dict[str, list[bytes]]:
    """All that stands in encrypted columns, in plain: texts and keys."""
    found = {}
    with connection.cursor() as cursor:
        for table in rotation.tables():
            for column in table.columns:
                cursor.execute(f"SELECT {column} FROM {table.name} ORDER BY {table.key}")
                rows = cursor.fetchall()
                found[f"{table.name}.{column}"] = [decrypt_bytes(value) for (value,) in rows]
    return found


def rotate_all() -> int:
    return sum(rotation.rotate(table, lambda _: None) for table in rotation.tables())


def test_every_binary_column_says_what_it_holds() -> None:
    vague = [
        str(field)
        for model in apps.get_models()
        if model.__module__.startswith("songbai.")
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.BinaryField)
        and not isinstance(field, EncryptedField | BlindIndexField)
        # A digest of at most 32 bytes says nothing anybody could read.
        and (field.max_length or 1_000) > 32
    ]
    assert vague == []


def test_everything_is_written_again_and_says_the_same(cast: Cast, second_key: int) -> None:
    before = everything()
    assert rotate_all() > 10
    assert everything() == before
    assert {row.key_id for row in rotation.status()} == {second_key}
    assert rotate_all() == 0


def test_empty_fields_stay_empty(cast: Cast, second_key: int) -> None:
    Elder.objects.filter(pk=cast.mother.pk).update(phone=b"")
    rotate_all()
    cast.mother.refresh_from_db()
    assert bytes(cast.mother.phone) == b""


def test_a_run_killed_in_the_middle_is_finished_by_the_next(
    cast: Cast, second_key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    [table] = [t for t in rotation.tables() if t.name == "elders_elder"]

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(table, die)
    assert rotation.left(table) == 2
    assert rotation.rotate(table, lambda _: None) == 2
    assert decrypt(Elder.objects.get(pk=cast.mother.pk).id_number) == "500190194205061024"


def test_what_somebody_changed_in_between_is_kept(cast: Cast, second_key: int) -> None:
    [table] = [t for t in rotation.tables() if t.name == "elders_elder"]
    rows = list(Elder.objects.values_list("id", *table.columns))
    Elder.objects.filter(pk=cast.mother.pk).update(phone=encrypt("12800009999"))
    assert rotation._write(table, rows) == 2
    cast.mother.refresh_from_db()
    assert decrypt(cast.mother.phone) == "12800009999"
    rotation.rotate(table, lambda _: None)
    assert rotation.left(table) == 0


def test_rows_that_are_never_changed_are_rotated_too(cast: Cast, settings: Settings) -> None:
    owner = Owner("500151001001")
    file = store(cast.officer, owner, "a.pdf", PDF, "proof")
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "current": "2", "2": "ab" * 16}
    rotate_all()
    kept = StoredFile.objects.get(pk=file.pk)
    assert bytes(kept.content)[0] == 2
    assert content_of(kept) == PDF


def test_a_new_index_key_makes_every_index_anew(cast: Cast, settings: Settings) -> None:
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "index": "cd" * 32}
    assert not Elder.objects.filter(id_number_index=blind_index("500190194205061024")).exists()
    assert rotation.reindex(lambda _: None) >= 3
    assert Elder.objects.get(id_number_index=blind_index("500190194205061024")) == cast.mother
    assert rotation.reindex(lambda _: None) == 0


@pytest.mark.django_db(transaction=True)
def test_a_rotation_waits_for_nobody_and_holds_nobody_up(cast: Cast, second_key: int) -> None:
    done = threading.Event()

    def others() -> None:
        while not done.is_set():
            Elder.objects.filter(pk=cast.neighbour.pk).update(phone=encrypt("12800001111"))
        connection.close()

    thread = threading.Thread(target=others)
    thread.start()
    try:
        rotate_all()
    finally:
        done.set()
        thread.join()
    assert rotate_all() == 0
