"""Who belongs to which group of the credit policy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.benefits.rules import credit_group, home_service, parse
from songbai.domain.elders.rules import HardshipClass, LivingSituation

FIRST = date(2026, 6, 1)


def group_of(birth: date, hardship: str = "none", living: str = "with_children") -> str | None:
    found = credit_group(home_service(), birth, hardship, living, FIRST)
    return found.name if found else None


@pytest.mark.parametrize(
    ("birth", "hardship", "living", "group"),
    [
        (date(1936, 6, 1), "none", "with_children", "满 90 周岁"),
        (date(1936, 6, 2), "none", "with_children", None),
        (date(1936, 5, 1), "dibao", "living_alone", "满 90 周岁"),
        (date(1956, 6, 1), "dibao", "with_children", "低保，满 70 周岁"),
        (date(1956, 6, 2), "dibao", "with_children", None),
        (date(1956, 6, 1), "none", "living_alone", "空巢或独居，满 70 周岁"),
        (date(1956, 6, 1), "none", "empty_nest", "空巢或独居，满 70 周岁"),
        (date(1956, 6, 1), "none", "left_behind", None),
        (date(1956, 6, 1), "tekun", "with_children", None),
        (date(1956, 6, 1), "near_dibao", "in_institution", None),
        (date(1960, 1, 1), "dibao", "living_alone", None),
    ],
)
def test_groups_of_the_policy(birth: date, hardship: str, living: str, group: str | None) -> None:
    assert group_of(birth, hardship, living) == group


@given(
    st.dates(date(1910, 1, 1), date(1966, 1, 1)),
    st.sampled_from(HardshipClass),
    st.sampled_from(LivingSituation),
    st.integers(1, 30),
)
def test_nobody_loses_the_credit_by_growing_older(
    birth: date, hardship: HardshipClass, living: LivingSituation, years: int
) -> None:
    older = date(birth.year - years, birth.month, 1)
    assert group_of(birth, hardship, living) is None or group_of(older, hardship, living)


def test_the_policy_says_what_it_stands_on() -> None:
    policy = home_service()
    assert policy.reference
    assert policy.verified is False
    assert (policy.region, policy.amount) == ("500151", 20_000)


RAW: dict[str, Any] = {
    "code": "c",
    "name": "n",
    "region": 500151,
    "reference": "r",
    "amount_fen": 100,
    "verified": True,
    "groups": [{"name": "g", "min_age": 60}],
}


def test_a_policy_is_read_from_its_file() -> None:
    policy = parse(RAW)
    assert policy.region == "500151"
    assert policy.groups[0].covers(60, "none", "with_children")
    assert not policy.groups[0].covers(59, "none", "with_children")


@pytest.mark.parametrize("missing", ["code", "amount_fen", "verified", "groups", "reference"])
def test_a_policy_with_a_hole_is_not_read(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        parse({key: value for key, value in RAW.items() if key != missing})


def test_an_amount_must_be_a_number() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        parse(RAW | {"amount_fen": "viel"})
