"""Codes are paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.regions.rules import DIGITS, Level, bounds, full, level_of, prefix, short_name

VILLAGE_CODES = st.from_regex(r"\A[1-9][1-9]{3}0[1-9][1-9]{3}[1-9]{3}\Z")


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("500000000000", Level.PROVINCE),
        ("500100000000", Level.CITY),
        ("500151000000", Level.DISTRICT),
        ("500110000000", Level.DISTRICT),
        ("500151001000", Level.TOWN),
        ("500151100000", Level.TOWN),
        ("500151001001", Level.VILLAGE),
        ("500151105200", Level.VILLAGE),
    ],
)
def test_the_level_is_in_the_zeros(code: str, level: Level) -> None:
    assert level_of(code) == level


@pytest.mark.parametrize("level", list(Level))
def test_a_prefix_filled_up_is_the_code_of_its_level(level: Level) -> None:
    short = prefix("511621003207", level)
    assert len(short) == DIGITS[level]
    assert level_of(full(short)) == level


@pytest.mark.parametrize("wrong", ["", "5", "500", "50015", "5001510010011", "50015a", "五十"])
def test_what_is_no_prefix_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a division code"):
        full(wrong)


@pytest.mark.slow
@given(VILLAGE_CODES, st.sampled_from(list(Level)))
def test_a_division_lies_within_the_bounds_of_its_prefixes(code: str, level: Level) -> None:
    low, high = bounds(prefix(code, level))
    assert low <= code <= high


@given(VILLAGE_CODES, VILLAGE_CODES, st.sampled_from(list(Level)))
def test_bounds_hold_exactly_what_shares_the_prefix(a: str, b: str, level: Level) -> None:
    low, high = bounds(prefix(a, level))
    assert (low <= b <= high) == b.startswith(prefix(a, level))


def test_no_prefix_is_the_whole_country() -> None:
    assert bounds("") == ("000000000000", "999999999999")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("巴川街道", "巴川"),
        ("安居镇", "安居"),
        ("高楼乡", "高楼"),
        ("东方社区居民委员会", "东方社区"),
        ("白云村村民委员会", "白云村"),
        ("白云村民委员会", "白云村"),
        ("铜梁区", "铜梁区"),
        ("重庆市", "重庆市"),
        ("古镇", "古镇"),
        ("", ""),
    ],
)
def test_short_names_are_what_people_say(name: str, short: str) -> None:
    assert short_name(name) == short


@given(st.text(max_size=12))
def test_a_name_is_never_shortened_to_nothing(name: str) -> None:
    assert bool(short_name(name)) == bool(name) or name in {"居民委员会", "村民委员会"}
