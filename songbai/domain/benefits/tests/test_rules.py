"""The home-service credit on the policy format, and single decisions."""

from datetime import date, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.benefits.rules import credit_decision, decide, spending_policy
from songbai.domain.benefits.rules.months import Day, Month, shifted
from songbai.domain.benefits.rules.policy import Channel, Policy
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.rules import (
    HardshipClass,
    LivingSituation,
    age_on,
    ages,
    birthday,
    born_by,
)

from .writing import MONTH, TONGLIANG, elder, policy

ELDER = vocabulary("elder")


def credit(month: str) -> Policy:
    return spending_policy(Channel.CREDIT, month, TONGLIANG)


def group_of(birth: date, hardship: str = "none", living: str = "with_children") -> str:
    return credit_decision(birth, hardship, living, TONGLIANG, "2026-06").group


@pytest.mark.parametrize(
    ("birth", "hardship", "living", "group"),
    [
        (date(1936, 6, 1), "none", "with_children", "满 90 周岁"),
        (date(1936, 6, 2), "none", "with_children", ""),
        (date(1936, 5, 1), "dibao", "living_alone", "满 90 周岁"),
        (date(1956, 6, 1), "dibao", "with_children", "低保，满 70 周岁"),
        (date(1956, 6, 2), "dibao", "with_children", ""),
        (date(1956, 6, 1), "none", "living_alone", "空巢或独居，满 70 周岁"),
        (date(1956, 6, 1), "none", "empty_nest", "空巢或独居，满 70 周岁"),
        (date(1956, 6, 1), "none", "left_behind", ""),
        (date(1956, 6, 1), "tekun", "with_children", ""),
        (date(1956, 6, 1), "near_dibao", "in_institution", ""),
        (date(1960, 1, 1), "dibao", "living_alone", ""),
    ],
)
def test_groups_of_the_credit(birth: date, hardship: str, living: str, group: str) -> None:
    assert group_of(birth, hardship, living) == group


@given(
    st.dates(date(1930, 1, 1), date(1966, 1, 1)),  # thirty years older can still be
    st.sampled_from(HardshipClass),
    st.sampled_from(LivingSituation),
    st.integers(1, 30),
)
def test_nobody_loses_the_credit_by_growing_older(
    birth: date, hardship: HardshipClass, living: LivingSituation, years: int
) -> None:
    older = date(birth.year - years, birth.month, 1)
    assert not group_of(birth, hardship, living) or group_of(older, hardship, living)


def test_the_credit_stops_the_month_after_death() -> None:
    facts = (date(1930, 1, 1), "none", "with_children", TONGLIANG, "2026-06")
    assert credit_decision(*facts, date(2026, 6, 1)).decision == "yes"
    assert credit_decision(*facts, date(2026, 5, 31)).decision == "no"


def test_each_month_has_the_policy_of_its_legal_life() -> None:
    assert credit("2025-12").valid_to == date(2025, 12, 31)
    assert credit("2026-01").valid_from == date(2026, 1, 1)
    with pytest.raises(LookupError):
        credit("2020-12")


def test_a_district_without_a_credit_has_none() -> None:
    with pytest.raises(LookupError):
        spending_policy(Channel.CREDIT, "2026-06", "500153001001")


def test_the_policy_says_what_it_stands_on() -> None:
    found = credit("2026-06")
    assert "十四五" in str(found.reference)
    assert not found.verified
    assert found.regions == ("500151",)


def test_a_no_says_from_when_it_would_be_a_yes() -> None:
    decision = decide(policy("age >= 80"), elder(birth_date="1950-04-12"), MONTH)
    assert [c.says for way in decision.changes for c in way] == ["满 80 周岁"]
    assert decision.changes[0][0].from_day == date(2030, 4, 12)


@pytest.mark.parametrize(
    ("birth", "death", "age", "turns"),
    [
        ("1926-06-30", None, 100, 100),
        ("1926-06-30", "2026-06-02", 99, 0),
        ("1926-06-30", "2026-06-30", 100, 100),
        ("1926-06-10", "2026-06-20", 100, 100),
        ("1926-05-31", "2026-06-20", 100, 0),
        ("1926-06-10", "2024-06-20", 98, 0),
    ],
)
def test_the_dead_do_not_age(birth: str, death: str | None, age: int, turns: int) -> None:
    person = elder(birth_date=birth, death=death)
    read = [person.read(ELDER[key], Day.LAST_DAY, MONTH).value for key in ("age", "turns")]
    assert read == [age, turns]


