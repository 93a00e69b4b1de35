"""Plans of any day: what is hard holds, what is pinned stays, reasons are true."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songbai.core.geo import Mode, Place
from songbai.core.travel import EstimatedTravel
from songbai.domain.dispatch.planner import engine
from songbai.domain.dispatch.planner.drafting import Draft, Terms, draft_of
from songbai.domain.dispatch.planner.editing import Seat, edited, move
from songbai.domain.dispatch.planner.facts import Decided, Facts, Member, Need, Standing
from songbai.domain.dispatch.planner.hand import as_told, offers, placed, whole
from songbai.domain.dispatch.planner.lines import Line
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.planner.progress import expected_starts
from songbai.domain.dispatch.planner.soundness import sound_task
from songbai.domain.dispatch.planner.tasks import task_of, with_new
from songbai.domain.dispatch.rules import NO_VEHICLE, Candidate, Refusal
from songbai.domain.dispatch.solver.day.explain import cheap_slots
from songbai.domain.dispatch.solver.day.problem import BadProblem
from songbai.domain.dispatch.solver.tests.faults import faults
from songbai.domain.dispatch.vehicles import Vehicle, refills
from songbai.domain.providers.rules import VehicleKind
from tests.cast import HOME

pytestmark = pytest.mark.slow

TRAVEL = EstimatedTravel()
WORDS = {"bathing": "助浴证"}
DAY = date(2026, 12, 1)
SKILLS = st.frozensets(st.sampled_from(["care", "bathing"]), max_size=2)


def east(km: float) -> Place:
    return Place(HOME.longitude + km / 96.5, HOME.latitude)


KM = st.integers(0, 12).map(east)


@st.composite
def vehicles(draw: st.DrawFn, number: int) -> Vehicle | None:
    if draw(st.booleans()):
        return None
    kind, capacity = draw(st.sampled_from(VehicleKind)), draw(st.integers(1, 2))
    return Vehicle(number, kind, capacity, draw(KM), draw(st.sampled_from([0, 15])))


@st.composite
def members(draw: st.DrawFn) -> tuple[Member, ...]:
    return tuple(
        Member(
            number,
            number,
            f"护理员{number}",
            1,
            draw(SKILLS),
            draw(st.sampled_from("fm")),
            starts := draw(st.integers(420, 700)),
            starts + draw(st.integers(120, 600)),
            vehicle.refill if (vehicle := draw(vehicles(number))) else draw(KM),
            vehicle.mode if vehicle else draw(st.sampled_from(Mode)),
            vehicle=vehicle,
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    )


@st.composite
def days(draw: st.DrawFn) -> Facts:
    """A day with skills, wishes, pairs, what stands (also impossibly), perhaps under way."""
    crew = draw(members())
    now = draw(st.sampled_from([None, None, 600]))
    needs = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        earliest = draw(st.integers(420, 1000))
        vehicle = draw(st.sampled_from([None, *VehicleKind]))
        one = Need(
            number,
            1,
            1,
            draw(SKILLS),
            earliest,
            earliest + draw(st.integers(30, 180)),
            draw(st.sampled_from([30, 60, 90])),
            draw(KM),
            known=draw(st.frozensets(st.integers(1, 4), max_size=2)),
            refused=draw(st.frozensets(st.integers(1, 4), max_size=1)),
            sex=draw(st.sampled_from(["", "", "f"])),
            standing=_stands(draw, number, len(crew), earliest, now),
            end=draw(st.one_of(st.none(), st.none(), KM)),
            vehicle=vehicle,
            load=draw(st.integers(1, 2)) if vehicle else 0,
        )
        needs.append(one)
        if draw(st.integers(0, 4)) == 0:
            stands = _stands(draw, number + 100, len(crew), earliest, now)
            needs.append(replace(one, seat=2, standing=stands, vehicle=None, load=0))
    return Facts(DAY, now, crew, tuple(needs))


def _stands(
    draw: st.DrawFn, number: int, crew: int, start: int, now: int | None
) -> Standing | None:
    if draw(st.integers(0, 2)):
        return None
    begun = start if now is not None and start < now and draw(st.booleans()) else None
    ended = start + 60 if begun is not None and start + 60 < (now or 0) else None
    return Standing(number, draw(st.integers(1, crew + 1)), start, begun, ended)


def still_can(need: Need, facts: Facts) -> bool:
    """Whether whoever was sent works and has what it takes along."""
    return need.standing is not None and any(
        member.staff_id == need.standing.staff_id and need.carried_by(member)
        for member in facts.members
    )


def planned(facts: Facts, **terms: object) -> Draft:
    return draft_of(facts, Terms(**terms), house(), TRAVEL, WORDS)  # type: ignore[arg-type]


@given(days())
def test_every_hard_limit_holds_on_any_day(facts: Facts) -> None:
    for provider in facts.providers:
        task = task_of(facts, provider, house(), TRAVEL)
        plan, whole = engine.search(task, seed=1, seconds=60)  # however busy the machine is
        assert whole
        assert faults(task.problem, plan) == []


@given(days())
def test_only_whose_shift_has_the_vehicle_is_sent_and_refills_are_in_the_minutes(
    facts: Facts,
) -> None:
    """Followed by hand from the lines alone: who has what, what is left, when she can be there."""
    members = {member.staff_id: member for member in facts.members}
    routes: dict[int, list[Line]] = {}
    for line in planned(facts).lines:
        if line.staff_id is not None and (line.changed or line.need.standing is None):
            assert line.need.carried_by(members[line.staff_id])
        if line.staff_id is not None:
            routes.setdefault(line.staff_id, []).append(line)
    for staff_id, lines in routes.items():
        vehicle, made = members[staff_id].vehicle, sorted(lines, key=lambda line: line.start or 0)
        before = begun_loads(facts, members[staff_id])
        if vehicle is None or not all(line.need.carried_by(members[staff_id]) for line in lines):
            continue
        filled = refills(vehicle, [*before, *(line.need.load for line in made)])[len(before) :]
        assert [line.filling for line in made] == [vehicle.minutes * full for full in filled]
        for one, other in pairwise(made):
            if one.reason and other.reason:  # both timed by this plan
                way = other.travel_minutes + other.filling
                assert (one.start or 0) + one.need.minutes + way <= (other.start or 0)


def begun_loads(facts: Facts, member: Member) -> list[int]:
    """What she has used today, visit by visit."""
    begun = [
        (need.standing.begun, need.load)
        for need in facts.needs
        if need.standing
        and need.standing.staff_id == member.staff_id
        and need.standing.begun is not None
        and member.starts - need.minutes <= need.standing.begun <= member.ends
    ]
    return [load for _, load in sorted(begun, key=lambda pair: pair[0])]


@given(days())
def test_every_need_that_has_not_begun_is_in_the_draft_once(facts: Facts) -> None:
    for keep in (False, True):
        draft = planned(facts, keep=keep)
        ahead = [n.key for n in facts.needs if not (n.standing and n.standing.begun is not None)]
        assert sorted(line.need.key for line in draft.lines) == sorted(ahead)
        unplaced = {line.need.key for line in draft.lines if line.staff_id is None}
        assert set(draft.refused) == unplaced


@given(days())
def test_what_is_kept_is_not_moved(facts: Facts) -> None:
    half = {n.order_id for n in facts.needs if n.standing and not still_can(n, facts)}
    for line in planned(facts, keep=True).lines:
        stands = line.need.standing
        if stands and line.need.order_id not in half and line.staff_id is not None:
            # Only somebody whose shift is over by now is replaced.
            if line.staff_id == stands.staff_id:
                assert line.start == stands.start
            else:
                assert facts.now is not None


@given(days(), st.data())
def test_pinned_visits_never_move(facts: Facts, data: st.DataObject) -> None:
    first = planned(facts)
    made = [line for line in first.lines if line.staff_id is not None and line.need.seat == 1]
    if not made or (first.refused and any(n.seat > 1 for n in facts.needs)):
        return
    chosen = data.draw(st.sampled_from(made))
    if chosen.need.standing and chosen.start == chosen.need.standing.start:
        return  # told earlier than anybody can be there: it stands, but it cannot be pinned
    pins = {chosen.need.key: Decided(chosen.staff_id or 0, chosen.start)}
    try:
        again = planned(facts, decided=pins, seed=2)
    except BadProblem:
        pytest.fail("what a plan has done can be pinned")
    [line] = [line for line in again.lines if line.need.key == chosen.need.key]
    assert (line.staff_id, line.start) == (chosen.staff_id, chosen.start)


@settings(max_examples=30)
@given(days())
def test_another_caregiver_never_makes_the_day_worse(facts: Facts) -> None:
    fair = replace(house(), weights=replace(house().weights, unfair_work_minute=0))
    helper = Member(
        99, 99, "帮手", 1, frozenset({"care", "bathing"}), "f", 420, 1080, HOME, Mode.CAR
    )
    more = replace(facts, members=(*facts.members, helper))
    alone = draft_of(facts, Terms(), fair, TRAVEL, WORDS)
    helped = draft_of(more, Terms(), fair, TRAVEL, WORDS)
    assert helped.cost <= alone.cost + 1


@settings(max_examples=30)
@given(days())
def test_named_alternatives_cost_what_is_said(facts: Facts) -> None:
    """Solve again by the price of the move itself, from the draft's lines."""
    draft = planned(facts)
    seats = [
        Seat(line.need.key, line.staff_id, line.start)
        for line in draft.lines
        if line.staff_id is not None and line.start is not None
    ]
    task, plan = edited(facts, 1, seats, house(), TRAVEL)
    for line in draft.lines[:4]:
        if line.staff_id is None or not line.why or task.problem.relations:
            continue
        for other in line.why["others"]:
            done = move(task, plan, line.need.key, Decided(other["staff"]))
            assert done is not None
            assert done.extra == pytest.approx(other["extra"], abs=0.06)


