"""Visits that end at a hospital: the day goes on from there."""

from dataclasses import replace
from datetime import date, timedelta

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.geo import Mode, Place, distance_km
from songbai.core.travel import EstimatedTravel
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.models import Assignment, PlanLine
from songbai.domain.dispatch.planner.drafting import Draft, Terms, draft_of
from songbai.domain.dispatch.planner.facts import Facts, Member, Need, Standing
from songbai.domain.dispatch.planner.hand import as_told, offers
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.planner.progress import expected_starts
from songbai.domain.dispatch.planner.soundness import sound_task
from songbai.domain.dispatch.planner.tasks import with_new
from songbai.domain.dispatch.queries.days import facts_of
from songbai.domain.dispatch.queries.hands import choice_for
from songbai.domain.dispatch.queries.trials import slots
from songbai.domain.dispatch.solver.day.explain import cheap_slots
from songbai.domain.orders.models import Order
from tests.acts import all_steps_done, assigned, begun, left, placed
from tests.cast import HOME, Cast, acting, tomorrow
from tests.escorts import THERE_AND_BACK, at, east, escort, hospital, ordered

TRAVEL = EstimatedTravel()
DAY = date(2026, 12, 1)
MEMBER = Member(1, 1, "李芳", 1, frozenset(), "f", 480, 1080, HOME, Mode.EBIKE)
#: From home to a hospital at nine; the elder stays there.
ESCORT = Need(1, 1, 1, frozenset(), 540, 541, 60, HOME, end=east(6))
WAY = TRAVEL.minutes(east(6), HOME, Mode.EBIKE)


def after(earliest: int = 600, **facts: object) -> Need:
    """A visit at home in the hours after it."""
    values = {"order_id": 2, "earliest": earliest, "latest": earliest + 200, "end": None, **facts}
    return replace(ESCORT, **values)  # type: ignore[arg-type]


def day(*needs: Need, now: int | None = None) -> Facts:
    return Facts(DAY, now, (MEMBER,), needs)


def told(need: Need, start: int, begun: int | None = None, ended: int | None = None) -> Need:
    return replace(need, standing=Standing(need.order_id, 1, start, begun, ended))


def planned(facts: Facts) -> Draft:
    return draft_of(facts, Terms(), house(), TRAVEL, {})


def test_the_next_visit_is_reached_from_the_hospital() -> None:
    line = planned(day(ESCORT, after())).lines[1]
    assert line.start is not None
    assert line.start >= 600 + WAY
    assert line.travel_minutes == WAY
    assert line.metres == round(distance_km(east(6), HOME) * 1000)


def test_an_escort_that_returns_costs_no_way_back() -> None:
    line = planned(day(replace(ESCORT, end=None), after())).lines[1]
    assert (line.start, line.travel_minutes) == (600, 0)


def test_a_visit_beside_the_hospital_is_near_after_an_escort() -> None:
    line = planned(day(ESCORT, after(place=east(6)))).lines[1]
    assert (line.start, line.travel_minutes, line.metres) == (600, 0, 0)


def test_somebody_who_ended_at_the_hospital_is_there() -> None:
    for over in (None, 600):  # still on the way there, or handed over
        facts = day(told(ESCORT, 540, begun=540, ended=over), after(), now=600)
        line = next(line for line in planned(facts).lines if line.need.order_id == 2)
        assert line.travel_minutes == WAY
        assert line.start is not None and line.start >= 600 + WAY


def test_who_is_far_away_after_an_escort_is_thought_to_be_late() -> None:
    facts = day(told(ESCORT, 540, begun=540), told(after(), 605), now=590)
    assert expected_starts(facts, TRAVEL) == {2: 600 + WAY}


def test_a_slot_counts_the_way_from_the_hospital() -> None:
    """A new escort just before a standing visit at home costs the way back."""
    facts = day(told(after(700, latest=700), 700))
    task = sound_task(facts, 1, house(), TRAVEL)
    price = {}
    for name, end in (("there", east(6)), ("home", None)):
        problem, visit = with_new(task, replace(ESCORT, order_id=0, end=end), TRAVEL)
        window = (700 - 60 - WAY, 700 - 60 - WAY)
        [slot] = cheap_slots(problem, task.standing, visit, [window])
        assert slot.extra is not None
        price[name] = slot.extra
    assert price["there"] > price["home"] + 5


def starts(need: Need, *stands: Need) -> list[int]:
    """When Li Fang could come for a need, of what stands in her day."""
    task = as_told(day(*stands), 1, house(), TRAVEL)
    return [one.start for one in offers(task, need, TRAVEL)]


def test_a_gap_must_hold_the_way_from_the_hospital() -> None:
    at_ten = told(after(600, latest=600), 600)
    assert starts(replace(ESCORT, latest=540, end=None), at_ten) == [540]
    assert starts(replace(ESCORT, latest=540), at_ten) == []


def test_after_an_escort_the_way_is_measured_from_the_hospital() -> None:
    task = as_told(day(told(ESCORT, 540)), 1, house(), TRAVEL)
    [found] = offers(task, after(), TRAVEL)
    assert (found.start, found.travel_minutes) == (600 + WAY, WAY)
    assert round(found.km * 1000) == round(1000 * distance_km(east(6), HOME))


