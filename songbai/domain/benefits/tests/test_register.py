"""The register's facts as policies read them: every kind mapped, every day of the month right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.benefits.rules.facts import Value
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.benefits.rules.register import (
    Stood,
    days_for,
    kind_of,
    sheet_from,
    value_of,
)
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.rules.kinds import kinds

JUNE = Month("2026-06")
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)
BEFORE = date(2026, 5, 31)


ELDER = vocabulary("elder")
MAPPED = {key: fact for key, fact in ELDER.items() if fact.register}


@pytest.mark.parametrize("key", MAPPED)
def test_both_catalogues_know_a_mapped_fact_and_its_values(key: str) -> None:
    fact, kind = MAPPED[key], kinds()[kind_of(key)]
    if fact.part:
        return
    samples = [*kind.codes] or [
        {"bool": "true", "whole": str(kind.low), "fen": "1", "region": "500151001001"}.get(
            kind.type, "1940-01-01"
        )
    ]
    for stored in samples:
        value = value_of(fact, stored)
        assert value is not None or (key, stored) == ("disability_grade", "none")
        if fact.codes:
            assert value in fact.codes, stored


@pytest.mark.parametrize(
    ("key", "stored", "value"),
    [
        ("birth_date", "1940-02-29", date(1940, 2, 29)),
        ("disability_grade", "2", 2),
        ("disability_grade", "none", None),
        ("special_family", "false", False),
        ("income", "77000", 77_000),
        ("hukou", "500151001001", "500151001001"),
    ],
)
def test_a_stored_value_becomes_what_policies_read(key: str, stored: str, value: Value) -> None:
    assert value_of(vocabulary("elder")[key], stored) == value


def test_nothing_comes_from_a_certificate_nobody_has() -> None:
    none = {"disability_kind": Stood("none", "canlian", date(2026, 1, 2))}
    read = sheet_from({LAST: none}, {}).read(ELDER["disability_care_subsidy"], Day.LAST_DAY, JUNE)
    assert (read.value, read.source) == (0, "canlian")
    some = {"disability_kind": Stood("physical", "canlian", date(2026, 1, 2))}
    read = sheet_from({LAST: some}, {}).read(ELDER["disability_care_subsidy"], Day.LAST_DAY, JUNE)
    assert read.value is None


def test_the_day_of_an_assessment_is_when_it_was_observed() -> None:
    level = {"ability_level": Stood("2", "assessment", date(2026, 3, 4))}
    read = sheet_from({LAST: level}, {}).read(ELDER["assessed_on"], Day.LAST_DAY, JUNE)
    assert read.value == date(2026, 3, 4)


def test_the_days_are_those_on_which_policies_read() -> None:
    policies = in_force(law().policies, JUNE)
    assert set(days_for(policies, JUNE)) <= {BEFORE, FIRST, LAST}
    assert LAST in days_for([], JUNE)


def test_what_changed_within_the_month_is_read_on_each_day() -> None:
    poor = Stood("dibao", "minzheng", date(2026, 6, 9), date(2026, 6, 10))
    before = Stood("none", "minzheng", date(2026, 1, 9))
    sheet = sheet_from({FIRST: {"hardship": before}, LAST: {"hardship": poor}}, {})
    first, last = (
        sheet.read(ELDER["hardship"], day, JUNE) for day in (Day.FIRST_DAY, Day.LAST_DAY)
    )
    assert (first.value, last.value) == ("none", "dibao")
    assert (first.observed, last.valid_from) == (date(2026, 1, 9), date(2026, 6, 10))


def test_what_stands_all_month_keeps_its_own_beginning() -> None:
    poor = Stood("dibao", "minzheng", date(2026, 1, 9), date(2019, 3, 1))
    sheet = sheet_from({day: {"hardship": poor} for day in (BEFORE, FIRST, LAST)}, {})
    assert len(sheet.statements["hardship"]) == 1
    assert sheet.read(ELDER["hardship"], Day.FIRST_DAY, JUNE).valid_from == date(2019, 3, 1)


def test_a_fixed_fact_is_the_one_that_stands_last() -> None:
    stood = {
        FIRST: {"birth_date": Stood("1940-01-01", "village")},
        LAST: {"birth_date": Stood("1941-01-01", "gongan")},
    }
    read = sheet_from(stood, {}).read(ELDER["birth_date"], Day.FIRST_DAY, JUNE)
    assert read.value == date(1941, 1, 1)


def test_the_registers_column_holds_while_nobody_has_said_anything() -> None:
    columns = {"birth_date": "1940-01-01", "residence": "500151001001", "death": ""}
    sheet = sheet_from({LAST: {}}, columns)
    assert sheet.read(ELDER["birth_date"], Day.LAST_DAY, JUNE).source == "register"
    assert sheet.read(ELDER["residence"], Day.FIRST_DAY, JUNE).value == "500151001001"
    assert sheet.read(ELDER["hardship"], Day.FIRST_DAY, JUNE).value is None
    assert sheet.read(ELDER["alive"], Day.FIRST_DAY, JUNE).value is True


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.builds(
                Stood,
                st.sampled_from(["none", "dibao", "tekun"]),
                st.sampled_from(["minzheng", "village"]),
            ),
        ),
        min_size=3,
        max_size=3,
    )
)
def test_every_day_reads_what_stood_on_it(found: list[Stood | None]) -> None:
    days = {Day.DAY_BEFORE: BEFORE, Day.FIRST_DAY: FIRST, Day.LAST_DAY: LAST}
    stood = {
        day: {"hardship": one} if one else {} for day, one in zip(days.values(), found, strict=True)
    }
    sheet = sheet_from(stood, {})
    for which, one in zip(days, found, strict=True):
        reading = sheet.read(ELDER["hardship"], which, JUNE)
        assert (reading.value, reading.source) == ((one.value, one.source) if one else (None, ""))
