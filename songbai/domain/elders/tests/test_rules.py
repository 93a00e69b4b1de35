"""Ages, masks, and the short facts beside a name."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.elders.rules import (
    ABILITY_WORDS,
    age_on,
    mask_name,
    tags,
)

BIRTHS = st.dates(date(1900, 1, 1), date(1970, 12, 31))


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1942, 5, 6), date(2026, 5, 5), 83),
        (date(1942, 5, 6), date(2026, 5, 6), 84),
        (date(1944, 2, 29), date(2026, 2, 28), 81),
        (date(1944, 2, 29), date(2026, 3, 1), 82),
        (date(1944, 2, 29), date(2028, 2, 29), 84),
        (date(1944, 2, 29), date(2028, 2, 28), 83),
        (date(1943, 3, 1), date(2028, 2, 29), 84),
        (date(1950, 12, 31), date(2026, 1, 1), 75),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_completed_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(BIRTHS, st.integers(0, 45_000))
def test_nobody_grows_younger(birth: date, days: int) -> None:
    day = birth + timedelta(days=days)
    assert 0 <= age_on(birth, day + timedelta(days=1)) - age_on(birth, day) <= 1


@given(BIRTHS, st.integers(0, 120))
def test_a_birthday_comes_once_a_year(birth: date, years: int) -> None:
    first_of_march = date(birth.year + years, 3, 1)
    leap = (birth.month, birth.day) == (2, 29)
    birthday = first_of_march if leap else birth.replace(year=birth.year + years)
    assert age_on(birth, birthday) == years
    if years and not (leap and birthday.year % 4 == 0):
        assert age_on(birth, birthday - timedelta(days=1)) == years - 1


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王桂英", "王*英"),
        ("李四", "李*"),
        ("欧阳春兰", "欧*兰"),
        ("阿卜杜拉·买买提", "阿*提"),
        ("王", "*"),
        ("", "*"),
    ],
)
def test_masked_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=8))
def test_a_mask_shows_two_characters_at_most(name: str) -> None:
    assert "*" in mask_name(name)
    assert len(mask_name(name).replace("*", "")) <= 2
    assert mask_name(name) != name


@pytest.mark.parametrize(
    ("hardship", "living", "ability", "words"),
    [
        ("none", "with_children", None, []),
        ("none", "with_children", 0, []),
        ("dibao", "living_alone", 2, ["独居", "低保", "中度失能"]),
        ("tekun", "in_institution", 4, ["住机构", "特困", "完全失能"]),
        ("near_dibao", "with_children", 1, ["低保边缘", "轻度失能"]),
        ("low_income", "empty_nest", None, ["空巢", "低收入"]),
    ],
)
def test_tags(hardship: str, living: str, ability: int | None, words: list[str]) -> None:
    assert tags(hardship, living, ability) == words


def test_every_class_has_its_word() -> None:
    assert set(ABILITY_WORDS) == set(range(5))


def test_an_unknown_class_is_never_passed_over() -> None:
    with pytest.raises(ValueError, match="not a valid"):
        tags("rich", "living_alone", None)
