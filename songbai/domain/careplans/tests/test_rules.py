"""How often, on which days, by whom."""

import calendar
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.assessments.rules.needs import Frequency
from songbai.domain.careplans.rules import (
    MOST,
    Choice,
    Need,
    Part,
    by_skills,
    fewest_hands,
    often,
    times_on,
    visits,
    windows,
)

BEGIN = date(2026, 3, 11)
DAYS = st.dates(date(2026, 3, 11), date(2031, 1, 1))


def every(times: int, per: str) -> Frequency:
    return Frequency.model_validate({"times": times, "per": per})


@st.composite
def frequencies(draw: st.DrawFn) -> Frequency:
    per = draw(st.sampled_from(sorted(MOST)))
    return every(draw(st.integers(1, MOST[per])), per)


def spanning(day: date, per: str) -> list[date]:
    """The days of the period a day lies in; a year counts from the beginning of the plan."""
    if per == "week":
        first, length = day - timedelta(days=day.weekday()), 7
    elif per == "month":
        first, length = day.replace(day=1), calendar.monthrange(day.year, day.month)[1]
    elif per == "year":
        first, length = day - timedelta(days=(day - BEGIN).days % 365), 365
    else:
        first, length = day, 1
    return [first + timedelta(days=n) for n in range(length)]


LENGTHS = st.lists(st.tuples(st.sampled_from(list(Part)), st.integers(5, 150)), max_size=5)


@given(LENGTHS)
def test_the_visits_of_a_day_begin_one_after_the_other(day: list[tuple[Part, int]]) -> None:
    order = list(Part)
    ones = sorted(day, key=lambda one: order.index(one[0]))
    found = windows(ones)
    for (begin, end), (_, length), (later, _) in zip(found, ones, found[1:], strict=False):
        assert 60 <= end - begin <= 120
        if later < 19 * 60:
            assert begin + max(60, length) <= later
            assert end <= later
    assert all(7 * 60 <= begin < end <= 20 * 60 for begin, end in found)


def test_a_visit_alone_in_its_part_of_the_day_has_two_hours() -> None:
    alone = [(Part.MORNING, 60), (Part.NOON, 30), (Part.EVENING, 90)]
    assert windows(alone) == [(480, 600), (660, 780), (960, 1080)]
    assert windows([(Part.MORNING, 90), (Part.MORNING, 20), (Part.EVENING, 30)]) == [
        (480, 570), (570, 690), (960, 1080),
    ]  # fmt: skip


@given(frequencies(), DAYS, st.integers(0, 10_000))
def test_every_period_has_exactly_what_was_agreed(often_: Frequency, day: date, phase: int) -> None:
    counts = [times_on(often_, one, BEGIN, phase) for one in spanning(day, often_.per)]
    assert sum(counts) == often_.times
    assert max(counts) - min(counts) <= 1
    assert max(counts) <= 3


def test_twice_a_week_is_three_or_four_days_apart() -> None:
    monday = date(2026, 3, 16)
    days = [n for n in range(7) if times_on(every(2, "week"), monday + timedelta(n), BEGIN, 0)]
    assert days == [0, 3]


def test_plans_do_not_all_begin_on_mondays() -> None:
    monday = date(2026, 3, 16)
    first = {
        next(n for n in range(7) if times_on(every(1, "week"), monday + timedelta(n), BEGIN, plan))
        for plan in range(7)
    }
    assert first == set(range(7))


def test_once_a_year_comes_first_when_the_plan_begins() -> None:
    once = every(1, "year")
    assert times_on(once, BEGIN, BEGIN, 5) == 1
    assert not any(times_on(once, BEGIN + timedelta(n), BEGIN, 5) for n in range(1, 365))


def test_lines_of_one_provider_share_a_visit() -> None:
    needs = [Need(1, every(2, "day"), 7), Need(2, every(1, "day"), 7), Need(3, every(1, "day"), 8)]
    found = visits(needs, BEGIN, BEGIN, phase=0, days=1)
    assert [(one.part, one.provider, one.lines) for one in found] == [
        (Part.MORNING, 7, (1, 2)),
        (Part.MORNING, 8, (3,)),
        (Part.EVENING, 7, (1,)),
    ]


def test_what_comes_with_a_vehicle_is_a_visit_of_its_own() -> None:
    needs = [Need(1, every(1, "day"), 7), Need(2, every(1, "day"), 7, "meal_bike")]
    found = visits(needs, BEGIN, BEGIN, phase=0, days=1)
    assert [(one.vehicle, one.lines) for one in found] == [("", (1,)), ("meal_bike", (2,))]


def test_nobody_need_hold_the_certificates_of_two_services() -> None:
    bath, nurse, more = frozenset({"bath"}), frozenset({"nurse"}), frozenset({"nurse", "rehab"})
    asked = {1: bath, 2: nurse, 3: frozenset[str](), 4: more}
    needs = [Need(line, every(1, "day"), 7, skills=skills) for line, skills in asked.items()]
    found = visits(needs, BEGIN, BEGIN, phase=0, days=1)
    assert [(one.skills, one.lines) for one in found] == [
        (("bath",), (1, 3)),
        (("nurse", "rehab"), (2, 4)),
    ]


@given(st.lists(st.frozensets(st.sampled_from("abc")), min_size=1))
def test_every_line_is_done_once_by_somebody_its_offer_has(asked: list[frozenset[str]]) -> None:
    found = by_skills([Need(n, every(1, "day"), 7, skills=one) for n, one in enumerate(asked)])
    assert sorted(line for lines in found.values() for line in lines) == [*range(len(asked))]
    for skills, lines in found.items():
        assert frozenset(skills) in asked
        assert all(asked[line] <= {*skills} for line in lines)


def test_fewer_providers_come_before_a_lower_price() -> None:
    choices = {
        1: [Choice(10, 100), Choice(20, 900)],
        2: [Choice(20, 900)],
        3: [Choice(20, 900), Choice(30, 1)],
        4: [],
    }
    assert fewest_hands(choices) == {1: 20, 2: 20, 3: 20}


def test_of_two_who_cover_as_much_the_cheaper_comes() -> None:
    assert fewest_hands({1: [Choice(10, 200), Choice(20, 100)]}) == {1: 20}


def test_frequencies_read_as_people_say_them() -> None:
    assert often(every(3, "week")) == "每周 3 次"
