import pytest

from songbai.domain.feeds.actions.receiving import schema_of
from songbai.domain.rosters.rules import FEED, Guessed, guess_columns, masked_cell, wrong_choice

from .files import number

SCHEMA = schema_of(FEED)


def guessed(samples: dict[str, list[str]], **remembered: str) -> dict[str, tuple[str, Guessed]]:
    """Heading → column and why."""
    found = guess_columns(SCHEMA, samples, remembered)
    return {guess.heading: (guess.column, guess.why) for guess in found}


def test_headings_are_known_by_their_aliases() -> None:
    found = guessed({"老人姓名": [], "证件号码": [], "紧急联系人电话": []})
    assert [column for column, _ in found.values()] == ["name", "id_number", "contact_phone"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ([number(101), number(102)], "id_number"),
        (["13900000001", "13800000002", ""], "phone"),
        (["1945-3-1", "1950年1月2日"], "birth_date"),
        (["男", "女"], "sex"),
        (["独居", "空巢", "独居"], "living"),
        (["王桂英", "李松福"], "name"),
        (["幸福路 8 号", "白云村 3 组"], "address"),
    ],
)
def test_a_heading_that_says_nothing_is_guessed_by_its_cells(cells: list[str], column: str) -> None:
    assert guessed({"甲": cells})["甲"] == (column, Guessed.CONTENT)


def test_empty_and_strange_columns_are_left_out() -> None:
    assert guessed({"甲": ["", ""], "乙": ["%%", "??"]}) == {
        "甲": ("", Guessed.NOTHING),
        "乙": ("", Guessed.NOTHING),
    }


def test_the_last_choice_wins_over_the_heading_also_when_a_column_was_left_out() -> None:
    found = guessed({"姓名": [], "户主": [], "电话": []}, 电话="contact_phone", 户主="")
    assert found["电话"] == ("contact_phone", Guessed.REMEMBERED)
    assert found["户主"] == ("", Guessed.REMEMBERED)
    assert found["姓名"] == ("name", Guessed.HEADING)


def test_no_column_is_guessed_twice() -> None:
    found = guessed({"电话": ["13900000001"], "手机": ["13900000002"], "丙": ["13900000003"]})
    assert sorted(column for column, _ in found.values()) == ["", "", "phone"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"甲": "name"}, "必填的：身份证号"),
        ({"甲": "name", "乙": "id_number", "丙": "name"}, "姓名”对了两列"),
        ({"甲": "name", "乙": "id_number", "丙": "salary"}, "不存在"),
        ({"甲": "name", "乙": "id_number", "丙": ""}, ""),
    ],
)
def test_a_wrong_choice_is_told(chosen: dict[str, str], words: str) -> None:
    told = wrong_choice(SCHEMA, chosen)
    assert words in told
    assert bool(told) == bool(words)


@pytest.mark.parametrize(
    ("cell", "shown"), [("王桂英", "王**"), (number(101), "5001******"), ("男", "男"), ("", "")]
)
def test_examples_are_masked(cell: str, shown: str) -> None:
    assert masked_cell(cell) == shown