def member(number: int = 1, km: float = 0, **facts: object) -> Member:
    values: dict[str, object] = {
        "shift_id": number,
        "staff_id": number,
        "name": f"护理员{number}",
        "provider_id": 1,
        "skills": frozenset(),
        "sex": "f",
        "starts": 480,
        "ends": 1080,
        "base": east(km),
        "mode": Mode.EBIKE,
    }
    return Member(**{**values, **facts})  # type: ignore[arg-type]


def need(number: int = 1, earliest: int = 540, km: float = 0, **facts: object) -> Need:
    values: dict[str, object] = {
        "order_id": number,
        "seat": 1,
        "provider_id": 1,
        "skills": frozenset(),
        "earliest": earliest,
        "latest": earliest + 60,
        "minutes": 60,
        "place": east(km),
    }
    return Need(**{**values, **facts})  # type: ignore[arg-type]


def day(crew: list[Member], needs: list[Need], now: int | None = None) -> Facts:
    return Facts(DAY, now, tuple(crew), tuple(needs))


def test_a_long_shift_has_its_rest_between_eleven_and_half_past_one() -> None:
    needs = [need(n, 660, latest=1000) for n in (1, 2, 3)]
    starts = sorted(line.start or 0 for line in planned(day([member()], needs)).lines)
    gaps = [later - earlier - 60 for earlier, later in pairwise(starts)]
    assert starts[0] >= 690 or max(gaps) >= 30


