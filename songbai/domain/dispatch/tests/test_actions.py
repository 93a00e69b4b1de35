"""Sending somebody: planned, chosen by hand, taken back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from procrastinate.contrib.django.models import ProcrastinateJob

from songbai.core import clock
from songbai.core.accounts.queries import people_of
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.events.queries import history
from songbai.core.reasons import ReasonMissing
from songbai.domain.dispatch.actions import (
    AlreadyTaken,
    NotFree,
    NotQualified,
    Planned,
    assign,
    end_wish,
    free_caregiver,
    plan,
    state_wish,
    withdraw,
)
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import visible
from songbai.domain.dispatch.rules import AssignmentState, Refusal, WishKind
from songbai.domain.dispatch.tasks import free_caregiver as free_caregiver_later
from songbai.domain.elders.queries import reach_of
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import Shift, StaffMember
from tests.acts import assigned, begun, placed
from tests.attack import refused
from tests.cast import Cast, acting, make_staff, tomorrow

pytestmark = pytest.mark.long

WHY = "家属点名要她去"


def tomorrows() -> list[Assignment]:
    return list(Assignment.objects.filter(state=AssignmentState.ACTIVE).order_by("id"))


def plan_tomorrow(cast: Cast, name: str = "dispatcher") -> Planned:
    actor: Actor = getattr(cast, name)
    with acting(actor):
        return plan(actor, clock.today() + timedelta(days=1))


def send(cast: Cast, order: Order, staff: StaffMember, **how: object) -> Assignment:
    with acting(cast.dispatcher):
        return assign(cast.dispatcher, order.pk, staff.pk, **how)  # type: ignore[arg-type]


def state_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).state


def test_planning_finds_somebody_and_says_why(cast: Cast) -> None:
    order = placed(cast)
    [found] = plan_tomorrow(cast).assigned
    assert state_of(order) == OrderState.ASSIGNED
    assert "1.0 公里" in found.reason
    assert "助浴证" in found.reason
    assert len(found.others) == 1
    assert found.override_reason == ""


def test_the_caregiver_comes_within_the_window(cast: Cast) -> None:
    order = placed(cast)
    [found] = plan_tomorrow(cast).assigned
    assert order.window_start <= found.starts_at <= order.window_end
    assert found.during.upper - found.during.lower == timedelta(minutes=order.minutes)


def test_planning_again_changes_nothing(cast: Cast) -> None:
    placed(cast)
    plan_tomorrow(cast)
    before = tomorrows()
    assert plan_tomorrow(cast).assigned == []
    assert tomorrows() == before


def test_each_gets_one_and_nobody_two_at_a_time(cast: Cast) -> None:
    for hour in (9, 9, 13, 13):
        placed(cast, window_start=tomorrow(hour), window_end=tomorrow(hour + 2))
    planned = plan_tomorrow(cast)
    assert len(planned.assigned) == 4
    times = {(found.staff_id, found.starts_at) for found in planned.assigned}
    assert len(times) == 4


def test_an_order_nobody_can_do_stays_open_and_says_why(cast: Cast) -> None:
    order = placed(cast)
    StaffMember.objects.update(skills=["care"])
    assert plan_tomorrow(cast).open == {order.pk: Refusal.NO_SKILL}
    Shift.objects.update(sick_at=clock.now())
    assert plan_tomorrow(cast).open == {order.pk: Refusal.NOBODY_WORKS}
    assert state_of(order) == OrderState.ACCEPTED


def test_who_is_sick_is_not_sent(cast: Cast) -> None:
    order = placed(cast)
    Shift.objects.filter(staff=cast.staff).update(sick_at=clock.now())
    [found] = plan_tomorrow(cast).assigned
    assert found.staff == cast.second_staff
    with pytest.raises(NotFree, match="不上班"):
        send(cast, order, cast.staff, reason=WHY)


def test_another_district_plans_nothing_of_ours(cast: Cast) -> None:
    order = placed(cast)
    assert plan_tomorrow(cast, "far_dispatcher").assigned == []
    with acting(cast.far_dispatcher), pytest.raises(NotFound):
        assign(cast.far_dispatcher, order.pk, cast.staff.pk, reason=WHY)
    with acting(cast.far_dispatcher), pytest.raises(NotFound):
        withdraw(cast.far_dispatcher, order.pk, WHY)


@pytest.mark.parametrize("name", ["daughter", "caregiver", "provider_staff", "officer"])
def test_only_dispatchers_send(cast: Cast, name: str) -> None:
    order, actor = placed(cast), getattr(cast, name)
    with pytest.raises(NotAllowed):
        plan(actor, clock.today())
    with pytest.raises(NotAllowed):
        assign(actor, order.pk, cast.staff.pk)
    with pytest.raises(NotAllowed):
        withdraw(actor, order.pk, WHY)


def test_who_is_sent_reaches_the_elder(cast: Cast) -> None:
    found = assigned(cast)
    assert people_of(cast.caregiver) == [cast.mother.pk]
    day = found.starts_at.astimezone(clock.SHANGHAI).date()
    with clock.moved_to(clock.at(day, 23, 59)):
        assert people_of(cast.caregiver) == [cast.mother.pk]
    with clock.moved_to(clock.at(day + timedelta(days=1), 0, 1)), acting(cast.caregiver):
        assert people_of(cast.caregiver) == []
        assert cast.caregiver.account not in reach_of(cast.mother).accounts
        assert [row.pk for row in visible(cast.caregiver)] == [found.pk]


def test_taken_off_one_visit_she_reaches_the_elder_as_long_as_the_others_want(cast: Cast) -> None:
    near, far = assigned(cast), assigned(cast, placed(cast, **_in_days(9)))
    with acting(cast.dispatcher):
        withdraw(cast.dispatcher, far.order_id, WHY)
    assert people_of(cast.caregiver) == [cast.mother.pk]
    with clock.moved_to(near.starts_at + timedelta(days=1)):
        assert people_of(cast.caregiver) == []


def _in_days(days: int) -> dict[str, object]:
    begin = tomorrow(9) + timedelta(days=days)
    return {"window_start": begin, "window_end": begin + timedelta(hours=2)}


def test_the_first_suggestion_needs_no_reason(cast: Cast) -> None:
    first = min(cast.staff, cast.second_staff, key=lambda staff: staff.pk)
    found = send(cast, placed(cast), first)
    assert (found.staff, found.override_reason) == (first, "")


@pytest.mark.parametrize("reason", ["", "  ", "她去", "  她 "])
def test_anybody_else_needs_a_reason(cast: Cast, reason: str) -> None:
    order = placed(cast)
    with pytest.raises(ReasonMissing):
        send(cast, order, cast.second_staff, reason=reason)
    assert send(cast, order, cast.second_staff, reason=WHY).override_reason == WHY


def test_another_time_needs_a_reason(cast: Cast) -> None:
    order = placed(cast)
    with pytest.raises(ReasonMissing):
        send(cast, order, cast.staff, starts_at=tomorrow(10))
    found = send(cast, order, cast.staff, starts_at=tomorrow(10), reason=WHY)
    assert found.starts_at == tomorrow(10)


def test_without_the_certificate_nobody_is_sent(cast: Cast) -> None:
    StaffMember.objects.filter(pk=cast.second_staff.pk).update(skills=["care"])
    order = placed(cast)
    with pytest.raises(NotQualified):
        send(cast, order, cast.second_staff, reason=WHY)
    assert tomorrows() == []


@pytest.mark.parametrize("hour", [6, 18, 20])
def test_outside_the_shift_nobody_is_sent(cast: Cast, hour: int) -> None:
    order = placed(cast)
    with pytest.raises(NotFree, match="不上班"):
        send(cast, order, cast.staff, starts_at=tomorrow(hour, 30), reason=WHY)


def test_somebody_of_another_provider_is_not_sent(cast: Cast) -> None:
    order = placed(cast)
    for staff_id in (cast.other_staff.pk, 0):
        with acting(cast.dispatcher), pytest.raises(NotFree, match="不是这家服务商"):
            assign(cast.dispatcher, order.pk, staff_id, reason=WHY)


def test_who_left_is_not_sent(cast: Cast) -> None:
    StaffMember.objects.filter(pk=cast.staff.pk).update(left_on=clock.today())
    with pytest.raises(NotFree):
        send(cast, placed(cast), cast.staff, reason=WHY)


def test_who_is_elsewhere_then_is_not_sent(cast: Cast) -> None:
    first, second = placed(cast), placed(cast)
    send(cast, first, cast.staff, starts_at=tomorrow(9), reason=WHY)
    then = {"starts_at": tomorrow(9, 30), "reason": WHY, "knowing": True}
    with pytest.raises(NotFree, match="已有安排"):
        send(cast, second, cast.staff, **then)
    assert state_of(second) == OrderState.ACCEPTED
    send(cast, second, cast.second_staff, **then)


def test_sending_somebody_else_takes_the_first_one_back(cast: Cast) -> None:
    order = placed(cast)
    first = assigned(cast, order)
    second = send(cast, order, cast.second_staff, reason=WHY)
    assert tomorrows() == [second]
    first.refresh_from_db()
    assert first.state == AssignmentState.WITHDRAWN
    assert people_of(cast.caregiver) == []
    assert state_of(order) == OrderState.ASSIGNED


def test_a_refused_change_leaves_the_first_one(cast: Cast) -> None:
    order = placed(cast)
    first = assigned(cast, order)
    with pytest.raises(ReasonMissing):
        send(cast, order, cast.second_staff)
    assert tomorrows() == [first]
    assert people_of(cast.caregiver) == [cast.mother.pk]


def test_taking_back_opens_the_order_and_ends_the_access(cast: Cast) -> None:
    order = assigned(cast).order
    with acting(cast.dispatcher):
        withdraw(cast.dispatcher, order.pk, "她临时请假")
    assert state_of(order) == OrderState.ACCEPTED
    assert people_of(cast.caregiver) == []
    assert Assignment.objects.get().override_reason == "她临时请假"
    assert len(plan_tomorrow(cast).assigned) == 1


def test_who_still_goes_there_keeps_the_access(cast: Cast) -> None:
    first = assigned(cast).order
    afternoon = {"window_start": tomorrow(13), "window_end": tomorrow(15)}
    assigned(cast, placed(cast, **afternoon))
    with acting(cast.dispatcher):
        withdraw(cast.dispatcher, first.pk, "她上午请假")
    assert people_of(cast.caregiver) == [cast.mother.pk]


def test_taking_back_needs_a_reason(cast: Cast) -> None:
    order = assigned(cast).order
    with acting(cast.dispatcher), pytest.raises(ReasonMissing):
        withdraw(cast.dispatcher, order.pk, "请假")


def test_what_is_open_or_begun_is_not_taken_back(cast: Cast) -> None:
    open_order = placed(cast)
    with acting(cast.dispatcher), pytest.raises(AlreadyTaken):
        withdraw(cast.dispatcher, open_order.pk, WHY)
    visit = begun(cast, assigned(cast, open_order))
    for act in (
        lambda: withdraw(cast.dispatcher, visit.order_id, WHY),
        lambda: assign(cast.dispatcher, visit.order_id, cast.second_staff.pk, reason=WHY),
    ):
        with acting(cast.dispatcher), pytest.raises(AlreadyTaken):
            act()


def test_a_cancelled_order_is_not_sent(cast: Cast) -> None:
    order = placed(cast)
    cancel(cast.daughter, order.pk)
    with pytest.raises(AlreadyTaken):
        send(cast, order, cast.staff, reason=WHY)
    assert plan_tomorrow(cast).assigned == []


def test_a_cancelled_order_gives_its_caregiver_the_time_back(cast: Cast) -> None:
    order = assigned(cast).order
    with acting(cast.daughter):
        cancel(cast.daughter, order.pk, "住院了")
    [job] = ProcrastinateJob.objects.filter(task_name=free_caregiver_later.name)
    free_caregiver_later(**job.args)
    assert tomorrows() == []
    assert people_of(cast.caregiver) == []
    assert Assignment.objects.get().override_reason == "住院了"
    assert send(cast, placed(cast), cast.staff, starts_at=tomorrow(9), reason=WHY)


def test_only_the_program_frees_a_caregiver_and_only_of_a_cancelled_order(cast: Cast) -> None:
    found = assigned(cast)
    with pytest.raises(NotAllowed):
        free_caregiver(cast.dispatcher, found.order_id)
    free_caregiver(SYSTEM, found.order_id)
    assert tomorrows() == [found]


def test_sending_and_taking_back_are_told(cast: Cast) -> None:
    order = assigned(cast).order
    with acting(cast.dispatcher):
        withdraw(cast.dispatcher, order.pk, "她临时请假")
    kinds = [event.kind for event in history("order", order.pk)]
    assert kinds == ["order.placed", "order.assigned", "assignment.withdrawn"]
    payload = Event.objects.get(kind="order.assigned").payload
    assert payload["caregiver"] == "李芳"


def by_hand(found: Assignment, **changes: object) -> None:
    """Write a second assignment past all actions."""
    values = {
        field.attname: getattr(found, field.attname)
        for field in Assignment._meta.concrete_fields
        if field.attname != "id"
    }
    with transaction.atomic():
        Assignment.objects.create(**{**values, **changes})


def test_the_database_forbids_two_places_at_one_time(cast: Cast) -> None:
    found = assigned(cast)
    other = placed(cast)
    middle = found.starts_at + timedelta(minutes=10)
    during = DateTimeTZRange(middle, middle + timedelta(hours=2))
    with pytest.raises(IntegrityError, match="assignments_do_not_overlap"):
        by_hand(found, order_id=other.pk, during=during)
    touching = DateTimeTZRange(found.during.upper, found.during.upper + timedelta(hours=1))
    by_hand(found, order_id=other.pk, during=touching)


def test_the_database_forbids_two_people_for_one_order(cast: Cast) -> None:
    found = assigned(cast)
    with pytest.raises(IntegrityError, match="one_active_assignment_per_seat"):
        by_hand(found, staff_id=cast.second_staff.pk)
    by_hand(found, state=AssignmentState.WITHDRAWN)


def test_the_database_sends_nobody_against_a_wish_without_a_reason(cast: Cast) -> None:
    found = assigned(cast)
    during = DateTimeTZRange(found.during.upper, found.during.upper + timedelta(hours=1))
    sent = {"order_id": placed(cast).pk, "during": during, "override_reason": ""}
    for kind, staff in ((WishKind.REFUSES, cast.staff.pk), (WishKind.MAN, None)):
        with acting(cast.dispatcher):
            wish = state_wish(cast.dispatcher, cast.mother, kind, staff)
        with pytest.raises(IntegrityError, match="against a wish"):
            by_hand(found, **sent)
        with acting(cast.dispatcher):
            end_wish(cast.dispatcher, wish.pk)
    by_hand(found, **sent)


def test_an_assignment_is_never_deleted(cast: Cast) -> None:
    assigned(cast)
    refused("DELETE FROM dispatch_assignment", "Cannot delete")


def test_a_second_shift_of_the_day_is_planned_too(cast: Cast) -> None:
    day = clock.today() + timedelta(days=1)
    Shift.objects.filter(date=day).delete()
    lone = make_staff(cast.provider, None, "C0009", "钱晚")
    Shift.objects.filter(date=day).delete()
    for start, end in ((7, 10), (17, 19)):
        during = DateTimeTZRange(clock.at(day, start), clock.at(day, end))
        Shift.objects.create(
            staff=lone, provider=cast.provider, region_id=lone.region_id, date=day, during=during
        )
    early, late, never = (
        placed(cast, window_start=tomorrow(hour), window_end=tomorrow(hour + 1))
        for hour in (8, 17, 13)
    )
    planned = plan_tomorrow(cast)
    assert {found.order_id for found in planned.assigned} == {early.pk, late.pk}
    assert planned.open == {never.pk: Refusal.NO_TIME}
