"""Every table that names a person says how it follows that person."""

import pytest
from django.core.exceptions import FieldDoesNotExist

from songbai.core import following
from songbai.core.files.models import StoredFile
from songbai.core.following import empties, follows
from songbai.domain.elders.models import Elder
from songbai.domain.orders.models import Order
from tests.registries import reopen


@pytest.fixture(autouse=True)
def _open(monkeypatch: pytest.MonkeyPatch) -> None:
    reopen(monkeypatch, following._following)


def test_nothing_is_missing() -> None:
    assert following._missing() == []


def test_a_table_that_is_left_out_stops_the_start_and_names_the_file() -> None:
    del following._following._things["orders.Order"]
    assert following._missing() == [
        "songbai.domain.orders.declares: follows(Order, …) is missing; elder_id names a person"
    ]


def test_secrets_are_not_kept_when_a_person_is_erased() -> None:
    del following._following._things["files.StoredFile"]
    follows(StoredFile, merge="together", death="stays", move="stays", erasure="kept")
    (line,) = following._missing()
    assert "files_storedfile has encrypted columns" in line


def test_a_text_that_is_no_column_is_refused() -> None:
    del following._following._things["orders.Order"]
    with pytest.raises(FieldDoesNotExist):
        follows(Order, merge="together", death="ends", move="stays", erasure=empties("notes"))


def test_the_register_is_known_by_its_own_key() -> None:
    assert {one.person for one in following.following() if one.model is Elder} == {"id"}
