"""Who could be sent by hand: cases one can check by hand, and what holds whatever the day."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songbai.core.geo import Mode, Place
from songbai.core.travel import EstimatedTravel
from songbai.domain.dispatch.planner import engine, hand
from songbai.domain.dispatch.planner.facts import Facts, Member, Need, Standing
from songbai.domain.dispatch.planner.hand import as_told, offers
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.rules import Candidate, Refusal, why_open
from songbai.domain.dispatch.solver.compiled import interpreted
from songbai.domain.dispatch.vehicles import Vehicle
from songbai.domain.providers.rules import VehicleKind

pytestmark = pytest.mark.long

HOME = Place(106.055, 29.845)
TRAVEL = EstimatedTravel()
DAY = date(2026, 12, 1)
NINE, ELEVEN, SEVEN, NINETEEN = 540, 660, 420, 1140
OVERTIME = house().most_overtime


def east(km: float) -> Place:
    return Place(HOME.longitude + km / 96.5, HOME.latitude)


def worker(number: int = 1, km: float = 1, **facts: object) -> Member:
    """Somebody with a bathing certificate, seven to nineteen o'clock, on an e-bike."""
    values: dict[str, object] = {
        "shift_id": number,
        "staff_id": number,
        "sex": "",
        "name": f"护理员{number}",
        "provider_id": 1,
        "skills": frozenset({"bathing"}),
        "starts": SEVEN,
        "ends": NINETEEN,
        "base": east(km),
        "mode": Mode.EBIKE,
    }
    return Member(**{**values, **facts})  # type: ignore[arg-type]  # fields of Member


def job(number: int = 1, **facts: object) -> Need:
    """A bath of an hour between nine and eleven."""
    values: dict[str, object] = {
        "order_id": number,
        "seat": 1,
        "provider_id": 1,
        "skills": frozenset({"bathing"}),
        "earliest": NINE,
        "latest": ELEVEN,
        "minutes": 60,
        "place": HOME,
    }
    return Need(**{**values, **facts})  # type: ignore[arg-type]  # fields of Need


def stands(start: int, minutes: int = 60, km: float = 0, staff: int = 1, load: int = 0) -> Need:
    """A visit for which somebody was sent; named by its time."""
    told = Standing(start, staff, start)
    return job(10_000 + start, minutes=minutes, place=east(km), load=load, standing=told)


def found(
    wanted: Need, *crew: Member, told: tuple[Need, ...] = (), now: int | None = None
) -> list[Candidate]:
    facts = Facts(DAY, now, crew, told)
    return offers(as_told(facts, wanted.provider_id, house(), TRAVEL), wanted, TRAVEL)


def who(wanted: Need, *crew: Member, told: tuple[Need, ...] = ()) -> list[int]:
    return [candidate.worker_id for candidate in found(wanted, *crew, told=told)]


def test_the_nearest_comes_first() -> None:
    assert who(job(), worker(1, km=5), worker(2, km=1), worker(3, km=3)) == [2, 3, 1]


def test_equal_ways_are_ordered_by_number() -> None:
    assert who(job(), worker(3), worker(1), worker(2)) == [1, 2, 3]


@pytest.mark.parametrize(
    "facts",
    [
        {"provider_id": 2},
        {"skills": frozenset({"care"})},
        {"starts": 12 * 60},
        {"ends": NINE + 59 - OVERTIME},
        {"base": east(60)},
        {"sex": "m"},
    ],
    ids=["other provider", "no certificate", "comes later", "goes home", "too far", "not wished"],
)
def test_who_cannot_is_no_candidate(facts: dict[str, object]) -> None:
    assert who(job(sex="f"), worker(**facts)) == []  # type: ignore[arg-type]  # fields of Member


def test_who_is_busy_is_no_candidate_and_who_just_fits_is_one() -> None:
    until_closing = worker(ends=NINE + 60, km=0)
    assert who(job(), until_closing) == [1]
    assert who(job(), worker(km=0), told=(stands(NINE, 121),)) == []
    [after] = found(job(), worker(km=0), told=(stands(NINE, 120),))
    assert after.start == ELEVEN


def test_a_visit_before_the_next_leaves_time_to_get_there() -> None:
    next_at = NINE + 60
    [first] = found(job(latest=NINE), worker(), told=(stands(next_at),))
    assert (first.start, first.end) == (NINE, next_at)
    assert found(job(latest=NINE), worker(), told=(stands(next_at, km=3),)) == []


def test_nobody_starts_before_the_shift() -> None:
    [one] = found(job(earliest=SEVEN), worker(starts=NINE, km=0))
    assert one.start == NINE


def test_between_two_shifts_nobody_works() -> None:
    evening = worker(starts=17 * 60)
    assert who(job(earliest=13 * 60, latest=15 * 60), evening, told=(stands(SEVEN),)) == []


def test_who_works_two_shifts_is_one_candidate_at_the_better_time() -> None:
    both = [
        worker(starts=SEVEN, ends=12 * 60, km=2),
        worker(starts=14 * 60, km=1, shift_id=2),
    ]
    [one] = found(job(latest=15 * 60), *both)
    assert one.start == 14 * 60 + 7


