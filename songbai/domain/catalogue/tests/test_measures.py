"""What caregivers write down: slips of the pen, dangers, several numbers in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.catalogue.measures import _measure, example, measures, read
from songbai.domain.catalogue.rules import WrongCatalogue, load


@pytest.mark.parametrize("name", list(measures()))
def test_every_example_is_possible_and_safe(name: str) -> None:
    assert read(name, example(name)).problem == read(name, example(name)).danger == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("血压mmHg", "135/85"),
        ("血压mmHg", "１３５／８５ mmHg"),
        ("体温℃、血压mmHg", "36.5，130/78"),
        ("水温℃", "39度"),
        ("颜色和量ml", "淡黄，300"),
    ],
)
def test_numbers_are_read_as_people_write_them(name: str, text: str) -> None:
    reading = read(name, text)
    assert (reading.problem, reading.danger) == ("", "")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("血压mmHg", "abc", "请写高压、低压，比如 128/76"),
        ("血压mmHg", "135", "请写高压、低压"),
        ("血压mmHg", "85/135", "有没有写反"),
        ("水温℃", "395", "水温不会是 395"),
        ("水温℃", "-3", "请写水温"),
        ("体温℃、血压mmHg", "36.5", "请写体温、高压、低压"),
    ],
)
def test_what_cannot_be_says_what_to_write(name: str, text: str, said: str) -> None:
    assert said in read(name, text).problem


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("水温℃", "95", "别让老人下水"),
        ("血压mmHg", "220/130", "打 120"),
        ("体温℃、血压mmHg", "39.8，130/78", "体温 39.8"),
        ("血糖mmol/L", "2.1", "血糖 2.1"),
    ],
)
def test_what_is_dangerous_says_what_to_do(name: str, text: str, said: str) -> None:
    assert said in read(name, text).danger


@given(st.sampled_from(list(measures())), st.text(max_size=20))
def test_any_text_gets_an_answer(name: str, text: str) -> None:
    assert read(name, text).text == read(name, read(name, text).text).text


def test_measures_with_a_unit_have_limits() -> None:
    units = ("℃", "mmHg", "mmol/L", "次/分")
    names = {step.measure for item in load().items for step in item.steps if step.measure}
    asked = {part for name in names for part in name.split("、") if part.endswith(units)}
    assert asked <= set(measures())


@pytest.mark.parametrize("part", ["possible", "safe"])
def test_a_range_the_wrong_way_round_is_refused(part: str) -> None:
    ranges = {"possible": [20, 60], "safe": [35, 42], part: [42, 35]}
    raw = {
        "name": "水温",
        "example": "39",
        "verified": False,
        "parts": [{"name": "水温", **ranges}],
    }
    with pytest.raises(WrongCatalogue, match="wrong way round"):
        _measure(raw)


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [("体温℃", "036.5", "36.5 ℃"), ("血压mmHg", "142 85", "142/85 mmHg"), ("x", " 好 ", "好")],
)
def test_numbers_are_kept_with_their_units(name: str, text: str, kept: str) -> None:
    assert read(name, text).text == kept


@pytest.mark.parametrize("name", list(measures()))
def test_what_is_kept_is_read_again_as_the_same(name: str) -> None:
    kept = read(name, measures()[name].example)
    assert not kept.problem
    assert read(name, kept.text) == kept
