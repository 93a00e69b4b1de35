"""When a life turns, what is under way follows in every room, and comes back after an error."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.core.events.models import Event
from songbai.core.ledger.queries import balance, total
from songbai.core.regions.rules import ELSEWHERE
from songbai.domain.careplans.actions import order_week
from songbai.domain.careplans.queries import week_of
from songbai.domain.careplans.rules import PlanState
from songbai.domain.careplans.tests.scene import agreed
from songbai.domain.dispatch.actions import Doubtful, assign
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import open_orders
from songbai.domain.dispatch.queries.hands import choice_for
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.elders import tasks
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import Followed, FollowedState, Turn
from songbai.domain.elders.under_way import Cause, all_under_way
from songbai.domain.matching.actions import merge, settle, undo
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import absent_on
from songbai.domain.orders.rules import OrderState
from songbai.domain.orders.tests.story import START, books
from songbai.domain.visits.queries import day_counts
from tests.acts import assigned, begun, placed
from tests.cast import Cast, acting, tomorrow


def died(cast: Cast) -> None:
    """The police report a death."""
    day = clock.today() - timedelta(days=1)
    record_facts(SYSTEM, cast.mother, [NewFact("death", str(day))], source="gongan")
    follow_turns(SYSTEM)


def lives(cast: Cast) -> None:
    """The police take it back."""
    withdraw(SYSTEM, cast.mother, "death", "gongan", "", reason="登记错了人")
    follow_turns(SYSTEM)


def test_orders_of_the_dead_are_cancelled_and_their_caregivers_told(cast: Cast) -> None:
    fund = f"fund:500151:credit:{clock.month_of(clock.now() + timedelta(days=1))}"
    sent = assigned(cast)
    died(cast)
    assert {*Order.objects.values_list("state", flat=True)} == {OrderState.CANCELLED}
    assert Assignment.objects.get(pk=sent.pk).state == AssignmentState.WITHDRAWN
    assert set(books(cast).values()) == {0}
    assert balance(fund) == 0
    told = Event.objects.filter(kind="assignment.withdrawn", subject_id=sent.order_id)
    assert told.get().payload["override"] == "老人离世"
    assert total() == 0


def test_a_death_is_followed_once_and_told_once(cast: Cast) -> None:
    assigned(cast)
    died(cast)
    before = Followed.objects.count()
    follow_turns(SYSTEM)
    assert Followed.objects.count() == before
    assert Event.objects.filter(kind="elder.died").count() == 1
    assert not Turn.objects.filter(done_at=None).exists()


def test_a_death_that_was_none_puts_back_what_was_ended(cast: Cast) -> None:
    first = assigned(cast).order
    died(cast)
    lives(cast)
    again = Order.objects.exclude(pk=first.pk).get()
    assert (again.state, again.window_start) == (OrderState.ACCEPTED, first.window_start)
    assert again.total == first.total
    assert Event.objects.filter(kind="elder.lives", person_id=cast.mother.pk).count() == 1
    states = dict(Followed.objects.values_list("what", "state"))
    assert states["order"] == FollowedState.PUT_BACK
    assert total() == 0


def test_what_cannot_go_back_by_itself_is_on_somebodys_list(cast: Cast) -> None:
    order = placed(cast)
    died(cast)
    with clock.moved_to(order.window_end + timedelta(hours=1)):
        lives(cast)
    [left] = Followed.objects.filter(state=FollowedState.TO_DO)
    assert (left.what, left.subject_id) == ("order", order.pk)


def test_a_death_while_somebody_is_in_the_house_is_somebodys_call(cast: Cast) -> None:
    visit = begun(cast)
    died(cast)
    follow_turns(SYSTEM)
    [left] = Followed.objects.filter(state=FollowedState.TO_DO)
    assert (left.what, left.subject_id) == ("in_service", visit.order_id)
    assert Order.objects.get().state == OrderState.IN_SERVICE
    told = Event.objects.get(kind="visit.look_asked")
    assert (told.subject_id, told.payload["because"]) == (visit.order_id, "老人离世")
    lives(cast)
    assert not Followed.objects.exclude(state__in=[FollowedState.DONE, "put_back"]).exists()


def test_nobody_is_sent_to_a_door_where_somebody_is_without_a_reason(cast: Cast) -> None:
    first, second = (placed(cast, window_end=tomorrow(9, 30)) for _ in range(2))
    with acting(cast.dispatcher):
        assign(cast.dispatcher, first.pk, cast.second_staff.pk, reason="熟悉这位老人")
        best = choice_for(cast.dispatcher, second).candidates[0][0].worker_id
        with pytest.raises(Doubtful, match="在老人家里"):
            assign(cast.dispatcher, second.pk, best)
        why = "问过女儿，要两个人"
        sent = assign(cast.dispatcher, second.pk, best, reason=why, knowing=True)
    assert sent.override_reason == "问过女儿，要两个人"


def test_care_plans_end_with_a_death_and_stand_again(cast: Cast) -> None:
    plan = agreed(cast)
    died(cast)
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == (PlanState.ENDED, "老人离世")
    lives(cast)
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == (PlanState.AGREED, "")


def test_the_week_of_a_plan_has_what_was_placed_again(cast: Cast) -> None:
    plan = agreed(cast)
    ordered = len(order_week(SYSTEM, plan.pk, again=True))
    for _ in range(2):
        died(cast)
        lives(cast)
        plan.refresh_from_db()
        week = week_of(plan)
        states = [one.order.state for one in week.visits if one.order]
        assert states == [OrderState.ACCEPTED] * ordered
        assert not week.open
    assert order_week(SYSTEM, plan.pk) == []


def test_nobody_is_sent_to_somebody_in_hospital_and_the_order_waits(cast: Cast) -> None:
    sent = assigned(cast)
    day = clock.today() + timedelta(days=1)
    stay = NewFact("hospital_stay", "铜梁区人民医院", source_id="S1")
    record_facts(SYSTEM, cast.mother, [stay], source="yibao")
    follow_turns(SYSTEM)
    assert Assignment.objects.get(pk=sent.pk).state == AssignmentState.WITHDRAWN
    assert Order.objects.get().state == OrderState.ACCEPTED
    with acting(cast.dispatcher):
        assert not open_orders(cast.dispatcher, day).exists()
        counts = day_counts(cast.dispatcher, day)
        assert (counts.open, counts.away) == (0, 1)
        with pytest.raises(Doubtful, match="住院"):
            assign(cast.dispatcher, sent.order_id, cast.staff.pk)
    withdraw(SYSTEM, cast.mother, "hospital_stay", "yibao", "S1", reason="已经出院")
    follow_turns(SYSTEM)
    with acting(cast.dispatcher):
        assert open_orders(cast.dispatcher, day).count() == 1
    assert Followed.objects.get().state == FollowedState.PUT_BACK


def test_turns_are_the_programs(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        follow_turns(cast.officer)


def moved(cast: Cast, village: str) -> None:
    """The village says where she lives now."""
    cast.mother.refresh_from_db()
    said = [NewFact("residence", village, observed_at=clock.now())]
    record_facts(SYSTEM, cast.mother, said, source="village")
    tasks.follow_turns(0)


def test_who_leaves_the_district_leaves_no_order_behind(cast: Cast) -> None:
    sent, plan = assigned(cast), agreed(cast)
    moved(cast, "500152001001")
    first = Order.objects.get()
    assert (first.state, first.cancel_reason) == (OrderState.CANCELLED, "老人搬到外区")
    assert Assignment.objects.get(pk=sent.pk).state == AssignmentState.WITHDRAWN
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == (PlanState.ENDED, "老人搬到外区")
    assert books(cast) == START
    with clock.moved_to(clock.now() + timedelta(minutes=1)):
        moved(cast, "500151001001")
    again = Order.objects.exclude(pk=first.pk).get()
    assert (again.state, again.window_start) == (OrderState.ACCEPTED, first.window_start)
    plan.refresh_from_db()
    assert plan.state == PlanState.AGREED
    assert total() == 0


def test_who_moves_inside_the_district_keeps_what_was_ordered(cast: Cast) -> None:
    placed(cast)
    moved(cast, "500151105201")
    assert Order.objects.get().state == OrderState.ACCEPTED


def test_a_move_inside_the_district_is_followed_within_the_minute(cast: Cast) -> None:
    moved(cast, "500151105201")
    cast.mother.refresh_from_db()
    assert cast.mother.region_id == "500151105201"
    assert not Turn.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("told", ["510107001001", ELSEWHERE])
def test_who_leaves_the_city_leaves_nothing_behind_and_has_it_again(cast: Cast, told: str) -> None:
    sent, plan, before = assigned(cast), agreed(cast), books(cast)
    moved(cast, told)
    first = Order.objects.get()
    assert (first.state, first.cancel_reason) == (OrderState.CANCELLED, "老人离开了本市")
    assert Assignment.objects.get(pk=sent.pk).state == AssignmentState.WITHDRAWN
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == (PlanState.ENDED, "老人离开了本市")
    assert set(books(cast).values()) == {0}
    assert absent_on(cast.mother, first.window_start, to_doctor=False).endswith("住在外地")
    withdraw(SYSTEM, cast.mother, "residence", "village", "", reason="登记错了人")
    tasks.follow_turns(0)
    again = Order.objects.exclude(pk=first.pk).get()
    assert (again.state, again.window_start) == (OrderState.ACCEPTED, first.window_start)
    plan.refresh_from_db()
    assert plan.state == PlanState.AGREED
    assert books(cast) == before
    assert not Followed.objects.exclude(state=FollowedState.PUT_BACK).exists()
    assert total() == 0


def test_whose_hukou_alone_leaves_is_still_cared_for(cast: Cast) -> None:
    placed(cast)
    gone = NewFact("hukou", "510107001001", observed_at=clock.now())
    record_facts(SYSTEM, cast.mother, [gone], source="gongan")
    tasks.follow_turns(0)
    assert Order.objects.get().state == OrderState.ACCEPTED


def test_an_order_of_a_record_joined_from_another_district_stays(cast: Cast) -> None:
    order = placed(cast)
    made = merge(SYSTEM, cast.far_elder, cast.mother, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    follow_turns(SYSTEM)
    assert Order.objects.get().state == order.state
    undo(SYSTEM, made.pk, "是两位老人")
    settle(SYSTEM)
    follow_turns(SYSTEM)
    assert Order.objects.get().state == order.state


def test_whatever_ends_with_a_death_ends_for_who_left_the_city() -> None:
    """But for a visit that is being done: who is in the house sees for herself."""
    ends = {one.code for one in all_under_way() if Cause.DIED in one.causes}
    assert ends - {one.code for one in all_under_way() if Cause.LEFT in one.causes} == {"in_house"}
