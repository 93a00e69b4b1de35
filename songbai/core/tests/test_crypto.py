"""Fields that only this place can read."""

import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from songbai.core.crypto import (
    NONCE,
    TAG,
    Undecipherable,
    blind_index,
    blind_index_many,
    bulk,
    decrypt,
    encrypt,
)

TEXT = "500190194205061024"


@given(st.text(max_size=80))
def test_what_was_encrypted_can_be_read_again(text: str) -> None:
    assert decrypt(encrypt(text)) == text


def test_the_same_text_never_looks_the_same() -> None:
    assert encrypt(TEXT) != encrypt(TEXT)


def test_a_ciphertext_does_not_hold_its_text() -> None:
    assert TEXT.encode() not in encrypt(TEXT)
    assert len(encrypt(TEXT)) == 1 + NONCE + len(TEXT) + TAG


@pytest.mark.parametrize("nothing", [b"", None, memoryview(b"")])
def test_nothing_reads_as_nothing(nothing: bytes | memoryview | None) -> None:
    assert decrypt(nothing) == ""
    assert encrypt("") == b""


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    raw = bytearray(encrypt(TEXT))
    index = data.draw(st.integers(1, len(raw) - 1))
    raw[index] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Undecipherable):
        decrypt(bytes(raw))


@pytest.mark.parametrize("raw", [b"\x01", b"\x01" * 8, b"\x09" + b"x" * 40])
def test_what_is_no_ciphertext_of_ours_says_so(raw: bytes) -> None:
    with pytest.raises(Undecipherable):
        decrypt(raw)


def test_a_new_key_leaves_old_fields_readable(settings: Settings) -> None:
    old = encrypt(TEXT)
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "current": "2", "2": "ab" * 16}
    new = encrypt(TEXT)
    assert (old[0], new[0]) == (1, 2)
    assert decrypt(old) == decrypt(new) == TEXT


@pytest.mark.parametrize("same", ["50019019420506102x", " 5001 9019 4205 0610 2X "])
def test_the_index_does_not_care_for_blanks_and_capitals(same: str) -> None:
    assert blind_index(same) == blind_index("50019019420506102X")


def test_the_index_tells_people_apart_and_needs_our_key(settings: Settings) -> None:
    mine = blind_index(TEXT)
    assert len(mine) == 32
    assert mine != blind_index("500190194205061025")
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, "index": "cd" * 32}
    assert blind_index(TEXT) != mine


def test_the_index_of_nothing_is_nothing() -> None:
    assert blind_index("  ") == b""


def test_sm3_is_the_sm3_of_the_standard() -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    # GB/T 32905-2016, A.1.
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digest.finalize().hex() == expected


@hypothesis_settings(deadline=None, max_examples=25)  # the first compiles
@given(st.lists(st.text(max_size=200), min_size=1, max_size=40))
def test_a_column_is_sealed_as_its_texts_one_by_one(texts: list[str]) -> None:
    column = (texts * bulk.WORTH_IT)[: bulk.WORTH_IT + len(texts)]
    assert [decrypt(one) for one in bulk.encrypt_many(column)] == column


@given(st.lists(st.text("ab ３王", max_size=9)))
def test_the_index_is_the_keyed_digest_of_the_standard_library(texts: list[str]) -> None:
    key = bytes.fromhex(settings.FIELD_KEYS["index"])
    plain = ["".join(text.split()).upper().encode() for text in texts]
    told = [hmac.digest(key, one, "sm3") if one else b"" for one in plain]
    assert blind_index_many(texts) == told


def test_a_sealed_column_repeats_no_nonce() -> None:
    sealed = bulk.encrypt_many(["6217000000000000000"] * bulk.WORTH_IT)
    assert len({one[1:13] for one in sealed}) == bulk.WORTH_IT