def test_a_rest_waits_for_a_visit_that_it_would_make_late() -> None:
    [line] = planned(day([member()], [need(1, 660, latest=661)])).lines
    assert line.start == 660
    tight = [need(n, 660 + 61 * n, latest=661 + 61 * n) for n in range(4)]
    starts = [line.start for line in planned(day([member()], tight)).lines]
    assert (
        None in starts
    )  # beside three that follow each other at once she has no rest by half past one


def test_overtime_is_paid_and_never_more_than_half_an_hour() -> None:
    until_noon = member(starts=480, ends=720)
    late = planned(day([until_noon], [need(1, 690, latest=691)])).lines[0]
    assert late.start == 690
    too_late = planned(day([until_noon], [need(1, 691, latest=750)]))
    assert too_late.refused == {"1": Refusal.NO_TIME}


def test_work_is_shared_when_it_costs_little() -> None:
    crew = [member(1), member(2)]
    needs = [need(n, 500 + 100 * n, latest=1000) for n in range(1, 5)]
    draft = planned(day(crew, needs))
    each = [sum(line.staff_id == m.staff_id for line in draft.lines) for m in crew]
    assert each == [2, 2]


def test_whoever_was_sent_where_she_cannot_be_is_left_alone() -> None:
    told = [
        need(1, 540, km=0, standing=Standing(1, 1, 540)),
        need(2, 600, km=30, standing=Standing(2, 1, 600)),
    ]
    facts = day([member(1), member(2)], [*told, need(3, 540)])
    task = sound_task(facts, 1, house(), TRAVEL, keep=True)
    assert task.apart.staff == {1}
    draft = planned(facts, keep=True)
    kept = {line.need.order_id: (line.staff_id, line.start) for line in draft.lines}
    assert kept[1] == (1, 540)
    assert kept[2] == (1, 600)
    assert kept[3][0] == 2


