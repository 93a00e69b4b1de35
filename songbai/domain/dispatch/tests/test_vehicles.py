"""Vehicles on shifts: given, taken off, and who may go with what."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import Offer, ServiceItem
from songbai.domain.catalogue.queries import NotOffered
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.actions import (
    Outdated,
    Planned,
    ShiftOver,
    WithoutVehicle,
    give_vehicle,
    take_vehicle,
)
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.planner.drafting import Terms
from songbai.domain.dispatch.planner.facts import Decided
from songbai.domain.dispatch.queries.days import facts_of
from songbai.domain.dispatch.queries.hands import choice_for
from songbai.domain.dispatch.queries.plans import sentence
from songbai.domain.dispatch.queries.trials import price_of, slots
from songbai.domain.dispatch.rules import NO_VEHICLE, AssignmentState, Refusal
from songbai.domain.dispatch.tasks import plan_without_vehicle
from songbai.domain.dispatch.vehicles import only_with
from songbai.domain.orders.models import Order
from songbai.domain.providers.actions import VehicleTaken
from songbai.domain.providers.models import Shift, StaffMember, Vehicle
from songbai.domain.providers.rules import VehicleKind
from tests.acts import placed
from tests.cast import Cast, acting, make_vehicle, tomorrow
from tests.together import failures, together


def shift_of(staff: StaffMember, days: int = 1) -> Shift:
    return Shift.objects.get(staff=staff, date=clock.today() + timedelta(days=days))


def van_bath(cast: Cast) -> Offer:
    item = ServiceItem.objects.get(pk="A05-04")
    return make_offer(SYSTEM, cast.provider, item, 8_000, ["500151"])


def ordered(cast: Cast, offer: Offer | None = None, hour: int = 9) -> Order:
    return placed(
        cast,
        offer_ids=[(offer or van_bath(cast)).pk],
        window_start=tomorrow(hour),
        window_end=tomorrow(hour + 2),
    )


def given(cast: Cast, staff: StaffMember, vehicle: Vehicle) -> Shift:
    with acting(cast.provider_staff):
        return give_vehicle(cast.provider_staff, shift_of(staff).pk, vehicle.pk)


def taken_off(cast: Cast, staff: StaffMember) -> int:
    with acting(cast.provider_staff):
        return take_vehicle(cast.provider_staff, shift_of(staff).pk)


def planned(cast: Cast) -> Planned:
    with acting(cast.dispatcher):
        return actions.plan(cast.dispatcher, tomorrow(9).date())


def drafted(cast: Cast, **terms: object) -> DayPlan:
    with acting(cast.dispatcher):
        return actions.draft(cast.dispatcher, tomorrow(9).date(), terms=Terms(**terms))  # type: ignore[arg-type]


def standing() -> set[tuple[int, int]]:
    rows = Assignment.objects.filter(state=AssignmentState.ACTIVE)
    return set(rows.values_list("order_id", "staff_id"))


def test_every_kind_has_its_words() -> None:
    for kind in VehicleKind:
        assert kind.words in NO_VEHICLE[kind]
        assert NO_VEHICLE[kind].startswith(only_with(kind))


def test_an_order_remembers_what_it_needs(cast: Cast) -> None:
    order = ordered(cast)
    assert (order.vehicle, order.load) == (VehicleKind.BATH_VAN, 1)
    plain = placed(cast)
    assert (plain.vehicle, plain.load) == ("", 0)


def test_one_order_never_needs_two_vehicles(cast: Cast) -> None:
    meal = make_offer(
        SYSTEM, cast.provider, ServiceItem.objects.get(pk="C01-01"), 1_500, ["500151"]
    )
    with pytest.raises(NotOffered, match="两种不同的车"):
        placed(cast, offer_ids=[meal.pk, van_bath(cast).pk])
    both = placed(cast, offer_ids=[meal.pk, cast.cleaning.pk])
    assert (both.vehicle, both.load) == (VehicleKind.MEAL_BIKE, 1)


def test_a_day_with_a_van_sends_whoever_has_it_and_says_so(cast: Cast) -> None:
    given(cast, cast.second_staff, make_vehicle(cast.provider))
    order = ordered(cast)
    assert planned(cast).open == {}
    sent = Assignment.objects.get(order=order)
    assert sent.staff == cast.second_staff
    assert "带助浴车" in sent.reason
    assert sent.travel_minutes == 0  # the van stands at her corner


def test_the_third_bath_comes_after_the_van_was_filled_up(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider))
    offer = van_bath(cast)
    orders = [ordered(cast, offer) for _ in range(2)]
    orders.append(
        placed(cast, offer_ids=[offer.pk], window_start=tomorrow(11), window_end=tomorrow(13))
    )
    plan = drafted(cast)
    lines = PlanLine.objects.filter(plan=plan).order_by("starts_at")
    assert [line.order_id for line in lines][2] == orders[2].pk
    assert ["加水" in line.reason for line in lines] == [False, False, True]
    _, second, third = [line.starts_at for line in lines if line.starts_at]
    assert third - second >= timedelta(minutes=60 + 20)


def test_without_a_van_on_shift_it_stays_open_with_the_reason(cast: Cast) -> None:
    vehicle, order = make_vehicle(cast.provider), ordered(cast)
    assert planned(cast).open == {order.pk: Refusal.NO_BATH_VAN}
    with acting(cast.dispatcher):
        choice = choice_for(cast.dispatcher, order)
    assert (choice.candidates, choice.busy, choice.refusal) == ([], [], Refusal.NO_BATH_VAN)
    line = PlanLine.objects.get(plan=drafted(cast), order=order)
    assert sentence(line) == "没有人能去：2 人没有带助浴车"
    given(cast, cast.staff, vehicle)
    assert planned(cast).open == {}


def test_plan_and_hand_give_one_answer_on_a_day_that_runs_late(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider, VehicleKind.MEAL_BIKE))
    meal = make_offer(
        SYSTEM, cast.provider, ServiceItem.objects.get(pk="C01-01"), 1_500, ["500151"]
    )
    bath, lunch = ordered(cast, hour=14), ordered(cast, meal, hour=12)
    late = [placed(cast, window_start=tomorrow(h), window_end=tomorrow(h + 2)) for h in (9, 10)]
    for hour, order in zip((9, 10), late, strict=True):
        with acting(cast.dispatcher):
            actions.assign(
                cast.dispatcher,
                order.pk,
                cast.staff.pk,
                starts_at=tomorrow(hour),
                reason="老人要她去",
            )
    day = tomorrow(9).date()
    with clock.moved_to(tomorrow(10) + timedelta(minutes=40)), acting(cast.dispatcher):
        [by_hand] = choice_for(cast.dispatcher, lunch).candidates
        done = actions.plan(cast.dispatcher, day)
        assert done.open == {bath.pk: Refusal.NO_BATH_VAN}
        assert choice_for(cast.dispatcher, bath).candidates == []
    sent = Assignment.objects.get(order=lunch)
    assert (sent.staff_id, sent.reason) == (by_hand[0].worker_id, by_hand[1])


def test_by_hand_only_somebody_with_the_van_is_sent(cast: Cast) -> None:
    order, vehicle = ordered(cast), make_vehicle(cast.provider)
    given(cast, cast.staff, make_vehicle(cast.provider, VehicleKind.MEAL_BIKE, "送餐 1 号"))
    for staff in (cast.staff, cast.second_staff):
        with acting(cast.dispatcher), pytest.raises(WithoutVehicle, match="带助浴车的人"):
            actions.assign(cast.dispatcher, order.pk, staff.pk, reason="离得最近")
    given(cast, cast.staff, vehicle)
    with acting(cast.dispatcher):
        sent = actions.assign(
            cast.dispatcher, order.pk, cast.staff.pk, starts_at=tomorrow(10), reason="家里要求"
        )
    assert "带助浴车" in sent.reason


def test_prices_and_slots_know_the_van(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider))
    offer = van_bath(cast)
    order, day = ordered(cast, offer), tomorrow(9).date()
    with acting(cast.dispatcher):
        plan = actions.draft(cast.dispatcher, day)
        for staff, possible in ((cast.staff, True), (cast.second_staff, False)):
            price = price_of(cast.dispatcher, day, str(order.pk), Decided(staff.pk), plan)
            assert (price.extra is not None) is possible
        windows = [(tomorrow(14), tomorrow(15))]
        [free] = slots(cast.dispatcher, cast.mother, offer, windows)
        take_vehicle(cast.dispatcher, shift_of(cast.staff).pk)
        [none] = slots(cast.dispatcher, cast.mother, offer, windows)
    assert free.extra is not None
    assert none.extra is None


def test_a_plan_made_before_the_van_changed_hands_is_refused(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider))
    ordered(cast)
    plan = drafted(cast)
    taken_off(cast, cast.staff)
    with acting(cast.dispatcher), pytest.raises(Outdated):
        actions.publish(cast.dispatcher, plan.pk)
    assert standing() == set()


def test_a_van_that_breaks_down_leaves_its_visits_to_another_one(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider))
    order, plain = ordered(cast), placed(cast, window_start=tomorrow(14), window_end=tomorrow(16))
    planned(cast)
    other = make_vehicle(cast.provider, plate="渝A0002")
    given(cast, cast.second_staff, other)
    assert taken_off(cast, cast.staff) == 1
    event = Event.objects.get(kind="vehicle.taken_off")
    assert event.payload["visits"] == 1
    jobs = ProcrastinateJob.objects.filter(task_name=plan_without_vehicle.name)
    [job] = [job for job in jobs if job.args["event_id"] == event.pk]
    plan_without_vehicle(**job.args)
    plan = DayPlan.objects.latest("id")
    assert plan.cause == "李芳不带助浴车 渝A0001了，1 单要换人"
    with acting(cast.dispatcher):
        actions.publish(cast.dispatcher, plan.pk)
    assert (order.pk, cast.second_staff.pk) in standing()
    assert Assignment.objects.filter(order=plain, state=AssignmentState.ACTIVE).count() == 1


def test_a_like_vehicle_instead_leaves_nothing_to_plan(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider))
    ordered(cast)
    planned(cast)
    given(cast, cast.staff, make_vehicle(cast.provider, plate="渝A0002"))
    assert Event.objects.get(kind="vehicle.taken_off").payload["visits"] == 0
    assert given(cast, cast.staff, Vehicle.objects.get(plate="渝A0002")).vehicle is not None
    assert Event.objects.filter(kind="vehicle.given").count() == 2


def test_the_second_of_two_needs_no_van(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider))
    offer = van_bath(cast)
    ServiceItem.objects.filter(pk=offer.item_id).update(caregivers=2)
    order = ordered(cast, offer)
    planned(cast)
    rows = Assignment.objects.filter(order=order).order_by("seat")
    assert [row.staff for row in rows] == [cast.staff, cast.second_staff]
    with acting(cast.dispatcher):
        actions.withdraw(cast.dispatcher, order.pk, "重新安排一次")
        for staff in (cast.staff, cast.second_staff):
            actions.assign(
                cast.dispatcher, order.pk, staff.pk, starts_at=tomorrow(10), reason="两个人一起去"
            )
    assert {staff for _, staff in standing()} == {cast.staff.pk, cast.second_staff.pk}


def test_one_vehicle_is_in_one_shift_at_a_time(cast: Cast) -> None:
    vehicle = make_vehicle(cast.provider)
    given(cast, cast.staff, vehicle)
    with pytest.raises(VehicleTaken):
        given(cast, cast.second_staff, vehicle)
    with acting(cast.dispatcher):
        actions.note_absent(cast.dispatcher, cast.staff.pk, tomorrow(9).date(), "发烧")
    given(cast, cast.second_staff, vehicle)
    with acting(cast.provider_staff):
        give_vehicle(cast.provider_staff, shift_of(cast.staff, 2).pk, vehicle.pk)


def test_who_may_give_a_vehicle_and_which(cast: Cast) -> None:
    vehicle, shift = make_vehicle(cast.provider), shift_of(cast.staff)
    for actor in (cast.other_provider_staff, cast.far_dispatcher):
        with acting(actor), pytest.raises(NotFound):
            give_vehicle(actor, shift.pk, vehicle.pk)
        with pytest.raises(NotFound):
            give_vehicle(actor, shift.pk, vehicle.pk)
    for actor in (cast.caregiver, cast.daughter, cast.officer):
        with acting(actor), pytest.raises(NotAllowed):
            give_vehicle(actor, shift.pk, vehicle.pk)
        with acting(actor), pytest.raises(NotAllowed):
            take_vehicle(actor, shift.pk)
    with pytest.raises(NotFound, match="没有这辆车"):
        given(cast, cast.staff, make_vehicle(cast.other_provider))
    Vehicle.objects.filter(pk=vehicle.pk).update(retired_on=clock.today())
    with pytest.raises(NotFound, match="停用"):
        given(cast, cast.staff, vehicle)
    with acting(cast.dispatcher):
        assert take_vehicle(cast.dispatcher, shift.pk) == 0


def test_a_shift_that_is_over_or_not_worked_keeps_what_it_had(cast: Cast) -> None:
    vehicle = make_vehicle(cast.provider)
    with acting(cast.provider_staff), pytest.raises(ShiftOver):
        give_vehicle(cast.provider_staff, shift_of(cast.staff, -1).pk, vehicle.pk)
    Shift.objects.filter(pk=shift_of(cast.staff).pk).update(sick_at=clock.now())
    with pytest.raises(ShiftOver):
        given(cast, cast.staff, vehicle)


def test_the_day_is_planned_from_where_the_van_stands(cast: Cast) -> None:
    given(cast, cast.staff, make_vehicle(cast.provider))
    with acting(cast.dispatcher):
        facts = facts_of(cast.dispatcher, tomorrow(9).date())
    [driver] = [member for member in facts.members if member.vehicle]
    assert driver.vehicle is not None
    assert (driver.base, driver.mode) == (driver.vehicle.refill, "car")


@pytest.mark.django_db(transaction=True)
def test_two_who_give_one_vehicle_at_once_give_it_to_one(cast: Cast) -> None:
    vehicle = make_vehicle(cast.provider)

    def giving(staff: StaffMember) -> Callable[[], Shift]:
        return lambda: given(cast, staff, vehicle)

    [error] = failures(together(giving(cast.staff), giving(cast.second_staff)))
    assert isinstance(error, VehicleTaken)
    assert Shift.objects.filter(vehicle=vehicle).count() == 1