def test_a_known_face_is_worth_a_longer_way() -> None:
    near, known = worker(1, km=1), worker(2, km=4)
    assert who(job(known=frozenset({2})), near, known) == [2, 1]
    far = worker(2, km=4 + house().weights.unfamiliar)
    assert who(job(known=frozenset({2})), near, far) == [1, 2]


def test_whom_the_elder_refuses_is_not_offered_and_whom_she_wants_is_first() -> None:
    near, far = worker(1, km=1), worker(2, km=3)
    assert who(job(refused=frozenset({1})), near, far) == [2]
    assert who(job(preferred=frozenset({2})), near, far) == [2, 1]


def test_whoever_failed_the_order_is_offered_last() -> None:
    first, last = found(job(failed=frozenset({1})), worker(1, km=0), worker(2, km=9))
    assert (first.worker_id, last.worker_id, last.failed) == (2, 1, True)


def test_whoever_runs_late_is_offered_for_later_and_what_stands_is_not_made_later() -> None:
    told = (stands(600), stands(690, km=5))
    wanted = job(earliest=641, latest=1000, minutes=30)
    [one] = found(wanted, worker(), told=told, now=640)
    ends = 641 + 60 + TRAVEL.minutes(HOME, east(5), Mode.EBIKE) + 60
    assert one.start >= ends
    assert found(replace(wanted, latest=ends - 1), worker(), told=told, now=640) == []


def test_who_was_sent_in_spite_of_a_wish_is_offered_for_the_rest_of_her_day() -> None:
    despite = replace(stands(NINE), refused=frozenset({1}), skills=frozenset({"rehab"}))
    assert who(job(earliest=NINE + 60, latest=NINE + 90), worker(), told=(despite,)) == [1]


@pytest.mark.parametrize(
    ("crew", "why"),
    [
        ([], Refusal.NOBODY_WORKS),
        ([worker(provider_id=2)], Refusal.NOBODY_WORKS),
        ([worker(skills=frozenset())], Refusal.NO_SKILL),
        ([worker(ends=SEVEN + 1)], Refusal.NO_TIME),
    ],
)
def test_an_open_job_says_why(crew: list[Member], why: Refusal) -> None:
    own = [member for member in crew if member.provider_id == 1]
    assert why_open(job(), own) is why
    assert found(job(), *crew) == []


KM = st.integers(0, 12).map(east)
VEHICLES = st.none() | st.builds(
    Vehicle, st.just(1), st.sampled_from(VehicleKind), st.integers(1, 3), KM, st.integers(0, 30)
)
NEEDED = st.just((None, 0)) | st.tuples(st.sampled_from(VehicleKind), st.integers(1, 2))
SKILLS = st.frozensets(st.sampled_from(["care", "bathing", "rehab"]), max_size=2)
JOBS = st.lists(
    st.builds(
        lambda number, provider, skills, earliest, wide, minutes, place, needed: Need(
            number,
            1,
            provider,
            skills,
            earliest,
            earliest + wide,
            minutes,
            place,
            vehicle=needed[0],
            load=needed[1],
        ),
        st.integers(1, 1_000),
        st.integers(1, 2),
        SKILLS,
        st.integers(SEVEN, 1_000),
        st.integers(0, 180),
        st.integers(15, 120),
        KM,
        NEEDED,
    ),
    max_size=8,
    unique_by=lambda one: one.order_id,
)
CREW = st.lists(
    st.builds(
        lambda number, provider, skills, start, long, base, mode, vehicle: Member(
            shift_id=number,
            staff_id=number,
            sex="",
            name=f"护理员{number}",
            provider_id=provider,
            skills=skills,
            starts=start,
            ends=start + long,
            base=vehicle.refill if vehicle else base,
            mode=vehicle.mode if vehicle else mode,
            vehicle=vehicle,
        ),
        st.integers(1, 50),
        st.integers(1, 2),
        st.frozensets(st.sampled_from(["care", "bathing", "rehab"])),
        st.integers(SEVEN, 800),
        st.integers(60, 600),
        KM,
        st.sampled_from(Mode),
        VEHICLES,
    ),
    max_size=5,
    unique_by=lambda one: one.staff_id,
)


TOLD = st.lists(
    st.builds(
        stands,
        st.integers(SEVEN, 1_000),
        st.integers(15, 90),
        st.integers(0, 9),
        st.integers(1, 50),
        st.integers(0, 1),
    ),
    max_size=6,
    unique_by=lambda one: one.order_id,
)
NOW = st.none() | st.integers(SEVEN, 900)


def told_of(crew: list[Member], told: list[Need]) -> list[Need]:
    """The visits, given to those who are there; also impossibly."""
    own = [one.staff_id for one in crew if one.provider_id == 1] or [99]
    return [
        replace(one, standing=replace(one.standing, staff_id=own[one.standing.staff_id % len(own)]))
        for one in told
        if one.standing
    ]


