"""From a result to visits: drafting, changing, agreeing, ordering a week."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.events.models import Event
from songbai.domain.assessments.actions import note
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.rules.due import Happening
from songbai.domain.assessments.rules.needs import Frequency
from songbai.domain.assessments.tests.scene import concluded, make_scene
from songbai.domain.careplans import actions, queries, tasks
from songbai.domain.careplans.actions import Wish
from songbai.domain.careplans.models import CarePlan, CarePlanLine
from songbai.domain.careplans.rules import PlanState
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.queries import regular_items
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.errors import LikeOrder
from songbai.domain.orders.models import Order
from tests.cast import Cast, acting
from tests.escorts import THERE_AND_BACK, escort

from .scene import agreed, assessed, drafted, washing

pytestmark = pytest.mark.long


def lines(plan: CarePlan) -> dict[str, CarePlanLine]:
    return {line.item_id: line for line in queries.lines_of(plan)}


def test_a_result_suggests_services_with_reasons_and_a_provider(cast: Cast) -> None:
    found = lines(drafted(cast))
    bath = found["A05-01"]
    assert (bath.times, bath.per, bath.because) == (1, "week", ["洗澡要人帮助"])
    assert bath.offer == cast.bath
    assert found["A01-04"].offer is None  # nobody cuts nails in this village


def test_the_same_result_gives_one_plan(cast: Cast) -> None:
    plan = drafted(cast)
    assert actions.draft(SYSTEM, plan.assessment_id) == plan


def test_the_job_drafts_when_a_result_stands(cast: Cast) -> None:
    found = assessed(cast)
    event = Event.objects.get(kind="assessment.concluded", subject_id=found.pk)
    tasks.draft.func(event_id=event.pk)
    assert CarePlan.objects.get().assessment == found
    tasks.draft.func(event_id=event.pk)
    assert CarePlan.objects.count() == 1


def test_somebody_able_gets_no_plan(cast: Cast) -> None:
    with pytest.raises(actions.NothingSuggested):
        actions.draft(SYSTEM, concluded(make_scene(cast)).pk)


def test_a_result_that_does_not_stand_gives_no_plan(cast: Cast) -> None:
    found = assessed(cast)
    Assessment.objects.filter(pk=found.pk).update(current=False, due_on=None)
    with pytest.raises(actions.NoResult):
        actions.draft(SYSTEM, found.pk)


def test_the_family_changes_what_it_wants(cast: Cast) -> None:
    plan = drafted(cast)
    bath, hair = lines(plan)["A05-01"], lines(plan)["A01-02"]
    with acting(cast.daughter):
        actions.change(
            cast.daughter,
            plan.pk,
            plan.version,
            {
                bath.pk: Wish(2, "week", bath.offer_id),
                hair.pk: Wish(1, "week", hair.offer_id, kept=False),
            },
        )
    now = lines(plan)
    assert (now["A05-01"].times, now["A05-01"].suggested_times) == (2, 1)
    assert not now["A01-02"].kept


@pytest.mark.parametrize(("times", "per"), [(0, "week"), (4, "day"), (32, "month"), (1, "hour")])
def test_impossible_frequencies_are_refused(cast: Cast, times: int, per: str) -> None:
    plan = drafted(cast)
    bath = lines(plan)["A05-01"]
    with pytest.raises(Refused) as refused:
        actions.change(SYSTEM, plan.pk, plan.version, {bath.pk: Wish(times, per, bath.offer_id)})
    assert refused.value.field == f"times-{bath.pk}"


def test_an_offer_of_something_else_is_refused(cast: Cast) -> None:
    plan = drafted(cast)
    bath = lines(plan)["A05-01"]
    with pytest.raises(Refused):
        actions.change(SYSTEM, plan.pk, plan.version, {bath.pk: Wish(1, "week", cast.cleaning.pk)})


def test_a_line_of_another_plan_is_not_found(cast: Cast) -> None:
    plan = drafted(cast)
    with pytest.raises(NotFound):
        actions.change(SYSTEM, plan.pk, plan.version, {999_999: Wish(1, "week", None)})


def test_services_can_be_added_once(cast: Cast) -> None:
    plan = drafted(cast)
    monthly = Frequency(times=1, per="month")
    with acting(cast.dispatcher):
        actions.add(cast.dispatcher, plan.pk, 1, "F01-01", monthly)
        with pytest.raises(Refused):
            actions.add(cast.dispatcher, plan.pk, 2, "F01-01", monthly)
    assert lines(plan)["F01-01"].suggested is None


def test_what_asks_for_a_destination_is_ordered_one_by_one(cast: Cast) -> None:
    plan = drafted(cast)
    with acting(cast.dispatcher), pytest.raises(Refused, match="每次要选医院"):
        actions.add(cast.dispatcher, plan.pk, 1, "B01-01", Frequency(times=1, per="month"))
    assert "B01-01" not in lines(plan)
    escort(cast, THERE_AND_BACK)
    offered = {item.pk for item in regular_items(cast.mother.region_id)}
    assert cast.bath.item_id in offered
    assert "B01-01" not in offered


def test_what_was_changed_meanwhile_is_not_agreed_to(cast: Cast) -> None:
    plan = drafted(cast)
    bath = lines(plan)["A05-01"]
    actions.change(SYSTEM, plan.pk, plan.version, {bath.pk: Wish(2, "week", bath.offer_id)})
    with acting(cast.daughter), pytest.raises(actions.DraftChanged):
        actions.agree(cast.daughter, plan.pk, plan.version)


def test_of_two_who_change_at_once_the_second_sees_the_first(cast: Cast) -> None:
    plan = drafted(cast)
    bath = lines(plan)["A05-01"]
    actions.change(SYSTEM, plan.pk, plan.version, {bath.pk: Wish(2, "week", bath.offer_id)})
    with pytest.raises(actions.DraftChanged):
        actions.change(SYSTEM, plan.pk, plan.version, {bath.pk: Wish(3, "week", bath.offer_id)})
    assert lines(plan)["A05-01"].times == 2


def test_last_changes_are_agreed_with(cast: Cast) -> None:
    plan = drafted(cast)
    bath = lines(plan)["A05-01"]
    with acting(cast.daughter):
        actions.agree(
            cast.daughter, plan.pk, plan.version, {bath.pk: Wish(3, "week", bath.offer_id)}
        )
    assert lines(plan)["A05-01"].times == 3


def test_a_plan_with_nothing_in_it_is_not_agreed_to(cast: Cast) -> None:
    plan = drafted(cast)
    none = {line.pk: Wish(1, "week", None, kept=False) for line in queries.lines_of(plan)}
    plan = actions.change(SYSTEM, plan.pk, plan.version, none)
    with pytest.raises(Refused):
        actions.agree(SYSTEM, plan.pk, plan.version)


def test_agreeing_says_who_and_when_and_twice_is_once(cast: Cast) -> None:
    plan = agreed(cast)
    assert (plan.state, plan.agreed_by) == (PlanState.AGREED, "王敏")
    assert actions.agree(SYSTEM, plan.pk, 1).agreed_by == "王敏"


def test_the_database_keeps_agreed_lines_as_they_are(cast: Cast) -> None:
    plan = agreed(cast)
    for act in (
        lambda: CarePlanLine.objects.filter(plan=plan).update(times=9),
        lambda: CarePlan.objects.filter(pk=plan.pk).update(state="draft"),
        lambda: CarePlan.objects.filter(pk=plan.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_plan_is_ordered_for_a_week_once(cast: Cast) -> None:
    plan = agreed(cast)
    with acting(cast.daughter):
        week = queries.week_of(plan)
        orders = actions.order_week(cast.daughter, plan.pk, week.own)
        assert actions.order_week(cast.daughter, plan.pk, 0) == []
    assert len(orders) == len(week.visits) == Order.objects.count() > 0
    # Faces are washed every day, hair and bath once a week; all by one provider in one visit.
    assert len(orders) == 7
    assert sum(order.lines.count() for order in orders) == 9
    assert sum(order.total for order in orders) == week.price == 7 * 1_500 + 22_500 + 6_000
    assert {order.note for order in orders} == {f"按服务计划 {plan.number}"}


def test_what_was_ordered_by_hand_or_by_an_earlier_plan_is_asked_for(cast: Cast) -> None:
    plan = agreed(cast)
    by_plan = actions.order_week(SYSTEM, plan.pk)
    with acting(cast.daughter):
        again = actions.revise(cast.daughter, plan.pk)
        actions.agree(cast.daughter, again.pk, again.version)
        with pytest.raises(LikeOrder) as asked:
            actions.order_week(cast.daughter, again.pk)
        assert {one.pk for one in asked.value.orders} == {one.pk for one in by_plan}
        assert len(actions.order_week(cast.daughter, again.pk, again=True)) == 7


def test_credit_pays_first_over_the_whole_week(cast: Cast) -> None:
    plan = agreed(cast)
    week = queries.week_of(plan)
    months = {clock.month_of(visit.begin) for visit in week.visits}
    orders = actions.order_week(SYSTEM, plan.pk, week.own)
    own = sum(s.amount for order in orders for s in order.shares.filter(payer="own"))
    assert own == week.own
    if len(months) == 1:  # the cast has 200 yuan of credit this month
        assert week.own == week.price - 20_000


def test_a_cost_that_changed_orders_nothing(cast: Cast) -> None:
    plan = agreed(cast)
    own = queries.week_of(plan).own
    with pytest.raises(actions.CostChanged):
        actions.order_week(SYSTEM, plan.pk, own + 1)
    assert Order.objects.count() == 0


def test_an_offer_that_ended_is_left_out_and_told(cast: Cast) -> None:
    plan = agreed(cast)
    make_offer(SYSTEM, cast.provider, cast.bath.item, 30_000, ["500151"])
    week = queries.week_of(plan)
    assert "A05-01" in {line.item_id for line in week.without}
    assert "A05-01" not in {line.item_id for visit in week.visits for line in visit.lines}


def test_a_visit_called_off_stays_called_off(cast: Cast) -> None:
    plan = agreed(cast)
    first, *_ = actions.order_week(SYSTEM, plan.pk)
    cancel(SYSTEM, first.pk, "住院")
    assert queries.week_of(plan).open == []
    assert actions.order_week(SYSTEM, plan.pk) == []


def test_the_next_day_brings_one_more_day(cast: Cast) -> None:
    plan = agreed(cast)
    actions.order_week(SYSTEM, plan.pk)
    with clock.moved_to(clock.now() + timedelta(days=1)):
        assert len({visit.begin.date() for visit in queries.week_of(plan).open}) == 1


def test_a_draft_is_not_ordered(cast: Cast) -> None:
    with pytest.raises(actions.NotAgreed):
        actions.order_week(SYSTEM, drafted(cast).pk)


def test_a_revision_leaves_the_plan_in_force_until_it_is_agreed(cast: Cast) -> None:
    plan = agreed(cast)
    with acting(cast.daughter):
        again = actions.revise(cast.daughter, plan.pk)
        assert actions.revise(cast.daughter, plan.pk) == again
        assert set(lines(again)) == set(lines(plan))
        plan.refresh_from_db()
        assert plan.state == PlanState.AGREED
        actions.agree(cast.daughter, again.pk, again.version)
    plan.refresh_from_db()
    assert (plan.state, plan.end_reason) == (PlanState.ENDED, "换成了新的计划")


def test_ending_says_why(cast: Cast) -> None:
    plan = agreed(cast)
    with acting(cast.daughter):
        with pytest.raises(Refused):
            actions.end(cast.daughter, plan.pk, " ")
        assert actions.end(cast.daughter, plan.pk, "搬去和女儿住").state == PlanState.ENDED
        with pytest.raises(actions.NotAgreed):
            actions.end(cast.daughter, plan.pk, "再停一次")


def test_death_ends_the_plan(cast: Cast) -> None:
    plan = agreed(cast)
    record = plan.key
    note(SYSTEM, cast.mother, Happening.DIED, clock.today(), record=record, source="test")
    event = Event.objects.filter(kind="elder.occurrence").latest("id")
    tasks.end.func(event_id=event.pk)
    plan.refresh_from_db()
    assert plan.state == PlanState.ENDED


def test_strangers_find_nothing_and_officers_only_read(cast: Cast) -> None:
    plan = drafted(cast)
    with acting(cast.officer):
        assert queries.get(cast.officer, plan.pk) == plan
        with pytest.raises(NotAllowed):
            actions.agree(cast.officer, plan.pk, plan.version)
    for stranger in (cast.stranger_family, cast.far_dispatcher):
        with acting(stranger), pytest.raises(NotFound):
            actions.agree(stranger, plan.pk, plan.version)


def test_who_may_only_look_does_not_agree(cast: Cast) -> None:
    plan = drafted(cast)
    proxy = cast.mother.proxies.get(account_id=cast.daughter.account)
    proxy.may_order = False
    proxy.save(update_fields=["may_order"])
    with acting(cast.daughter), pytest.raises(NotAllowed):
        actions.agree(cast.daughter, plan.pk, plan.version)


def test_prices_follow_the_offer_the_family_chose(cast: Cast) -> None:
    plan = drafted(cast)
    other = make_offer(SYSTEM, cast.other_provider, cast.bath.item, 10_000, ["500151"])
    bath = lines(plan)["A05-01"]
    plan = actions.change(SYSTEM, plan.pk, plan.version, {bath.pk: Wish(1, "week", other.pk)})
    plan = actions.agree(SYSTEM, plan.pk, plan.version)
    baths = [v for v in queries.week_of(plan).visits if v.provider == cast.other_provider.name]
    assert [visit.price for visit in baths] == [10_000]


def test_the_desk_lists_what_waits(cast: Cast) -> None:
    plan = drafted(cast)
    with acting(cast.dispatcher):
        assert list(queries.in_state(cast.dispatcher, PlanState.DRAFT)) == [plan]
        assert queries.counts(cast.dispatcher) == {PlanState.DRAFT: 1}
    assert washing(cast).active
