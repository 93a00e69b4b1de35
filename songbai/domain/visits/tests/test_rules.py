"""When to believe a phone, and what somebody must look at."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core import clock
from songbai.core.clock import SHANGHAI
from songbai.domain.visits.rules import (
    CLOCK_AHEAD,
    EARLY,
    HOLDS_MONEY,
    LATE,
    LATE_RECORD,
    NEAR_DESTINATION_METRES,
    NEAR_METRES,
    NEEDS_REASON,
    OLDEST_RECORD,
    Doubt,
    Stay,
    arrival_doubts,
    departure_doubts,
    destination_doubt,
    distance_words,
    position_doubt,
    record_doubts,
    record_time,
    stay,
)

NOW = datetime(2026, 6, 10, 9, 0, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)
AGES = st.timedeltas(-timedelta(days=5), timedelta(days=5))


@pytest.mark.parametrize(
    ("age", "believed"),
    [
        (timedelta(0), True),
        (timedelta(hours=5), True),
        (OLDEST_RECORD, True),
        (OLDEST_RECORD + SECOND, False),
        (-CLOCK_AHEAD - SECOND, False),
        (-timedelta(days=300), False),
    ],
)
def test_which_clock_is_believed(age: timedelta, believed: bool) -> None:
    assert record_time(NOW - age, NOW) == (NOW - age if believed else NOW)


def test_a_phone_a_little_ahead_is_put_right() -> None:
    assert record_time(NOW + CLOCK_AHEAD, NOW) == NOW


def test_without_a_device_time_ours_counts() -> None:
    assert record_time(None, NOW) == NOW
    assert record_doubts(None, NOW) == []


@given(AGES)
def test_nothing_happens_after_we_heard_of_it(age: timedelta) -> None:
    happened = record_time(NOW - age, NOW)
    assert NOW - OLDEST_RECORD <= happened <= NOW


@given(AGES)
def test_a_record_made_long_before_is_never_taken_silently(age: timedelta) -> None:
    assert (record_doubts(NOW - age, NOW) == [Doubt.LATE_RECORD]) == (age > LATE_RECORD)


@pytest.mark.parametrize(
    ("metres", "scanned", "doubts"),
    [
        (0, True, []),
        (NEAR_METRES, True, []),
        (NEAR_METRES + 1, True, [Doubt.FAR]),
        (3_000, False, [Doubt.FAR, Doubt.NO_CODE]),
        (None, True, [Doubt.NO_POSITION]),
        (None, False, [Doubt.NO_POSITION, Doubt.NO_CODE]),
        (10, False, [Doubt.NO_CODE]),
    ],
)
def test_where(metres: int | None, scanned: bool, doubts: list[Doubt]) -> None:
    assert position_doubt(metres, scanned=scanned) == doubts


@pytest.mark.parametrize(
    ("metres", "doubts"),
    [
        (0, []),
        (NEAR_DESTINATION_METRES, []),
        (NEAR_DESTINATION_METRES + 1, [Doubt.NOT_THERE]),
        (None, [Doubt.NO_POSITION]),
    ],
)
def test_where_an_escort_ended(metres: int | None, doubts: list[Doubt]) -> None:
    assert destination_doubt(metres) == doubts


@pytest.mark.parametrize(
    ("delay", "doubts"),
    [
        (-EARLY - SECOND, [Doubt.EARLY]),
        (-EARLY, []),
        (LATE, []),
        (LATE + SECOND, [Doubt.LATE]),
    ],
)
def test_when(delay: timedelta, doubts: list[Doubt]) -> None:
    assert arrival_doubts(NOW, NOW + delay) == doubts


@pytest.mark.parametrize(
    ("minutes", "missing", "doubts"),
    [
        (60, [], []),
        (48, [], []),
        (47, [], [Doubt.SHORT]),
        (60, ["试水温"], [Doubt.STEPS]),
        (0, ["试水温"], [Doubt.SHORT, Doubt.STEPS]),
    ],
)
def test_what_was_done(minutes: int, missing: list[str], doubts: list[Doubt]) -> None:
    assert departure_doubts(Stay(minutes, 60, minutes), missing) == doubts


@pytest.mark.parametrize(
    ("minutes", "standard", "received", "doubts"),
    [
        (60, 60, 0, [Doubt.UNPROVED]),
        (60, 60, 47, [Doubt.UNPROVED]),
        (60, 60, 48, []),
        (60, 60, 300, []),
        (10, 10, 0, [Doubt.UNPROVED]),
        (8, 10, 6, []),
        (47, 60, 0, [Doubt.SHORT]),
    ],
)
def test_what_rests_on_the_phones_word(
    minutes: int, standard: int, received: int, doubts: list[Doubt]
) -> None:
    assert Stay(minutes, standard, received).doubts() == doubts


@given(st.integers(1, 120).map(lambda n: n * 5))
def test_four_fifths_of_the_time_are_enough(standard: int) -> None:
    enough = standard * 4 // 5
    assert Stay(enough, standard, enough).doubts() == []
    assert Stay(enough - 1, standard, enough - 1).doubts() == [Doubt.SHORT]


@pytest.mark.parametrize(
    ("metres", "words"),
    [(None, "没有定位"), (0, "0 米"), (999, "999 米"), (1_000, "1.0 公里"), (3_040, "3.0 公里")],
)
def test_distances_in_words(metres: int | None, words: str) -> None:
    assert distance_words(metres) == words


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [("12:32:50", "12:58:10", 26), ("15:32:59", "15:57:00", 25), ("9:00:00", "9:00:59", 0)],
)
def test_minutes_are_those_of_the_times_shown(begin: str, end: str, minutes: int) -> None:
    first, last = (
        clock.at(clock.today(), int(h), int(m)) + timedelta(seconds=int(s))
        for h, m, s in (text.split(":") for text in (begin, end))
    )
    assert stay((first, first), (last, last), 30).minutes == minutes
    shown = [clock.shown(moment) for moment in (first, last)]
    assert shown == [text.rpartition(":")[0] for text in (begin, end)]


def test_lateness_needs_no_excuse() -> None:
    looked_at = {
        Doubt.NO_ANSWER,
        Doubt.UNWELL,
        Doubt.DANGER,
        Doubt.EARLY,
        Doubt.UNPROVED,
        Doubt.OVERLAP,
        Doubt.DENIED,
    }
    assert set(Doubt) - NEEDS_REASON == {Doubt.LATE, Doubt.LATE_RECORD} | looked_at
    assert looked_at < HOLDS_MONEY
