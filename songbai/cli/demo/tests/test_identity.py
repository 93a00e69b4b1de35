"""Invented names and numbers: valid in form, impossible in fact."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from songbai.cli.demo import identity
from songbai.cli.demo.identity import (
    GIVEN_FEMALE,
    GIVEN_MALE,
    SURNAMES,
    Holder,
    NumbersUsedUpError,
    Registrar,
)

BORN = np.datetime64("1951-04-27")


def check_character(first_17: str) -> str:
    """GB 11643 as the standard writes it."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(int(digit) * weight for digit, weight in zip(first_17, weights, strict=True))
    return "10X98765432"[total % 11]


def same_day(count: int) -> identity.DateArray:
    return np.full(count, BORN)


# --- names


def test_the_pools_have_no_character_twice() -> None:
    for pool in (SURNAMES, GIVEN_FEMALE, GIVEN_MALE):
        assert len(set(pool)) == len(pool)
    assert len(SURNAMES) == 100


def test_names_are_a_surname_and_trees() -> None:
    female = np.arange(2_000) % 2 == 0
    for name, woman in zip(identity.names(np.random.default_rng(1), female), female, strict=True):
        assert name[0] in SURNAMES
        assert set(name[1:]) <= set(GIVEN_FEMALE if woman else GIVEN_MALE)
        assert len(set(name[1:])) == len(name) - 1 in {1, 2}


def test_most_given_names_have_two_characters() -> None:
    names = identity.names(np.random.default_rng(1), np.ones(20_000, dtype=bool))
    assert 0.80 < np.mean(np.char.str_len(names) == 3) < 0.88


def test_frequent_surnames_are_frequent() -> None:
    names = identity.names(np.random.default_rng(1), np.zeros(50_000, dtype=bool))
    assert 0.07 < np.mean(np.char.startswith(names, "李")) < 0.09
    assert len({name[0] for name in names.tolist()}) == 100


def test_initials_read_surnames_as_surnames() -> None:
    names = np.array(["李松柏", "曾桂兰", "王梅"])
    assert identity.initials(names).tolist() == ["lsb", "zgl", "wm"]


def test_every_name_has_initials() -> None:
    letters = identity.initials(np.array(list(SURNAMES + GIVEN_FEMALE + GIVEN_MALE)))
    assert set("".join(letters.tolist())) <= set("abcdefghijklmnopqrstuvwxyz")
    assert np.all(np.char.str_len(letters) == 1)


def test_initials_of_other_characters_are_an_error() -> None:
    with pytest.raises(ValueError, match="invented names"):
        identity.initials(np.array(["李某某"]))


# --- identity numbers


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.dates(date(1900, 1, 1), date(2005, 12, 31)), st.booleans()),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 37),
)
def test_an_identity_number_says_birth_date_and_sex_and_checks(
    people: list[tuple[date, bool]], block: int
) -> None:
    born = np.array([person[0] for person in people], dtype="M8[D]")
    female = np.array([person[1] for person in people])
    numbers = identity.id_numbers(born, female, block).tolist()
    assert len(set(numbers)) == len(people)
    for number, (day, woman) in zip(numbers, people, strict=True):
        assert 500190 <= int(number[:6]) <= 500199
        assert number[6:14] == day.strftime("%Y%m%d")
        assert 1 <= int(number[14:17]) <= 999
        assert (int(number[16]) % 2 == 0) == woman
        assert number[17] == check_character(number[:17])


@pytest.mark.parametrize("woman", [False, True])
def test_numbers_of_one_birth_date_are_unique_over_all_blocks(woman: bool) -> None:
    per_block = [130] * 38 + [50]
    numbers = [
        number
        for block, count in enumerate(per_block)
        for number in identity.id_numbers(same_day(count), np.full(count, woman), block).tolist()
    ]
    assert len(set(numbers)) == sum(per_block)


@pytest.mark.parametrize(("block", "room"), [(0, 130), (37, 130)])
def test_a_full_block_is_an_error_and_not_a_number_used_twice(block: int, room: int) -> None:
    women = np.ones(room + 1, dtype=bool)
    identity.id_numbers(same_day(room), women[1:], block)
    with pytest.raises(NumbersUsedUpError):
        identity.id_numbers(same_day(room + 1), women, block)


def test_nobody_has_no_number() -> None:
    assert len(identity.id_numbers(same_day(0), np.zeros(0, dtype=bool), 0)) == 0


# --- telephones


def test_telephones_are_unique_and_impossible() -> None:
    serial = np.arange(200_000)
    numbers = np.concatenate([identity.phones(serial, holder) for holder in Holder])
    assert len(np.unique(numbers)) == 3 * 200_000
    assert np.all(np.char.startswith(numbers, "120"))
    assert np.all(np.char.str_len(numbers) == 11)


# --- providers and staff


def test_credit_codes_are_valid_and_unique() -> None:
    codes = {identity.uscc(serial, kind) for serial in range(500) for kind in Registrar}
    assert len(codes) == 1_500
    assert all(stdnum_uscc.is_valid(code) for code in codes)
    assert all(code[2:8] == "500190" for code in codes)


def test_the_organisation_code_inside_has_its_own_check() -> None:
    for serial in range(200):
        body = identity.uscc(serial)[8:17]
        total = sum(
            int(digit) * weight
            for digit, weight in zip(body[:8], (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
        )
        check = 10 if body[8] == "X" else int(body[8])
        assert (total + check) % 11 == 0
