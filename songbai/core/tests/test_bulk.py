"""Many texts at once are encrypted and indexed as they are one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from songbai.core.crypto import blind_index, decrypt
from songbai.core.crypto.bulk import blind_index_many, encrypt_many


@given(st.lists(st.text(max_size=30)))
def test_every_text_can_be_read_again(texts: list[str]) -> None:
    assert [decrypt(stored) for stored in encrypt_many(texts)] == texts


def test_equal_texts_are_encrypted_differently() -> None:
    assert len(set(encrypt_many(["13800001111"] * 50))) == 50


@given(st.lists(st.text(max_size=30)))
def test_the_indexes_are_those_of_one_by_one(texts: list[str]) -> None:
    assert blind_index_many(texts) == [blind_index(text) for text in texts]
