"""Marks survive what people do to a list."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.exports.rules import (
    agreement,
    mark_of,
    numbers_in,
    ordered,
    without_marks,
)

KEYS = [str(10_000 + 7 * n) for n in range(200)]


@given(st.integers(1, 2**40 - 1))
def test_a_number_is_read_back_from_its_mark(number: int) -> None:
    assert numbers_in(f"王*英{mark_of(number)}") == [number]
    assert without_marks(f"王*英{mark_of(number)}") == "王*英"


def test_a_damaged_mark_names_nobody() -> None:
    mark = mark_of(12_345)
    swapped = ("\u200b" if mark[3] == "\u200c" else "\u200c").join((mark[:3], mark[4:]))
    assert numbers_in(swapped) == []
    assert numbers_in(mark[:-1]) == []


def test_the_order_tells_the_copy_from_a_thousand_others() -> None:
    found = ordered(KEYS, KEYS, "mine")
    assert agreement(found, "mine").convincing
    others = [agreement(found, secrets.token_hex(8)) for _ in range(1_000)]
    assert not any(one.convincing for one in others)


@pytest.mark.parametrize("start", [0, 1, 7])
def test_a_piece_of_the_list_is_enough(start: int) -> None:
    piece = ordered(KEYS, KEYS, "mine")[start : start + 60]
    assert agreement(piece, "mine").convincing


def test_few_rows_prove_nothing() -> None:
    assert not agreement(ordered(KEYS, KEYS, "mine")[:20], "mine").convincing


@given(st.lists(st.integers(1, 10**6), unique=True, max_size=60))
def test_marking_loses_and_doubles_nobody(people: list[int]) -> None:
    keys = [str(n) for n in people]
    assert sorted(ordered(people, keys, "x")) == sorted(people)
