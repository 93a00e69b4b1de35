"""Dates, places, the score, and who is never joined without a clerk."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from songbai.domain.matching.reference import characters, weights
from songbai.domain.matching.rules import Band, common_division, normal_phone
from songbai.domain.matching.rules.dates import BIRTH_LEVELS, BirthLevel, compare_births, swapped
from songbai.domain.matching.rules.linking import NO_PAIRS, Columns, Linked, link
from songbai.domain.matching.rules.places import (
    REGION_LEVELS,
    AddressLevel,
    RegionLevel,
    compare_addresses,
    compare_regions,
)
from songbai.domain.matching.rules.states import Standing, surviving


def _days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("1942-05-06", "1942-05-06", BirthLevel.SAME),
        ("1942-05-06", "1942-05-16", BirthLevel.SLIP),
        ("1942-05-06", "1924-05-06", BirthLevel.SLIP),
        ("1942-05-06", "1942-06-05", BirthLevel.SWAPPED),
        ("1942-05-06", "1942-01-01", BirthLevel.YEAR_ONLY),
        ("1942-05-06", "1942-06-19", BirthLevel.LUNAR),
        ("1949-12-28", "1950-01-31", BirthLevel.LUNAR),
        ("1949-05-06", "1950-05-06", BirthLevel.YEAR_NEAR),
        ("1942-05-06", "1951-11-23", BirthLevel.DIFFERENT),
        ("1942-05-06", "NaT", BirthLevel.UNKNOWN),
        ("NaT", "NaT", BirthLevel.UNKNOWN),
    ],
)
def test_how_two_birth_dates_compare(one: str, two: str, level: BirthLevel) -> None:
    for left, right in ((one, two), (two, one)):
        found = compare_births(_days(left), _days(right))
        assert BIRTH_LEVELS[found[0]] is level


def test_only_a_day_up_to_twelve_can_be_a_month() -> None:
    assert str(swapped(_days("1942-05-06"))[0]) == "1942-06-05"
    assert np.isnat(swapped(_days("1942-05-26", "NaT", "1942-05-05"))).all()


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("500151001001", "500151001001", RegionLevel.VILLAGE),
        ("500151001001", "500151001002", RegionLevel.TOWN),
        ("500151001001", "500151001000", RegionLevel.TOWN),
        ("500151001001", "500151001", RegionLevel.TOWN),
        ("500151001001", "500151105201", RegionLevel.DISTRICT),
        ("500151001001", "500151000000", RegionLevel.DISTRICT),
        ("500151001001", "500152001001", RegionLevel.ELSEWHERE),
        ("500151001001", "", RegionLevel.UNKNOWN),
        ("500151001001", "50", RegionLevel.UNKNOWN),
        ("500151001001", "nonsense", RegionLevel.UNKNOWN),
    ],
)
def test_how_two_divisions_compare(one: str, two: str, level: RegionLevel) -> None:
    found = compare_regions(np.array([one]), np.array([two]))
    assert REGION_LEVELS[found[0]] is level


def test_the_division_of_a_pair_holds_both() -> None:
    assert common_division("500151001001", "500151001001") == "500151001001"
    assert common_division("500151001001", "500151001002") == "500151001000"
    assert common_division("500151001001", "500152001001") == "500100000000"
    assert common_division("500151001001", "110101001001") == "500000000000"


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("幸福路8号3-2", "幸福路 8 号 3－2", AddressLevel.SAME),
        ("石坝八组12号", "石坝8组12号", AddressLevel.SAME),
        ("石坝8组12号", "石坝8组21号", AddressLevel.SIMILAR),
        ("幸福路8号", "大湾12组3号", AddressLevel.DIFFERENT),
        ("", "幸福路8号", AddressLevel.UNKNOWN),
    ],
)
def test_how_two_addresses_compare(one: str, two: str, level: AddressLevel) -> None:
    assert compare_addresses(one, two) is level


def test_a_telephone_is_its_digits() -> None:
    assert normal_phone("+86 １３８-0013 8000") == "13800138000"
    assert normal_phone("023-4563 1234") == "02345631234"
    assert normal_phone("无") == ""


# --- who is joined ------------------------------------------------------------------------------

MOTHER: dict[str, object] = {
    "name": "鲜玉碧",
    "birth_date": date(1942, 5, 6),
    "sex": "f",
    "region": 500151001001,
    "phone": 7,
    "numbered": True,
    "checked": True,
    "address": "幸福路8号",
}


def _columns(*people: dict[str, object]) -> Columns:
    rows = [{**MOTHER, **person} for person in people]
    return Columns(
        name=np.array([str(row["name"]) for row in rows]),
        birth_date=np.array([row["birth_date"] for row in rows], dtype="datetime64[D]"),
        sex=np.array([str(row["sex"]) for row in rows]),
        region=np.array([row["region"] for row in rows], dtype=np.int64),
        phone=np.array([row["phone"] for row in rows], dtype=np.uint64),
        numbered=np.array([row["numbered"] for row in rows], dtype=bool),
        checked=np.array([row["checked"] for row in rows], dtype=bool),
        address=[str(row["address"]) for row in rows],
    )


def _met(row: dict[str, object], *register: dict[str, object], same_number: bool = False) -> Linked:
    """A row of a feed without a number (unless told) meets a register."""
    without: dict[str, object] = {"numbered": False, "checked": False}
    same = (np.array([0]), np.array([0])) if same_number else NO_PAIRS
    return link(
        _columns({**without, **row}),
        _columns(*register),
        characters(),
        weights(),
        same_number=same,
        near_number=NO_PAIRS,
    )


def _bands(linked: Linked) -> list[Band]:
    return [Band(int(band)) for band in linked.band]


def test_the_same_person_without_a_number_is_joined() -> None:
    assert _bands(_met({}, {})) == [Band.CERTAIN]


def test_twins_are_never_joined() -> None:
    assert Band.CERTAIN not in _bands(_met({"name": "鲜玉芳"}, {}))


def test_father_and_son_of_one_name_are_never_joined() -> None:
    assert Band.CERTAIN not in _bands(_met({"birth_date": date(1962, 5, 6)}, {}))


def test_two_valid_numbers_are_never_joined() -> None:
    assert _bands(_met({"numbered": True, "checked": True}, {})) == [Band.DOUBTFUL]


def test_a_woman_is_never_joined_with_a_man() -> None:
    assert Band.CERTAIN not in _bands(_met({"sex": "m"}, {}))


def test_two_who_fit_as_well_are_left_to_a_clerk() -> None:
    assert _bands(_met({}, {}, {})) == [Band.DOUBTFUL, Band.DOUBTFUL]


def test_somebody_elses_number_is_left_to_a_clerk() -> None:
    husband: dict[str, object] = {
        "name": "周兴发",
        "sex": "m",
        "numbered": True,
        "checked": True,
        "birth_date": date(1939, 1, 2),
    }
    assert _bands(_met(husband, {}, same_number=True)) == [Band.DOUBTFUL]


def test_the_same_number_and_a_misspelt_name_are_one_person() -> None:
    row: dict[str, object] = {"name": "先玉碧", "numbered": True, "checked": True}
    assert _bands(_met(row, {}, same_number=True)) == [Band.CERTAIN]


def test_a_stranger_is_somebody_new() -> None:
    stranger: dict[str, object] = {
        "name": "冉崇礼",
        "birth_date": date(1955, 3, 1),
        "sex": "m",
        "phone": 9,
        "address": "",
    }
    assert _bands(_met(stranger, {})) == []


def test_an_empty_register_has_nobody() -> None:
    empty = _columns()
    assert len(link(_columns({}), replace(empty), characters(), weights(),
                    same_number=NO_PAIRS, near_number=NO_PAIRS).row) == 0  # fmt: skip


def test_the_record_with_a_number_goes_on_whichever_comes_first() -> None:
    one, two = Standing(1, numbered=False, living=True), Standing(2, numbered=True, living=True)
    assert surviving(one, two) == surviving(two, one) == 2
    older = Standing(1, numbered=True, living=True)
    assert surviving(older, two) == 1
