"""Finding facilities, and who works when."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from songbai.core import clock
from songbai.core.errors import NotFound
from songbai.core.geo import Place, cell, distance_km
from songbai.domain.providers import queries
from songbai.domain.providers.models import Facility, Provider, Shift, StaffMember
from songbai.domain.providers.queries import FacilitySearch, search_facilities
from tests.cast import HOME, Cast, acting

NORTH = Place(106.055, 29.945)


def facility(cast: Cast, name: str, place: Place, **facts: object) -> Facility:
    """Another place, at another point."""
    values: dict[str, object] = {
        "provider": cast.other_provider,
        "kind": "station",
        "region_id": "500151105201",
        "name": name,
        "address": "",
        "longitude": place.longitude,
        "latitude": place.latitude,
        "cell": cell(place),
        "phone": "",
        "hours": "",
    }
    return Facility.objects.create(**{**values, **facts})


def names(**wanted: object) -> list[str]:
    return [found.name for found in search_facilities(FacilitySearch(**wanted))]  # type: ignore[arg-type]


def test_facilities_come_nearest_first(cast: Cast) -> None:
    facility(cast, "白云站", NORTH)
    assert names(near=HOME) == ["青松颐养中心", "白云站"]
    assert names(near=NORTH) == ["白云站", "青松颐养中心"]


def test_the_database_measures_as_we_do(cast: Cast) -> None:
    facility(cast, "白云站", NORTH)
    [_, far] = search_facilities(FacilitySearch(near=HOME))
    assert vars(far)["km"] == pytest.approx(distance_km(HOME, NORTH), rel=1e-9)
    nearest = queries.nearest_km([cast.other_provider.pk, 0], HOME)
    assert nearest == {cast.other_provider.pk: pytest.approx(distance_km(HOME, NORTH))}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"words": "青松"}, ["青松颐养中心"]),
        ({"words": "翠柏居家"}, ["白云站"]),
        ({"kind": "station"}, ["白云站"]),
        ({"region": "500151105"}, ["白云站"]),
        ({"region": "500152"}, []),
        ({"near": HOME, "within_km": 5.0}, ["青松颐养中心"]),
        ({}, ["青松颐养中心", "白云站"]),
    ],
)
def test_facilities_are_cut_by_what_was_asked(
    cast: Cast, wanted: dict[str, object], found: list[str]
) -> None:
    facility(cast, "白云站", NORTH)
    assert names(**wanted) == found


def test_facilities_and_beds_are_counted(cast: Cast) -> None:
    facility(cast, "白云站", NORTH)
    counts = queries.facility_counts("500151")
    assert counts == {"institution": 1, "station": 1, "beds": 180}
    assert queries.facility_counts("500152") == {"beds": 0}


def test_a_provider_that_left_is_not_found(cast: Cast) -> None:
    assert queries.provider(cast.provider.pk) == cast.provider
    Provider.objects.filter(pk=cast.provider.pk).update(exited_on=clock.today())
    with pytest.raises(NotFound, match="服务商"):
        queries.provider(cast.provider.pk)


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [("beds_free", 181, "free_beds_exist"), ("stars", 6, "stars_up_to_5")],
)
def test_what_cannot_be_is_refused(cast: Cast, column: str, value: int, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Facility.objects.filter(pk=cast.facility.pk).update(**{column: value})


def test_two_shifts_of_one_person_never_overlap(cast: Cast) -> None:
    day = clock.today()
    with pytest.raises(IntegrityError, match="shifts_do_not_overlap"), transaction.atomic():
        Shift.objects.create(
            staff=cast.staff,
            provider=cast.provider,
            region_id=cast.staff.region_id,
            date=day,
            during=DateTimeTZRange(clock.at(day, 18), clock.at(day, 22)),
        )


def on_duty(cast: Cast, name: str) -> set[str]:
    with acting(getattr(cast, name)):
        return {shift.staff.name for shift in queries.staff_on(getattr(cast, name), clock.today())}


def test_who_works_is_seen_by_region_and_by_organisation(cast: Cast) -> None:
    assert on_duty(cast, "dispatcher") == {"李芳", "张芬", "赵军"}
    assert on_duty(cast, "provider_staff") == {"李芳", "张芬"}
    assert on_duty(cast, "far_dispatcher") == set()


def test_the_sick_and_those_who_left_do_not_work(cast: Cast) -> None:
    Shift.objects.filter(staff=cast.staff, date=clock.today()).update(sick_at=clock.now())
    StaffMember.objects.filter(pk=cast.second_staff.pk).update(left_on=clock.today())
    assert on_duty(cast, "dispatcher") == {"赵军"}


def test_a_provider_lists_its_caregivers_with_todays_shift(cast: Cast) -> None:
    with acting(cast.provider_staff):
        found = queries.own_staff(cast.provider_staff, clock.today())
        later = queries.own_staff(cast.provider_staff, clock.today() + timedelta(days=30))
    assert [(member.number, len(vars(member)["today"])) for member in found] == [
        ("C0001", 1),
        ("C0002", 1),
    ]
    assert [len(vars(member)["today"]) for member in later] == [0, 0]


def test_a_login_leads_to_its_caregiver(cast: Cast) -> None:
    with acting(cast.caregiver):
        assert queries.staff_of_account(cast.caregiver) == cast.staff
    with acting(cast.daughter), pytest.raises(NotFound, match="护理员档案"):
        queries.staff_of_account(cast.daughter)


def test_a_caregiver_who_left_is_nobody(cast: Cast) -> None:
    StaffMember.objects.filter(pk=cast.staff.pk).update(left_on=clock.today())
    with pytest.raises(NotFound):
        queries.staff_of_account(cast.caregiver)
