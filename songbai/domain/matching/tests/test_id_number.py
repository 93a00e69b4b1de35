"""Identity numbers as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.matching.rules import (
    IdNumber,
    IdProblem,
    check_character,
    check_id_number,
    near_id_numbers,
    normal_id_number,
)

VALID = "11010519491231002X"
bodies = st.builds(
    lambda division, born, order: f"{division}{born:%Y%m%d}{order:03d}",
    st.integers(100000, 659999),
    st.dates(date(1900, 1, 1), date(2020, 1, 1)),
    st.integers(0, 995),
)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002X",
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        " 1101 0519 4912 3100 2× ",
        "'110105194912310 02Х",
        "110105-19491231-002X",
        "110105491231002",
    ],
)
def test_one_number_in_many_dresses(typed: str) -> None:
    assert normal_id_number(typed) == VALID


def test_a_number_tells_birth_date_and_sex() -> None:
    found = check_id_number(VALID)
    assert found == IdNumber(VALID, date(1949, 12, 31), "f", checked=True)


def test_a_number_of_fifteen_places_has_no_check_character() -> None:
    found = check_id_number("110105491231002")
    assert isinstance(found, IdNumber)
    assert not found.checked


def test_orders_of_centenarians_were_born_in_the_century_before() -> None:
    assert normal_id_number("110105981231998").startswith("11010518981231998")


def test_a_division_that_no_longer_exists_is_no_reason_to_refuse() -> None:
    body = "51021519420506001"
    assert isinstance(check_id_number(body + check_character(body)), IdNumber)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", IdProblem.LENGTH),
        ("12345", IdProblem.LENGTH),
        ("1101051949123100ZZ", IdProblem.CHARACTER),
        ("110105194912310021", IdProblem.CHECK),
        ("11010519491331" + "0021", IdProblem.BIRTH),
        ("110105490231002", IdProblem.BIRTH),
        ("11010549O231002", IdProblem.CHARACTER),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢٩", IdProblem.CHARACTER),
    ],
)
def test_what_is_wrong_is_named(typed: str, problem: IdProblem) -> None:
    assert check_id_number(typed) is problem


@given(bodies, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes_and_is_found_again(body: str, at: int, shift: int) -> None:
    right = body + check_character(body)
    wrong = right[:at] + str((int(right[at]) + shift) % 10) + right[at + 1 :]
    assert not isinstance(check_id_number(wrong), IdNumber)
    assert right in near_id_numbers(wrong)


@given(bodies, st.integers(0, 15))
def test_exchanged_neighbours_are_found_again(body: str, at: int) -> None:
    right = body + check_character(body)
    wrong = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    assert wrong == right or right in near_id_numbers(wrong)


@given(bodies, st.integers(0, 16))
def test_a_missing_place_is_found_again(body: str, at: int) -> None:
    right = body + check_character(body)
    assert right in near_id_numbers(right[:at] + right[at + 1 :])


@given(bodies)
def test_a_number_of_fifteen_places_is_the_same_as_its_eighteen(body: str) -> None:
    if body[6:8] == "19":
        assert normal_id_number(body[:6] + body[8:]) == body + check_character(body)


@given(st.text(max_size=20))
def test_nothing_typed_is_a_crash(text: str) -> None:
    check_id_number(text)
    near_id_numbers(text)