def test_somebody_announced_is_changed_only_for_a_good_reason() -> None:
    told = need(1, 540, km=3, standing=Standing(1, 1, 540))
    near = member(2, km=3)
    assert planned(day([member(1), near], [told])).lines[0].staff_id == 1
    gone = planned(day([near], [told])).lines[0]
    assert (gone.staff_id, gone.changed) == (2, True)
    assert "和通知过的人不同" in gone.reason


def test_an_order_whose_time_has_passed_stays_open() -> None:
    draft = planned(day([member()], [need(1, 540)], now=700))
    assert draft.refused == {"1": Refusal.NO_TIME}


def test_a_slot_beside_a_neighbours_visit_is_the_cheapest() -> None:
    told = need(1, 600, km=8, standing=Standing(1, 1, 600))
    facts = day([member()], [told])
    task = sound_task(facts, 1, house(), TRAVEL)
    problem, visit = with_new(task, need(0, 0, km=8), TRAVEL)
    beside, later, never = cheap_slots(
        problem, task.standing, visit, [(660, 690), (900, 930), (60, 90)]
    )
    assert beside.extra is not None and later.extra is not None
    assert beside.extra < later.extra
    assert never.extra is None


def test_the_second_of_two_comes_when_the_first_was_sent_for_or_the_seat_stays_open() -> None:
    sent = need(1, 540, standing=Standing(1, 1, 570))
    missing = need(1, 540, seat=2)
    both = day([member(1), member(2)], [sent, missing])
    for keep in (True, False):
        lines = {line.need.seat: line for line in planned(both, keep=keep).lines}
        assert (lines[1].staff_id, lines[1].start) == (1, 570)
        assert (lines[2].staff_id, lines[2].start) == (2, 570)
    alone = planned(day([member(1)], [sent, missing]), keep=True)
    assert alone.refused == {"1+2": Refusal.NO_PAIR}
    assert planned(day([member(1)], [sent, missing]), rounds=False).refused.keys() == {"1+2"}


def test_of_two_who_were_sent_one_who_is_gone_is_replaced_or_nobody_comes() -> None:
    sent = [
        need(1, 540, seat=seat, standing=Standing(seat, staff, 540))
        for seat, staff in ((1, 9), (2, 1))
    ]
    both = planned(day([member(1), member(2)], sent), keep=True).lines
    assert {(line.staff_id, line.start) for line in both} == {(1, 540), (2, 540)}
    alone = planned(day([member(1)], sent), keep=True)
    assert alone.refused.keys() == {"1", "1+2"}
    here = replace(sent[0], standing=Standing(1, 9, 540, 540))
    [line] = planned(day([member(1), member(2, km=5)], [here, sent[1]], now=541), keep=True).lines
    assert (line.staff_id, line.start) == (1, 540)


VAN = Vehicle(1, VehicleKind.BATH_VAN, 2, east(0), 20)


def driver(number: int = 1, vehicle: Vehicle = VAN, **facts: object) -> Member:
    at = {"vehicle": vehicle, "base": vehicle.refill, "mode": vehicle.mode}
    return replace(member(number), **{**at, **facts})  # type: ignore[arg-type]


def bath(number: int, earliest: int = 540, km: float = 5, **facts: object) -> Need:
    return need(number, earliest, km, **{"vehicle": VehicleKind.BATH_VAN, "load": 1, **facts})


def test_a_visit_at_the_van_goes_to_whoever_has_the_van() -> None:
    near = member(2, km=5)
    [line] = planned(day([near, driver()], [bath(1)])).lines
    assert line.staff_id == 1
    assert "带助浴车" in line.reason
    assert line.why and {"words": "没有带助浴车", "count": 1} in line.why["barred"]


