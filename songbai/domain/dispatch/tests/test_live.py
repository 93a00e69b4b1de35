"""A day while it is carried out: somebody absent, somebody late, what is done stays done."""

from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.core.geo import Mode, Place
from songbai.core.reasons import ReasonMissing
from songbai.core.travel import EstimatedTravel
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.planner.between import between
from songbai.domain.dispatch.planner.facts import Facts, Here, Member, Need, Standing
from songbai.domain.dispatch.planner.progress import expected_starts
from songbai.domain.dispatch.queries.days import facts_of
from songbai.domain.dispatch.rules import LATE_MINUTES, AssignmentState, PlanState
from songbai.domain.dispatch.tasks import plan_without_her
from tests.acts import all_steps_done, assigned, begun, left, placed
from tests.cast import HOME, Cast, acting, tomorrow

pytestmark = pytest.mark.long

TRAVEL = EstimatedTravel()


def active() -> list[Assignment]:
    return list(Assignment.objects.filter(state=AssignmentState.ACTIVE).order_by("starts_at"))


def absent(cast: Cast, why: str = "发烧") -> int:
    with acting(cast.dispatcher):
        return actions.note_absent(cast.dispatcher, cast.staff.pk, tomorrow(9).date(), why)


def drafted_by_the_worker() -> DayPlan:
    [job] = ProcrastinateJob.objects.filter(task_name=plan_without_her.name)
    plan_without_her(**job.args)
    return DayPlan.objects.latest("pk")


def test_an_absent_caregivers_visits_stand_until_a_plan_without_her_is_published(
    cast: Cast,
) -> None:
    first = assigned(cast)
    assert absent(cast) == 1
    assert active() == [first]
    plan = drafted_by_the_worker()
    assert plan.cause == "李芳不能来，1 单要换人"
    heard = Event.objects.filter(kind="order.assigned").count()
    with acting(cast.dispatcher):
        actions.publish(cast.dispatcher, plan.pk)
    [now] = active()
    assert now.staff == cast.second_staff
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds.count("assignment.withdrawn") == 1
    assert kinds.count("order.assigned") == heard + 1


def test_nobody_left_to_go_opens_the_order(cast: Cast) -> None:
    found = assigned(cast)
    absent(cast)
    with acting(cast.dispatcher):
        actions.note_absent(cast.dispatcher, cast.second_staff.pk, tomorrow(9).date(), "联系不上")
    with acting(cast.dispatcher):
        plan = actions.draft(cast.dispatcher, tomorrow(9).date())
        for named, why in (([], "两位都病了"), ([found.order_id], " ")):
            with pytest.raises((actions.LeavesAlone, ReasonMissing)):
                actions.publish(cast.dispatcher, plan.pk, leaving=named, reason=why)
        assert [row.pk for row in active()] == [found.pk]
        done = actions.publish(
            cast.dispatcher, plan.pk, leaving=[found.order_id], reason="两位都病了"
        )
    assert done.opened == [found.order_id]
    assert active() == []
    told = Event.objects.get(kind="assignment.dropped")
    assert "两位都病了，正在另外安排人" in said(told.kind, told.payload, "family")


def test_a_visit_put_off_beyond_its_time_is_named_and_told(cast: Cast) -> None:
    found = assigned(cast)
    with acting(cast.dispatcher):
        plan = actions.draft(cast.dispatcher, tomorrow(9).date())
    [line] = plan.lines.all()
    late = found.order.window_end + timedelta(minutes=LATE_MINUTES + 1)
    plan.lines.update(starts_at=late, changed=True, before=found)
    with acting(cast.dispatcher), pytest.raises(actions.LeavesAlone):
        actions.publish(cast.dispatcher, plan.pk, reason="车坏了，晚些到")
    with acting(cast.dispatcher):
        actions.publish(cast.dispatcher, plan.pk, leaving=[line.order_id], reason="车坏了，晚些到")
    told = Event.objects.get(kind="assignment.moved")
    words = said(told.kind, {**told.payload, "who": "调度"}, "family")
    assert "上门的时间，车坏了，晚些到" in words


