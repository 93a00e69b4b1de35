"""A day's plan: drafted, changed by hand, compared, published."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from songbai.core import clock
from songbai.core.accounts.queries import people_of
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.actions import DoesNotFit, NotADraft, Outdated
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.planner.drafting import Terms
from songbai.domain.dispatch.planner.facts import Decided
from songbai.domain.dispatch.queries.plans import (
    Change,
    change_of,
    compare,
    drafts,
    get,
    key_of,
    sentence,
)
from songbai.domain.dispatch.queries.trials import price_of, what_if
from songbai.domain.dispatch.rules import AssignmentState, PlanState, WishKind
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember
from tests.acts import placed
from tests.cast import Cast, acting, make_staff, tomorrow

pytestmark = pytest.mark.long

TOLD = ("order.assigned", "assignment.withdrawn", "assignment.moved")


def next_day() -> date:
    return clock.today() + timedelta(days=1)


def drafted(cast: Cast, **terms: object) -> DayPlan:
    with acting(cast.dispatcher):
        return actions.draft(cast.dispatcher, next_day(), terms=Terms(**terms))  # type: ignore[arg-type]


def published(cast: Cast, plan: DayPlan) -> actions.Published:
    with acting(cast.dispatcher):
        return actions.publish(cast.dispatcher, plan.pk)


def moved(
    cast: Cast, plan: DayPlan, order: Order, staff: StaffMember, start: int | None = None
) -> PlanLine:
    with acting(cast.dispatcher):
        return actions.move(cast.dispatcher, plan.pk, str(order.pk), staff.pk, start)


def line_of(plan: DayPlan, order: Order) -> PlanLine:
    return PlanLine.objects.select_related("before").get(plan=plan, order=order, seat=1)


def other_than(cast: Cast, staff_id: int | None) -> StaffMember:
    return cast.second_staff if staff_id == cast.staff.pk else cast.staff


def told() -> int:
    return Event.objects.filter(kind__in=TOLD).count()


def standing() -> set[tuple[int, int]]:
    rows = Assignment.objects.filter(state=AssignmentState.ACTIVE)
    return set(rows.values_list("order_id", "staff_id"))


def test_a_draft_sends_nobody_and_tells_nobody(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    assert (plan.state, plan.whole) == (PlanState.DRAFT, True)
    assert change_of(line_of(plan, order)) is Change.NEW
    assert standing() == set()
    assert told() == 0
    assert people_of(cast.caregiver) == []


def test_a_draft_says_why_in_one_sentence_and_in_full(cast: Cast) -> None:
    order = placed(cast)
    line = line_of(drafted(cast), order)
    assert sentence(line) == "1.0 公里，路上 7 分钟，有助浴证、养老护理员，换成张芬一样"
    [other] = line.why["others"]
    assert other["staff"] == other_than(cast, line.staff_id).pk
    assert line.why["certificates"] == ["助浴证", "养老护理员"]


def test_publishing_makes_it_true_and_tells_each_once(cast: Cast) -> None:
    orders = [placed(cast), placed(cast)]
    plan = drafted(cast)
    done = published(cast, plan)
    assert len(done.assigned) == 2
    assert {order_id for order_id, _ in standing()} == {order.pk for order in orders}
    assert told() == 2
    plan.refresh_from_db()
    assert (plan.state, plan.published_by) == (PlanState.PUBLISHED, cast.dispatcher.name)


def test_who_keeps_the_plan_hears_nothing(cast: Cast) -> None:
    placed(cast)
    published(cast, drafted(cast))
    before, heard = standing(), told()
    late = placed(cast, window_start=tomorrow(14), window_end=tomorrow(16))
    published(cast, drafted(cast))
    assert standing() - before == {pair for pair in standing() if pair[0] == late.pk}
    assert told() == heard + 1


def test_a_published_plan_is_published_once(cast: Cast) -> None:
    placed(cast)
    plan = drafted(cast)
    published(cast, plan)
    with pytest.raises(NotADraft):
        published(cast, plan)
    with acting(cast.dispatcher), pytest.raises(NotADraft):
        actions.drop(cast.dispatcher, plan.pk)


def test_a_plan_made_before_somebody_was_sent_is_refused(cast: Cast) -> None:
    first, _ = placed(cast), placed(cast)
    plan = drafted(cast)
    with acting(cast.dispatcher):
        actions.assign(cast.dispatcher, first.pk, cast.second_staff.pk, reason="家属要她去")
    heard = told()
    with pytest.raises(Outdated):
        published(cast, plan)
    assert told() == heard
    assert len(standing()) == 1


def test_a_plan_made_before_somebody_fell_ill_is_refused(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    absent = line_of(plan, order).staff_id
    with acting(cast.dispatcher):
        actions.note_absent(cast.dispatcher, absent or 0, next_day(), "发烧")
    with pytest.raises(Outdated):
        published(cast, plan)
    assert standing() == set()


def test_a_plan_made_before_the_elder_refused_somebody_is_refused(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    with acting(cast.dispatcher):
        actions.state_wish(
            cast.dispatcher, cast.mother, WishKind.REFUSES, line_of(plan, order).staff_id
        )
    with pytest.raises(actions.Outdated):
        published(cast, plan)
    assert standing() == set()
    assert drafted(cast).lines.get(order=order).staff_id != line_of(plan, order).staff_id


def test_a_plan_for_an_order_cancelled_meanwhile_is_refused(cast: Cast) -> None:
    gone, _ = placed(cast), placed(cast)
    plan = drafted(cast)
    with acting(cast.daughter):
        cancel(cast.daughter, gone.pk)
    with pytest.raises(Outdated):
        published(cast, plan)
    assert standing() == set()


def test_a_plan_whose_times_have_passed_is_refused(cast: Cast) -> None:
    placed(cast)
    plan = drafted(cast)
    with clock.moved_to(tomorrow(9, 20)), pytest.raises(Outdated, match="时间已经过了"):
        published(cast, plan)
    assert standing() == set()


def test_planning_again_keeps_pins_and_replaces_the_draft(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    other = other_than(cast, line_of(plan, order).staff_id)
    moved(cast, plan, order, other)
    with acting(cast.dispatcher):
        later = actions.redraft(cast.dispatcher, plan.pk)
    line = line_of(later, order)
    assert (line.staff_id, line.pinned, line.fixed) == (other.pk, True, False)
    assert DayPlan.objects.get(pk=plan.pk).state == PlanState.DROPPED
    assert [d.pk for d in drafts(cast.dispatcher, next_day())] == [later.pk]


def test_a_move_costs_what_was_said_before_it(cast: Cast) -> None:
    order = placed(cast)
    placed(cast, window_start=tomorrow(13), window_end=tomorrow(15))
    plan = drafted(cast)
    other = other_than(cast, line_of(plan, order).staff_id)
    target = Decided(other.pk, 10 * 60)
    with acting(cast.dispatcher):
        price = price_of(cast.dispatcher, next_day(), str(order.pk), target, plan)
    line = moved(cast, plan, order, other, 10 * 60)
    assert price.start == line.starts_at == tomorrow(10)
    assert (line.staff_id, line.pinned, line.fixed) == (other.pk, True, True)
    after = DayPlan.objects.get(pk=plan.pk)
    assert price.extra == pytest.approx(after.cost - plan.cost, abs=0.06)


def test_a_move_that_cannot_be_is_refused_and_changes_nothing(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    before = line_of(plan, order)
    with pytest.raises(DoesNotFit):
        moved(cast, plan, order, before.staff or cast.staff, 19 * 60 + 45)
    with acting(cast.dispatcher):
        impossible = price_of(
            cast.dispatcher, next_day(), str(order.pk), Decided(cast.staff.pk, 1200), plan
        )
    assert impossible.extra is None
    after = line_of(plan, order)
    assert (after.staff_id, after.starts_at, after.pinned) == (
        before.staff_id,
        before.starts_at,
        False,
    )


def test_without_a_draft_a_move_is_priced_as_things_stand(cast: Cast) -> None:
    order = placed(cast)
    published(cast, drafted(cast))
    [(_, staff_id)] = standing()
    with acting(cast.dispatcher):
        price = price_of(
            cast.dispatcher, next_day(), str(order.pk), Decided(other_than(cast, staff_id).pk)
        )
    assert price.extra == pytest.approx(30, abs=1)  # another caregiver than the one announced
    assert price.changed == 1


def test_a_draft_by_hand_changes_nothing_until_something_is_moved(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.dispatcher):
        actions.assign(
            cast.dispatcher, order.pk, cast.staff.pk, starts_at=tomorrow(10), reason="十点要去"
        )
    plan = drafted(cast, rounds=False)
    assert not plan.lines.filter(changed=True).exists()
    line = moved(cast, plan, order, cast.second_staff)
    assert change_of(PlanLine.objects.select_related("before").get(pk=line.pk)) is Change.PERSON


def test_another_time_for_the_same_caregiver_is_one_word_to_the_family(cast: Cast) -> None:
    order = placed(cast)
    published(cast, drafted(cast))
    [(_, staff_id)] = standing()
    plan = drafted(cast, rounds=False)
    moved(cast, plan, order, StaffMember.objects.get(pk=staff_id), 10 * 60 + 30)
    published(cast, plan)
    kinds = [e.kind for e in Event.objects.filter(subject_id=order.pk, subject_kind="order")]
    assert kinds.count("assignment.moved") == 1
    assert kinds.count("assignment.withdrawn") == 0
    row = Assignment.objects.get(order=order, state=AssignmentState.ACTIVE)
    assert row.starts_at == tomorrow(10, 30)


def test_two_drafts_can_be_compared(cast: Cast) -> None:
    order = placed(cast)
    one, other = drafted(cast), drafted(cast)
    assert compare(one, other) == []
    moved(cast, other, order, other_than(cast, line_of(other, order).staff_id))
    [difference] = compare(one, other)
    assert difference.line.order_id == order.pk
    assert difference.other is not None
    assert difference.line.staff_id != difference.other.staff_id


def test_pins_are_kept_and_let_go(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    key = key_of(line_of(plan, order))
    with acting(cast.dispatcher):
        line = actions.pin(cast.dispatcher, plan.pk, key, pinned=True, fixed=True)
        assert (line.pinned, line.fixed) == (True, True)
        line = actions.pin(cast.dispatcher, plan.pk, key, pinned=False)
        assert (line.pinned, line.fixed) == (False, False)
        with pytest.raises(NotFound):
            actions.pin(cast.dispatcher, plan.pk, "x", pinned=True)


def test_the_same_day_and_seed_give_the_same_plan(cast: Cast) -> None:
    for hour in (8, 9, 10, 13):
        placed(cast, window_start=tomorrow(hour), window_end=tomorrow(hour + 2))
    assert compare(drafted(cast), drafted(cast)) == []


def test_a_wish_for_a_man_is_kept_even_when_nobody_is_left(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.dispatcher):
        actions.state_wish(cast.dispatcher, cast.mother, WishKind.MAN)
    plan = drafted(cast)
    assert line_of(plan, order).staff_id is None
    assert "没有人能去" in sentence(line_of(plan, order))
    StaffMember.objects.filter(pk=cast.second_staff.pk).update(sex="m")
    assert line_of(drafted(cast), order).staff_id == cast.second_staff.pk


def test_who_is_refused_is_not_sent_and_who_is_wished_for_is(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.dispatcher):
        actions.state_wish(cast.dispatcher, cast.mother, WishKind.REFUSES, cast.staff.pk)
    assert line_of(drafted(cast), order).staff_id == cast.second_staff.pk
    with acting(cast.dispatcher):
        actions.state_wish(cast.dispatcher, cast.mother, WishKind.PREFERS, cast.staff.pk)
    assert line_of(drafted(cast), order).staff_id == cast.staff.pk


def test_an_order_for_two_gets_two_at_one_time_or_nobody(cast: Cast) -> None:
    cast.bath.item.caregivers = 2
    cast.bath.item.save(update_fields=["caregivers"])
    order = placed(cast)
    assert order.caregivers == 2
    plan = drafted(cast)
    first, second = PlanLine.objects.filter(plan=plan, order=order).order_by("seat")
    assert first.starts_at == second.starts_at
    assert first.staff_id != second.staff_id
    published(cast, plan)
    assert Order.objects.get(pk=order.pk).state == OrderState.ASSIGNED
    lonely = placed(cast, window_start=tomorrow(14), window_end=tomorrow(15))
    StaffMember.objects.filter(pk=cast.second_staff.pk).update(skills=["care"])
    rows = PlanLine.objects.filter(plan=drafted(cast), order=lonely)
    assert {row.staff_id for row in rows} == {None}


def test_one_caregiver_less_leaves_visits_open_and_one_more_helps(cast: Cast) -> None:
    for _ in range(3):
        placed(cast, window_start=tomorrow(9), window_end=tomorrow(9, 30))
    with acting(cast.dispatcher):
        less = what_if(cast.dispatcher, next_day(), cast.second_staff.pk, more=False)
        more = what_if(cast.dispatcher, next_day(), cast.second_staff.pk, more=True)
    assert less.now.open == more.now.open == 1
    assert (less.then.open, more.then.open) == (2, 0)
    assert less.now.crew - 1 == less.then.crew


def test_a_plan_is_for_dispatchers_of_its_area_alone(cast: Cast) -> None:
    placed(cast)
    plan = drafted(cast)
    with acting(cast.far_dispatcher), pytest.raises(NotFound):
        get(cast.far_dispatcher, plan.pk)
    for actor in (cast.daughter, cast.officer, cast.provider_staff, cast.caregiver):
        with acting(actor), pytest.raises(NotAllowed):
            actions.publish(actor, plan.pk)
        with acting(actor):
            assert not DayPlan.objects.exists() or actor is cast.officer


def test_the_database_keeps_a_published_plan_published(cast: Cast) -> None:
    placed(cast)
    plan = drafted(cast)
    published(cast, plan)
    with pytest.raises(ProgrammingError, match="transition"), transaction.atomic():
        DayPlan.objects.filter(pk=plan.pk).update(state=PlanState.DRAFT, published_at=None)


def test_the_database_wants_who_and_when_together(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    with (
        pytest.raises(IntegrityError, match="line_says_who_and_when"),
        transaction.atomic(),
    ):
        PlanLine.objects.filter(plan=plan, order=order).update(starts_at=None)


def test_a_third_caregiver_named_as_alternative_costs_what_the_reason_says(cast: Cast) -> None:
    far = make_staff(cast.provider, None, "C0010", "远远")
    StaffMember.objects.filter(pk=far.pk).update(longitude=far.longitude + 0.05)
    orders = [
        placed(cast, window_start=tomorrow(h), window_end=tomorrow(h + 1)) for h in (9, 10, 11)
    ]
    plan = drafted(cast)
    for order in orders:
        for other in line_of(plan, order).why["others"]:
            with acting(cast.dispatcher):
                price = price_of(
                    cast.dispatcher, next_day(), str(order.pk), Decided(other["staff"]), plan
                )
            assert price.extra == pytest.approx(other["extra"], abs=0.11)