def test_without_a_van_on_shift_it_stays_open_and_says_why() -> None:
    bike = driver(2, replace(VAN, kind=VehicleKind.MEAL_BIKE))
    for crew in ([member()], [bike], [driver(skills=frozenset()), member(2)]):
        asked = bath(1, skills=frozenset({"bathing"}) if len(crew) > 1 else frozenset())
        able = [replace(one, skills=frozenset({"bathing"})) for one in crew[1:]] or crew[1:]
        draft = planned(day([crew[0], *able], [asked]))
        assert draft.refused == {"1": Refusal.NO_BATH_VAN}
        assert offered(day([crew[0], *able], []), asked) == []


def test_whoever_has_the_van_does_other_visits_too() -> None:
    lines = planned(day([driver()], [need(1, 540, km=5), bath(2, 660)])).lines
    assert [line.staff_id for line in lines] == [1, 1]
    assert "助浴车" not in lines[0].reason


def test_the_van_fills_up_on_the_way_and_it_takes_its_minutes() -> None:
    needs = [bath(n, 480, latest=1000, km=5 + n / 10) for n in (1, 2, 3)]
    lines = sorted(planned(day([driver()], needs)).lines, key=lambda line: line.start or 0)
    assert [line.filling for line in lines] == [0, 0, 20]
    assert "途中加水 20 分钟" in lines[2].reason
    back = TRAVEL.minutes(lines[1].need.place, VAN.refill, Mode.CAR)
    there = TRAVEL.minutes(VAN.refill, lines[2].need.place, Mode.CAR)
    assert lines[2].travel_minutes == back + there
    assert (lines[2].start or 0) >= (lines[1].start or 0) + 60 + back + 20 + there


def test_water_used_since_the_last_refill_counts_when_the_day_is_planned_again() -> None:
    done = bath(1, 480, standing=Standing(1, 1, 480, 480, 540))
    under_way = bath(2, 560, standing=Standing(2, 1, 560, 560))
    ahead = bath(3, 640, latest=1000)
    for begun, fills in (([], 0), ([done], 0), ([done, under_way], 20)):
        draft = planned(day([driver()], [*begun, ahead], now=600))
        assert [line.filling for line in draft.lines] == [fills]
        [one] = offered(day([driver()], begun, now=600), ahead)
        assert one.filling == fills


def test_whoever_was_sent_and_has_no_van_any_more_is_replaced() -> None:
    told = bath(1, 540, standing=Standing(1, 1, 540))
    also = need(2, 700, standing=Standing(2, 1, 700))
    facts = day([member(1), driver(2)], [told, also])
    for lines in (planned(facts).lines, planned(facts, keep=True).lines):
        found = {line.need.order_id: (line.staff_id, line.changed) for line in lines}
        assert found == {1: (2, True), 2: (1, False)}


def test_a_van_is_not_dragged_onto_a_line_without_one() -> None:
    facts = day([driver(), member(2, km=5)], [bath(1)])
    task, plan = edited(facts, 1, [Seat("1", 1, 560)], house(), TRAVEL)
    assert move(task, plan, "1", Decided(2)) is None
    assert move(task, plan, "1", Decided(1, 600)) is not None


def test_a_slot_for_the_van_is_on_the_vans_way_only() -> None:
    for crew, possible in (([member(km=5)], False), ([driver()], True)):
        task = sound_task(day(crew, []), 1, house(), TRAVEL)
        problem, visit = with_new(task, bath(0, 0), TRAVEL)
        [slot] = cheap_slots(problem, task.standing, visit, [(540, 600)])
        assert (slot.extra is not None) is possible


def test_a_refill_ahead_is_part_of_when_she_is_expected() -> None:
    told = [bath(n, 480 + 65 * n, standing=Standing(n, 1, 480 + 65 * n)) for n in (1, 2, 3)]
    starts = expected_starts(day([driver()], told, now=481), TRAVEL)
    way = 2 * TRAVEL.minutes(VAN.refill, told[0].place, Mode.CAR) + 20
    assert starts[1] == 545
    assert starts[3] == starts[2] + 60 + way


def offered(facts: Facts, need: Need) -> list[Candidate]:
    """Whom a hand is offered for a need on a day, cheapest first."""
    return offers(as_told(facts, 1, house(), TRAVEL), whole(need, facts), TRAVEL)