@given(JOBS, CREW, TOLD, NOW)
def test_an_offer_keeps_to_provider_skill_vehicle_window_and_shift(
    jobs: list[Need], crew: list[Member], told: list[Need], now: int | None
) -> None:
    people = {one.staff_id: one for one in crew}
    for wanted in jobs:
        for choice in found(wanted, *crew, told=tuple(told_of(crew, told)), now=now):
            chosen = people[choice.worker_id]
            assert chosen.provider_id == wanted.provider_id
            assert wanted.suits(chosen)
            assert wanted.earliest <= choice.start <= wanted.latest
            assert choice.end - choice.start == wanted.minutes
            assert max(chosen.starts, (now or 0) + 1 if now else 0) <= choice.start


@given(JOBS, CREW, TOLD, NOW)
def test_an_offer_makes_nobody_later_than_she_will_be_anyway(
    jobs: list[Need], crew: list[Member], told: list[Need], now: int | None
) -> None:
    standing = tuple(told_of(crew, told))
    for wanted in jobs:
        before = starts(wanted.provider_id, crew, standing, now)
        for choice in found(wanted, *crew, told=standing, now=now):
            sent = replace(wanted, standing=Standing(0, choice.worker_id, choice.start))
            after = starts(wanted.provider_id, crew, (*standing, sent), now)
            assert all(after[key] <= start for key, start in before.items())
            assert after[wanted.key] == choice.start


def starts(
    provider: int, crew: list[Member], told: tuple[Need, ...], now: int | None
) -> dict[str, int]:
    """When each visit will begin that somebody was sent for."""
    task = as_told(Facts(DAY, now, tuple(crew), told), provider, house(), TRAVEL)
    return engine.expected(task)


@given(JOBS, CREW, TOLD)
def test_the_same_day_gives_the_same_offers(
    jobs: list[Need], crew: list[Member], told: list[Need]
) -> None:
    standing = told_of(crew, told)
    for wanted in jobs:
        again = found(wanted, *reversed(crew), told=tuple(reversed(standing)))
        assert found(wanted, *crew, told=tuple(standing)) == again


@given(JOBS, CREW, TOLD)
def test_more_hands_never_take_an_offer_away(
    jobs: list[Need], crew: list[Member], told: list[Need]
) -> None:
    standing = tuple(told_of(crew[:-1], told))
    for wanted in jobs:
        assert {*who(wanted, *crew[:-1], told=standing)} <= {*who(wanted, *crew, told=standing)}


@given(JOBS, CREW, TOLD)
def test_offers_come_cheapest_first_and_each_name_once(
    jobs: list[Need], crew: list[Member], told: list[Need]
) -> None:
    for wanted in jobs:
        offered = found(wanted, *crew, told=tuple(told_of(crew, told)))
        assert [c.cost for c in offered] == sorted(c.cost for c in offered)
        assert len({c.worker_id for c in offered}) == len(offered)


@settings(max_examples=30)
@given(JOBS, CREW, TOLD, NOW)
def test_without_machine_code_the_answer_is_the_same(
    jobs: list[Need], crew: list[Member], told: list[Need], now: int | None
) -> None:
    standing = tuple(told_of(crew, told))
    compiled = [found(wanted, *crew, told=standing, now=now) for wanted in jobs]
    with pytest.MonkeyPatch.context() as cold:
        cold.setattr(hand, "_run", interpreted)
        assert [found(wanted, *crew, told=standing, now=now) for wanted in jobs] == compiled


VAN = Vehicle(1, VehicleKind.BATH_VAN, 2, HOME, 20)


def test_who_has_the_wrong_vehicle_or_too_small_a_one_is_no_candidate() -> None:
    bath = job(vehicle=VehicleKind.BATH_VAN, load=1)
    bike = replace(VAN, kind=VehicleKind.MEAL_BIKE)
    crew = [worker(1), worker(2, vehicle=bike), worker(3, vehicle=VAN)]
    assert who(bath, *crew) == [3]
    assert who(replace(bath, load=3), *crew) == []
    assert why_open(bath, crew[:2]) is Refusal.NO_BATH_VAN
    assert why_open(replace(bath, skills=frozenset({"rehab"})), crew) is Refusal.NO_SKILL
    assert why_open(replace(bath, earliest=0, latest=0), crew) is Refusal.NO_TIME


def test_a_refill_that_a_visit_brings_about_must_leave_time_for_what_stands() -> None:
    def told(second: int) -> tuple[Need, ...]:
        bath = replace(stands(ELEVEN, km=1, load=1), vehicle=VehicleKind.BATH_VAN)
        later = replace(stands(second, km=1, load=1), vehicle=VehicleKind.BATH_VAN)
        return bath, later

    van, close = worker(vehicle=VAN, mode=Mode.CAR), told(ELEVEN + 70)
    bath = job(vehicle=VehicleKind.BATH_VAN, load=1)
    assert found(job(load=0, latest=NINE), van, told=close)
    assert found(replace(bath, latest=NINE), van, told=close) == []
    assert found(replace(bath, latest=NINE), van, told=told(ELEVEN + 140))