def test_an_absence_needs_a_reason_and_a_dispatcher_of_the_place(cast: Cast) -> None:
    day = tomorrow(9).date()
    with acting(cast.dispatcher), pytest.raises(ReasonMissing):
        actions.note_absent(cast.dispatcher, cast.staff.pk, day, " ")
    with acting(cast.far_dispatcher), pytest.raises(NotFound):
        actions.note_absent(cast.far_dispatcher, cast.staff.pk, day, "发烧")
    with acting(cast.caregiver), pytest.raises(NotAllowed):
        actions.note_absent(cast.caregiver, cast.staff.pk, day, "发烧")


def test_checking_in_and_out_says_where_the_day_is(cast: Cast) -> None:
    visit = begun(cast)
    [row] = active()
    assert row.begun_at == visit.in_at
    all_steps_done(cast, visit)
    gone = left(cast, visit)
    [row] = active()
    assert row.ended_at == gone.out_at


def test_the_rest_of_the_day_is_planned_from_where_everybody_is(cast: Cast) -> None:
    visit = begun(cast)
    later = placed(cast, window_start=tomorrow(9, 30), window_end=tomorrow(12))
    with clock.moved_to(visit.in_at + timedelta(minutes=20)), acting(cast.dispatcher):
        plan = actions.draft(cast.dispatcher, clock.today())
    [line] = PlanLine.objects.filter(plan=plan)
    assert line.order == later
    hers = clock.at(clock.today(), 0) if line.staff != cast.staff else visit.in_at
    assert line.starts_at is not None
    assert line.starts_at + timedelta(minutes=1) > hers + timedelta(minutes=60)


def test_a_visit_under_way_is_in_no_plan_and_goes_on_when_she_is_absent_after_it(
    cast: Cast,
) -> None:
    visit = begun(cast)
    with clock.moved_to(visit.in_at + timedelta(minutes=5)), acting(cast.dispatcher):
        assert actions.note_absent(cast.dispatcher, cast.staff.pk, clock.today(), "不舒服") == 0
        plan = actions.draft(cast.dispatcher, clock.today())
    assert not plan.lines.exists()
    assert len(active()) == 1


def test_whoever_will_be_late_is_warned_of_before_it_and_once(cast: Cast) -> None:
    first = begun(cast)
    second = placed(cast, window_start=tomorrow(11), window_end=tomorrow(12))
    with acting(cast.dispatcher):
        actions.assign(cast.dispatcher, second.pk, cast.staff.pk, reason="还是她去")
    told = active()[1].starts_at
    with clock.moved_to(told - timedelta(minutes=1)):
        assert actions.watch_progress(SYSTEM) == 0
    with clock.moved_to(told + timedelta(minutes=12)):  # still at the first home, five more there
        assert actions.watch_progress(SYSTEM) == 1
        assert actions.watch_progress(SYSTEM) == 0
        row = Assignment.objects.get(order=second, state=AssignmentState.ACTIVE)
        assert row.expected_at is not None and row.expected_at - told > timedelta(minutes=15)
    assert Event.objects.filter(kind="assignment.late_expected", subject_id=second.pk).count() == 1
    all_steps_done(cast, first)