def test_one_press_and_a_hand_keep_to_wishes_as_the_search_does() -> None:
    crew = [member(1), member(2, km=5), member(3, km=9, sex="m")]
    for wish, who in (({"refused": frozenset({1})}, 2), ({"sex": "m"}, 3), ({"sex": "x"}, None)):
        facts = day(crew, [need(**wish)])
        for keep in (True, False):
            assert [line.staff_id for line in planned(facts, keep=keep).lines] == [who]
        first = next(iter(offered(facts, facts.needs[0])), None)
        assert (first.worker_id if first else None) == who
    assert planned(facts, keep=True).refused == {"1": Refusal.NOT_WISHED}


@given(days())
def test_nobody_could_be_sent_by_hand_where_a_plan_leaves_an_order_open(facts: Facts) -> None:
    draft = planned(facts, keep=True)
    lines = {line.need.key: line for line in draft.lines}
    told = replace(facts, needs=tuple(placed(n, lines.get(n.key)) for n in facts.needs))
    for_two = {need.order_id for need in facts.needs if need.seat > 1}
    for key, why in draft.refused.items():
        one = lines[key].need
        able = [m for m in facts.members if one.skills <= m.skills]
        assert (why is Refusal.NO_SKILL) == (not able)
        if why in NO_VEHICLE.values():
            assert not any(one.suits(m) for m in able)
        if one.order_id not in for_two and one.standing is None:
            assert [o for o in offered(told, one) if not o.failed] == []


def test_an_order_is_not_offered_for_the_sake_of_one_that_is_taken_away() -> None:
    meals = Vehicle(1, VehicleKind.MEAL_BIKE, 1, east(0), 0)
    after = need(1, 541, latest=571, minutes=30)
    van = need(2, 571, latest=601, minutes=30, vehicle=VehicleKind.BATH_VAN, load=1)
    gone = replace(van, standing=Standing(2, 1, 571))
    facts = day([member(ends=540, vehicle=meals)], [after, gone])
    draft = planned(facts, keep=True)
    assert set(draft.refused) == {"1", "2"}
    lines = {line.need.key: line for line in draft.lines}
    told = replace(facts, needs=tuple(placed(n, lines.get(n.key)) for n in facts.needs))
    assert offered(facts, after) != []
    assert offered(told, after) == []


def late_all_morning(lunch: Need, bike: Vehicle) -> Facts:
    """Twenty to eleven: she has not begun her visit of ten and has another one at eleven."""
    told = [
        need(1, 600, standing=Standing(1, 1, 600)),
        need(2, 660, km=5, standing=Standing(2, 1, 660)),
    ]
    return day([member(vehicle=bike)], [*told, lunch], now=640)


def test_whoever_is_late_now_still_brings_a_lunch_later() -> None:
    bike = Vehicle(1, VehicleKind.MEAL_BIKE, 10, east(0), 0)
    lunch = need(3, 750, latest=900, minutes=10, vehicle=VehicleKind.MEAL_BIKE, load=1)
    facts = late_all_morning(lunch, bike)
    assert sound_task(facts, 1, house(), TRAVEL, keep=True).apart.staff == {1}
    draft = planned(facts, keep=True)
    assert draft.refused == {}
    assert [line.staff_id for line in draft.lines] == [1, 1, 1]


def test_whoever_is_late_and_has_no_time_left_is_not_said_to_lack_a_vehicle_or_skill() -> None:
    bike = Vehicle(1, VehicleKind.MEAL_BIKE, 10, east(0), 0)
    lunch = need(3, 660, latest=680, vehicle=VehicleKind.MEAL_BIKE, load=1)
    assert planned(late_all_morning(lunch, bike), keep=True).refused == {"3": Refusal.NO_TIME}


def test_a_plan_does_not_send_again_who_failed_the_order() -> None:
    once_more = need(1, failed=frozenset({1}), known=frozenset({1}))
    draft = planned(day([member(1), member(2, km=5)], [once_more]), keep=True)
    assert [line.staff_id for line in draft.lines] == [2]
    alone = planned(day([member(1)], [once_more]), keep=True)
    assert alone.refused == {"1": Refusal.ONLY_FAILED}
