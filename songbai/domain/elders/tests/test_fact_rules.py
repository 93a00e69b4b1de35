"""What stands of what was said: trust, age, periods, complete lists, withdrawals, any order."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.elders.rules.facts import Delivered, Finding, Statement, current, digest_of
from songbai.domain.elders.rules.kinds import WrongCatalogue, WrongValue, check, kinds, parse, words

DAY = date(2026, 6, 15)
JUNE = datetime(2026, 6, 1, 4, tzinfo=UTC)


def said(
    source: str, value: str, *, kind: str = "living", ago: int = 0, row: str = "1", **more: object
) -> Statement:
    """A statement observed and learnt some days before June."""
    at = JUNE - timedelta(days=ago)
    one = Statement(
        kind=kind,
        source=source,
        source_id=row,
        value=value,
        observed_at=at,
        recorded_at=at,
        digest=UUID(int=0),
    )
    one = dataclasses.replace(one, **more)  # type: ignore[arg-type]
    during = (one.valid_from, one.valid_to)
    name = digest_of(source, row, value, at, during, withdrawn=one.withdrawn)
    return dataclasses.replace(one, digest=name)


def look(*statements: Statement, day: date = DAY, **more: object) -> dict[str, Finding]:
    return current(statements, day, kinds=kinds(), trust={}, **more)  # type: ignore[arg-type]


def stands(*statements: Statement, kind: str = "living", **more: object) -> str | None:
    found = look(*statements, **more).get(kind)  # type: ignore[arg-type]
    return found.stands.value if found else None


def test_the_more_trusted_source_stands_even_if_it_spoke_earlier() -> None:
    assert stands(said("family", "with_children"), said("village", "living_alone", ago=90)) == (
        "living_alone"
    )


def test_a_stale_word_yields_to_a_fresh_one_of_a_less_trusted_source() -> None:
    assert stands(said("family", "with_children"), said("village", "living_alone", ago=500)) == (
        "with_children"
    )


def test_a_stale_word_stands_while_nobody_says_more() -> None:
    found = look(said("village", "living_alone", ago=500))["living"]
    assert (found.stands.value, found.stale) == ("living_alone", True)


def test_the_later_word_of_one_source_stands() -> None:
    assert stands(said("village", "empty_nest", ago=9), said("village", "living_alone", row="2"))


@pytest.mark.parametrize("row", ["1", "2"])
def test_of_two_words_of_one_moment_the_one_learnt_later_stands(row: str) -> None:
    for first, then in (("empty_nest", "living_alone"), ("living_alone", "empty_nest")):
        later = said("village", then, row=row, recorded_at=JUNE + timedelta(hours=2))
        assert (
            stands(said("village", first), later) == stands(later, said("village", first)) == then
        )


def test_of_two_words_learnt_together_the_one_that_says_until_when_stands() -> None:
    begins = date(2026, 5, 1)
    for place in ("甲医院", "乙医院"):
        stays = said("yibao", place, kind="hospital_stay", valid_from=begins)
        left = dataclasses.replace(said("yibao", "甲医院", kind="hospital_stay", valid_from=begins,
                                        valid_to=date(2026, 5, 2)))  # fmt: skip
        assert stands(stays, left, kind="hospital_stay") is None


def test_a_row_said_anew_replaces_what_it_said_even_when_it_no_longer_holds() -> None:
    ended = said("minzheng", "dibao", kind="hardship", valid_to=date(2026, 5, 31))
    open_ended = said("minzheng", "dibao", kind="hardship", ago=30)
    assert stands(ended, open_ended, kind="hardship") is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 4, 30), None), (date(2026, 5, 1), "dibao"), (date(2026, 5, 31), "dibao"),
     (date(2026, 6, 1), None)],
)  # fmt: skip
def test_a_period_holds_from_its_first_to_its_last_day(day: date, expected: str | None) -> None:
    may = (date(2026, 5, 1), date(2026, 5, 31))
    one = said("minzheng", "dibao", kind="hardship", valid_from=may[0], valid_to=may[1])
    assert stands(one, kind="hardship", day=day) == expected


def test_a_withdrawn_row_says_nothing_and_the_others_stand_again() -> None:
    gone = said("village", "", ago=-1, withdrawn=True)
    assert stands(said("village", "living_alone"), said("family", "empty_nest"), gone) == (
        "empty_nest"
    )


def list_of(kind: str, source: str, ago: int) -> Delivered:
    at = JUNE - timedelta(days=ago)
    return Delivered(kind, source, at, at)


def test_who_is_not_on_the_complete_list_has_its_default() -> None:
    assert stands(kind="hardship", lists=[list_of("hardship", "minzheng", 3)]) == "none"


def test_who_was_on_the_list_before_and_is_not_on_the_new_one_has_left() -> None:
    before = said("minzheng", "dibao", kind="hardship", ago=33)
    found = look(before, lists=[list_of("hardship", "minzheng", 3)])["hardship"]
    assert (found.stands.value, found.stands.default) == ("none", True)


def test_who_is_on_the_complete_list_keeps_what_it_says() -> None:
    on_it = said("minzheng", "dibao", kind="hardship", ago=3)
    assert stands(on_it, kind="hardship", lists=[list_of("hardship", "minzheng", 3)]) == "dibao"


def test_a_list_that_came_late_does_not_end_what_a_newer_one_says() -> None:
    lists = [list_of("hardship", "minzheng", 33), list_of("hardship", "minzheng", 3)]
    on_it = said("minzheng", "dibao", kind="hardship", ago=3)
    assert stands(on_it, kind="hardship", lists=lists) == "dibao"


def test_hukou_off_the_list_is_the_district_of_the_register() -> None:
    lists = [list_of("hukou", "gongan", 3)]
    assert stands(kind="hukou", lists=lists, district="500151000000") == "500151000000"


def test_as_known_on_a_day_leaves_out_what_was_learnt_later() -> None:
    late = said("village", "living_alone", recorded_at=JUNE + timedelta(days=20))
    known = JUNE + timedelta(days=10)
    assert stands(said("family", "empty_nest"), late, known_at=known) == "empty_nest"


def test_two_sources_that_settle_and_disagree_are_a_conflict_and_others_are_not() -> None:
    village, bureau = said("village", "living_alone"), said("minzheng", "in_institution")
    assert look(village, bureau)["living"].sides == (bureau, village)
    assert not look(village, said("family", "empty_nest"))["living"].sides
    assert not look(village, said("minzheng", "living_alone"))["living"].sides


def test_a_stale_word_is_no_conflict() -> None:
    assert not look(said("village", "living_alone"), said("minzheng", "empty_nest", ago=500))[
        "living"
    ].sides


def test_a_decision_stands_above_every_source() -> None:
    decided = said("decision", "empty_nest", ago=10)
    assert stands(said("village", "living_alone"), decided) == "empty_nest"


def test_the_losers_are_kept() -> None:
    lost = said("family", "empty_nest")
    assert look(said("village", "living_alone"), lost)["living"].losers == (lost,)


_statements = st.builds(
    said,
    st.sampled_from(["village", "minzheng", "family", "decision"]),
    st.sampled_from(["living_alone", "empty_nest"]),
    ago=st.integers(-20, 800),
    row=st.sampled_from("12"),
    withdrawn=st.booleans(),
    valid_to=st.sampled_from([None, DAY, DAY - timedelta(days=1)]),
)


@given(st.lists(_statements, max_size=8), st.randoms(), st.integers(0, 8))
def test_the_order_of_arrival_and_repeats_change_nothing(
    statements: list[Statement], random: Random, repeated: int
) -> None:
    again = statements + statements[:repeated]
    random.shuffle(again)
    found, before = look(*dict.fromkeys(again)), look(*dict.fromkeys(statements))
    assert found == before


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [("hardship", " dibao ", "dibao"), ("pension_amount", "012300", "12300"),
     ("death", "2026-01-31", "2026-01-31"), ("ability_level", "4", "4"),
     ("special_family", "true", "true"), ("hukou", "500151001001", "500151001001")],
)  # fmt: skip
def test_values_are_stored_in_one_form(kind: str, text: str, stored: str) -> None:
    assert check(kinds()[kind], text) == stored


@pytest.mark.parametrize(
    ("kind", "text"),
    [("hardship", "低保"), ("pension_amount", "12.5"), ("pension_amount", "-1"),
     ("death", "2026-02-30"), ("death", "0026-01-01"), ("ability_level", "5"),
     ("ability_level", "٣"), ("special_family", "是"), ("hukou", "500151"), ("name", ""),
     ("name", "王" * 61), ("phone", "1\x00")],
)  # fmt: skip
def test_values_that_mean_nothing_are_refused(kind: str, text: str) -> None:
    with pytest.raises(WrongValue):
        check(kinds()[kind], text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("birth_date", "2027-01-01"), ("birth_date", "1850-06-01"), ("death", "2026-12-01"),
     ("survival", "2026-12-01")],
)  # fmt: skip
def test_what_cannot_have_happened_is_refused(kind: str, text: str) -> None:
    with pytest.raises(WrongValue):
        check(kinds()[kind], text, date(2026, 11, 30))


def test_values_are_shown_in_words() -> None:
    stored = {"hardship": "dibao", "pension_amount": "12305", "special_family": "true"}
    shown = [words(kinds()[code], value) for code, value in stored.items()]
    assert shown == ["低保", "123.05 元", "是"]


def test_a_catalogue_with_an_unknown_source_is_refused() -> None:
    raw = {
        "format": "songbai-registry-facts/1",
        "sources": {"village": "村社"},
        "kinds": {"living": {"name": "居住", "type": "text", "sources": ["police"]}},
    }
    with pytest.raises(WrongCatalogue, match="police"):
        parse(raw)


@pytest.mark.parametrize("other", ["买买提·艾力", "买买提艾力"])
def test_two_writings_of_one_name_are_no_conflict(other: str) -> None:
    both = look(said("gongan", "买买提·艾力", kind="name"), said("renshe", other, kind="name"))
    assert both["name"].key is None
