"""Vehicles: what the database refuses, also at the same moment, and what a provider sees."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.core.geo import Mode
from songbai.domain.providers import queries
from songbai.domain.providers.actions import VehicleTaken, put_on_shift
from songbai.domain.providers.models import Shift, StaffMember, Vehicle
from songbai.domain.providers.rules import REFILL_WORDS, VEHICLE_MODE, VehicleKind
from tests.cast import Cast, acting, make_vehicle
from tests.together import failures, together


def shift_of(staff: StaffMember, days: int = 1) -> Shift:
    return Shift.objects.get(staff=staff, date=clock.today() + timedelta(days=days))


def test_every_kind_has_words_and_drives_in_a_way_the_house_knows() -> None:
    for kind in VehicleKind:
        assert kind.words and REFILL_WORDS[kind]
    assert VEHICLE_MODE == {VehicleKind.BATH_VAN: Mode.CAR, VehicleKind.MEAL_BIKE: Mode.EBIKE}


def test_one_vehicle_is_in_one_shift_at_a_time(cast: Cast) -> None:
    vehicle = make_vehicle(cast.provider)
    put_on_shift(shift_of(cast.staff), vehicle)
    with pytest.raises(VehicleTaken):
        put_on_shift(shift_of(cast.second_staff), vehicle)
    put_on_shift(shift_of(cast.second_staff, 2), vehicle)
    put_on_shift(shift_of(cast.staff), None)
    put_on_shift(shift_of(cast.second_staff), vehicle)
    assert Shift.objects.filter(vehicle=vehicle).count() == 2


def test_a_shift_nobody_works_leaves_its_vehicle_free(cast: Cast) -> None:
    vehicle = make_vehicle(cast.provider)
    put_on_shift(shift_of(cast.staff), vehicle)
    Shift.objects.filter(pk=shift_of(cast.staff).pk).update(sick_at=clock.now())
    put_on_shift(shift_of(cast.second_staff), vehicle)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [({"capacity": 0}, "vehicle_carries_something"), ({"plate": "渝A2"}, "one_vehicle_of_a_plate")],
)
def test_what_cannot_be_is_refused(cast: Cast, changes: dict[str, object], constraint: str) -> None:
    make_vehicle(cast.provider, plate="渝A2")
    vehicle = make_vehicle(cast.provider)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Vehicle.objects.filter(pk=vehicle.pk).update(**changes)


def test_a_provider_sees_its_own_vehicles_and_who_has_them(cast: Cast) -> None:
    vehicle = make_vehicle(cast.provider)
    make_vehicle(cast.other_provider)
    Vehicle.objects.filter(pk=make_vehicle(cast.provider, plate="旧车").pk).update(
        retired_on=clock.today()
    )
    put_on_shift(shift_of(cast.staff), vehicle)
    tomorrow = clock.today() + timedelta(days=1)
    with acting(cast.provider_staff):
        [own] = queries.own_vehicles(cast.provider_staff, tomorrow)
        shifts = list(queries.own_shifts(cast.provider_staff, tomorrow))
    assert [shift.staff for shift in vars(own)["today"]] == [cast.staff]
    assert {shift.staff_id: shift.vehicle for shift in shifts} == {
        cast.staff.pk: vehicle,
        cast.second_staff.pk: None,
    }
    for actor, seen in ((cast.dispatcher, 3), (cast.far_dispatcher, 0), (cast.caregiver, 0)):
        with acting(actor):
            assert Vehicle.objects.count() == seen


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_gets_the_vehicle(cast: Cast) -> None:
    vehicle = make_vehicle(cast.provider)

    def taking(staff: StaffMember, day: date) -> Callable[[], None]:
        shift = Shift.objects.get(staff=staff, date=day)
        return lambda: put_on_shift(shift, vehicle)

    days = [clock.today() + timedelta(days=ahead) for ahead in range(10)]
    for day in days:
        both = [taking(staff, day) for staff in (cast.staff, cast.second_staff)]
        [error] = failures(together(*both))
        assert isinstance(error, VehicleTaken), error
    assert Shift.objects.filter(vehicle=vehicle).count() == len(days)