def test_only_the_program_watches(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        actions.watch_progress(cast.dispatcher)


def member(starts: int = 480, here: Here | None = None) -> Member:
    return Member(1, 1, "李芳", 1, frozenset(), "f", starts, 1080, HOME, Mode.EBIKE, here)


def need(
    order_id: int, told: int, begun_at: int | None = None, ended: int | None = None, km: float = 0
) -> Need:
    place = Place(HOME.longitude + km / 96.5, HOME.latitude)
    standing = Standing(order_id, 1, told, begun_at, ended)
    return Need(order_id, 1, 1, frozenset(), told, told + 60, 60, place, standing=standing)


def expected(now: int, *needs: Need, here: Here | None = None) -> dict[int, int]:
    return expected_starts(Facts(tomorrow(9).date(), now, (member(here=here),), needs), TRAVEL)


def away(minute: int, km: float = 4) -> Here:
    """Four kilometres off, twenty minutes by electric bicycle."""
    return Here(Place(HOME.longitude + km / 96.5, HOME.latitude), minute)


def test_a_day_that_goes_well_is_expected_as_told() -> None:
    assert expected(500, need(1, 540), need(2, 700)) == {1: 540, 2: 700}


def test_a_visit_begun_late_pushes_the_next() -> None:
    assert expected(590, need(1, 540, begun_at=580), need(2, 600)) == {2: 640}


def test_a_visit_that_runs_over_needs_a_little_more() -> None:
    assert expected(650, need(1, 540, begun_at=540), need(2, 600, km=4)) == {2: 655 + 20}


def test_what_has_ended_leaves_her_where_she_was() -> None:
    far = need(1, 540, begun_at=540, ended=600, km=4)
    assert expected(605, far, need(2, 606)) == {2: 620}


def test_who_is_on_her_way_comes_from_where_she_is() -> None:
    assert expected(530, need(1, 540), here=away(528)) == {1: 548}
    assert expected(500, need(1, 540), here=away(500)) == {1: 540}
    assert expected(530, need(1, 540), need(2, 600), here=away(530)) == {1: 550, 2: 610}


def test_after_a_visit_she_comes_from_where_she_is_and_not_from_the_home() -> None:
    done = need(1, 540, begun_at=540, ended=600)
    assert expected(615, done, need(2, 616)) == {2: 616}
    assert expected(615, done, need(2, 616), here=away(614)) == {2: 634}


def test_a_position_from_before_she_left_is_no_news() -> None:
    done = need(1, 540, begun_at=540, ended=600)
    assert expected(605, done, need(2, 606), here=away(599)) == {2: 606}


def test_who_is_at_a_home_is_where_she_checked_in() -> None:
    serving = need(1, 540, begun_at=540)
    assert expected(590, serving, need(2, 600), here=away(590)) == {2: 600}


def test_a_position_from_before_the_shift_is_no_news() -> None:
    assert expected(485, need(1, 485), here=away(479)) == {1: 485}


@pytest.mark.parametrize(
    ("minute", "needs", "known"),
    [
        (600, [need(1, 700)], True),
        (600, [need(1, 540, begun_at=540)], False),
        (600, [need(1, 540, begun_at=540, ended=600)], True),
        (599, [need(1, 540, begun_at=540, ended=600)], False),
        (600, [replace(need(1, 540), standing=Standing(1, 2, 540, begun=540))], True),
        (600, [replace(need(1, 540), standing=None)], True),
        (479, [], False),
    ],
)
def test_when_a_position_says_where_somebody_is(
    minute: int, needs: list[Need], *, known: bool
) -> None:
    here = away(minute)
    assert between(member(here=here), needs) == (here if known else None)
    assert between(member(), needs) is None


def test_of_two_shifts_the_day_begins_with_the_first() -> None:
    both = (member(), replace(member(starts=840), shift_id=2))
    for crew in (both, both[::-1]):
        facts = Facts(tomorrow(9).date(), 500, crew, (need(1, 540),))
        assert expected_starts(facts, TRAVEL) == {1: 540}


def test_for_a_day_to_come_nothing_is_expected(cast: Cast) -> None:
    assigned(cast)
    facts = facts_of(SYSTEM, tomorrow(9).date())
    assert facts.now is None
    assert expected_starts(facts, TRAVEL) == {}


def test_a_draft_by_the_worker_is_a_draft(cast: Cast) -> None:
    assigned(cast)
    absent(cast)
    plan = drafted_by_the_worker()
    assert (plan.state, plan.made_by) == (PlanState.DRAFT, SYSTEM.name)