def test_who_died_before_a_birthday_is_told_of_no_day_on_which_it_comes() -> None:
    decision = decide(
        policy("age >= 80"), elder(birth_date="1946-06-30", death="2026-06-02"), MONTH
    )
    assert [c.from_day for way in decision.changes for c in way] == [None]


@pytest.mark.parametrize("birth", ["2090-01-01", "2026-07-01", "1800-01-01"])
def test_a_birth_that_cannot_be_is_no_fact(birth: str) -> None:
    for when in ("age >= 80", "age < 80", "birth_date <= 1946-06-30"):
        decision = decide(policy(when), elder(birth_date=birth), MONTH)
        assert (decision.decision, decision.missing) == ("cannot_decide", ("birth_date",))


def test_nobody_is_born_after_death() -> None:
    person = elder(birth_date="1946-06-30", death="1940-01-01")
    assert decide(policy("age < 80"), person, MONTH).missing == ("birth_date",)


def test_a_no_names_the_shortest_way_first() -> None:
    rule = policy("age >= 80 and hardship == dibao or special_family")
    person = elder(birth_date="1950-04-12", hardship="none", special_family=False)
    ways = decide(rule, person, MONTH).changes
    assert [[change.fact for change in way] for way in ways] == [
        ["special_family"],
        ["age", "hardship"],
    ]


def test_what_is_not_known_is_never_a_no() -> None:
    decision = decide(policy("age >= 80"), elder(), MONTH)
    assert (decision.decision, decision.missing, decision.amount) == (
        "cannot_decide",
        ("birth_date",),
        None,
    )
    assert "出生日期" in decision.notice()


def test_a_fact_keeps_its_source_in_the_decision() -> None:
    said = {"value": "1940-01-01", "source": "gongan", "observed": "2026-05-18"}
    used = decide(policy("age >= 80"), elder(birth_date=said), MONTH).as_json()
    fact = used["criteria"][0]["facts"][0]
    assert (fact["value"], fact["source"], fact["observed"]) == (86, "gongan", "2026-05-18")


@given(
    st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.dates(date(1960, 1, 1)), st.integers(0, 120)
)
def test_birth_dates_say_what_ages_say(birth: date, day: date, age: int) -> None:
    if day.year - age > 1:
        assert (birth <= born_by(day, age)) == (age_on(birth, day) >= age)


@pytest.mark.parametrize("leap_day", [(2, 28), (3, 1)])
@given(st.integers(1904, 2020), st.integers(0, 110), st.integers(-2, 2))
def test_29_february_has_the_birthday_the_law_names(
    leap_day: tuple[int, int], year: int, age: int, away: int
) -> None:
    birth = date(year - year % 4, 2, 29)
    with patch.object(ages, "ages", lambda: ages.Ages(leap_day, 130)):
        day = birthday(birth, age) + timedelta(days=away)
        assert (day.month, day.day) in {leap_day, (2, 29)} or away
        assert age_on(birth, day) == age - (away < 0)
        assert (birth <= born_by(day, age)) == (away >= 0)


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 110))
def test_a_birthday_is_the_first_day_of_the_new_age(birth: date, age: int) -> None:
    day = birthday(birth, age)
    assert age_on(birth, day) == age
    assert age == 0 or age_on(birth, shifted(day, -1, "days")) == age - 1


def test_the_31st_moves_to_the_end_of_a_shorter_month() -> None:
    assert shifted(date(2026, 3, 31), -1, "months") == date(2026, 2, 28)
    assert shifted(date(2024, 2, 29), 1, "years") == date(2025, 2, 28)


@pytest.mark.parametrize("text", ["2026-6", "2026-13", "2026/06", "26-06", "2026-06-01", ""])
def test_a_month_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"match|month|remains"):
        Month.parse(text)