def test_one_press_goes_on_from_the_hospital_too() -> None:
    draft = draft_of(day(told(ESCORT, 540), after()), Terms(keep=True), house(), TRAVEL, {})
    [line] = [line for line in draft.lines if line.need.order_id == 2]
    assert (line.start, line.travel_minutes) == (600 + WAY, WAY)
    full = draft_of(
        day(told(after(600, latest=600), 600), ESCORT), Terms(keep=True), house(), TRAVEL, {}
    )
    assert [line.staff_id for line in full.lines if line.need.order_id == 1] == [None]


def near(cast: Cast) -> Place:
    return Place(cast.mother.longitude, cast.mother.latitude)


def test_facts_of_a_day_say_where_each_visit_ends(cast: Cast) -> None:
    there = hospital()
    ordered(cast, there)
    ordered(cast, there, THERE_AND_BACK)
    placed(cast, offer_ids=[cast.cleaning.pk])
    with acting(cast.dispatcher):
        needs = facts_of(cast.dispatcher, tomorrow(9).date()).needs
    assert [need.end for need in needs] == [at(there), None, None]
    assert [need.leaves for need in needs] == [at(there), near(cast), near(cast)]


def test_sending_by_hand_counts_from_the_hospital(cast: Cast) -> None:
    there = hospital(km=4)
    first = assigned(cast, ordered(cast, there))
    way = TRAVEL.minutes(at(there), HOME, Mode.EBIKE)
    suggested = placed(cast, window_start=tomorrow(10), window_end=tomorrow(18))
    with acting(cast.dispatcher):
        row = actions.assign(cast.dispatcher, suggested.pk, cast.staff.pk, reason="还是她去")
    assert row.travel_minutes == way
    assert row.starts_at >= first.during.upper + timedelta(minutes=way)
    with acting(cast.dispatcher):
        actions.withdraw(cast.dispatcher, suggested.pk, "换个时间")
        by_hand = actions.assign(
            cast.dispatcher,
            suggested.pk,
            cast.staff.pk,
            starts_at=first.during.upper + timedelta(hours=2),
            reason="家里说的时间",
        )
    assert by_hand.travel_minutes == way
    assert by_hand.metres == round(distance_km(at(there), HOME) * 1000)


def test_an_escort_is_suggested_only_where_the_way_back_fits(cast: Cast) -> None:
    cast.second_staff.shifts.all().delete()
    bath = placed(cast, window_start=tomorrow(10, 35), window_end=tomorrow(11, 5))
    assigned(cast, bath)
    order = ordered(cast, hospital(km=12), window_end=tomorrow(9, 30))
    with acting(cast.dispatcher):
        assert choice_for(cast.dispatcher, order).candidates == []
        Order.objects.filter(pk=order.pk).update(returns=True)
        order.refresh_from_db()
        [(found, _)] = choice_for(cast.dispatcher, order).candidates
        assert found.worker_id == cast.staff.pk


def test_the_rest_of_a_day_is_planned_from_the_hospital(cast: Cast) -> None:
    there = hospital(km=4)
    visit = begun(cast, assigned(cast, ordered(cast, there)))
    all_steps_done(cast, visit)
    left(cast, visit, code="", place=at(there))
    later = placed(cast, window_start=tomorrow(10), window_end=tomorrow(18))
    cast.second_staff.shifts.all().delete()
    with clock.moved_to(tomorrow(11)), acting(cast.dispatcher):
        plan = actions.draft(cast.dispatcher, clock.today())
    line = PlanLine.objects.get(plan=plan, order=later)
    assert line.travel_minutes == TRAVEL.minutes(at(there), HOME, Mode.EBIKE)


def test_whoever_comes_from_the_hospital_too_late_is_warned_of(cast: Cast) -> None:
    there = hospital(km=12)
    first = assigned(cast, ordered(cast, there))
    second = placed(cast, window_start=tomorrow(10), window_end=tomorrow(18))
    with acting(cast.dispatcher):
        row = actions.assign(
            cast.dispatcher,
            second.pk,
            cast.staff.pk,
            starts_at=first.during.upper + timedelta(minutes=5),
            reason="家里说的时间",
        )
    begun(cast, first)
    with clock.moved_to(first.starts_at + timedelta(minutes=10)):
        assert actions.watch_progress(SYSTEM) == 1
    row = Assignment.objects.get(pk=row.pk)
    way = TRAVEL.minutes(at(there), HOME, Mode.EBIKE)
    assert row.expected_at is not None
    assert row.expected_at - first.during.upper >= timedelta(minutes=way)


def test_windows_offered_on_the_phone_know_the_hospital(cast: Cast) -> None:
    offer, there = escort(cast), hospital(km=12)
    cast.second_staff.shifts.all().delete()
    assigned(cast, placed(cast, window_start=tomorrow(12), window_end=tomorrow(12, 30)))
    windows = [(tomorrow(10), tomorrow(10, 15))]
    with acting(cast.dispatcher):
        [home] = slots(cast.dispatcher, cast.mother, offer, windows)
        [away] = slots(cast.dispatcher, cast.mother, offer, windows, there)
    assert home.extra is not None
    assert away.extra is None or away.extra > home.extra
