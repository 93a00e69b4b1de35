"""The provider's page of vehicles: who has which, given and taken off."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.domain.providers.models import Shift, StaffMember, Vehicle
from tests.cast import Cast, make_vehicle


def log_in(client: Client, actor: Actor) -> Client:
    client.force_login(
        Account.objects.get(pk=actor.account_id or 0),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    return client


@pytest.fixture
def office(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.provider_staff)


@pytest.fixture
def van(cast: Cast) -> Vehicle:
    return make_vehicle(cast.provider)


def day() -> str:
    return (clock.today() + timedelta(days=1)).isoformat()


def shift_of(staff: StaffMember) -> Shift:
    return Shift.objects.get(staff=staff, date=day())


def shown(client: Client, day_asked: str | None = None) -> str:
    asked = {"day": day_asked or day()}
    return client.get(reverse("provider:vehicles"), asked).content.decode()


def press(client: Client, name: str, **given: object) -> str:
    answer = client.post(reverse(f"provider:{name}"), {"day": day(), **given}, follow=True)
    assert answer.redirect_chain == [(f"{reverse('provider:vehicles')}?day={day()}", 302)]
    return answer.content.decode()


def test_a_vehicle_is_given_to_a_shift_and_taken_off(
    office: Client, cast: Cast, van: Vehicle
) -> None:
    page = shown(office)
    assert "助浴车" in page and "渝A0001" in page
    assert "没有人带" in page
    assert "李芳 C0001 7:00–19:00" in page
    page = press(office, "vehicle_give", shift=shift_of(cast.staff).pk, vehicle=van.pk)
    assert "记下了，李芳这一班带助浴车 渝A0001。" in page
    assert shift_of(cast.staff).vehicle == van
    assert "李芳 C0001" not in page
    page = press(office, "vehicle_take", shift=shift_of(cast.staff).pk)
    assert "取下了。没有要另找人的单。" in page
    assert shift_of(cast.staff).vehicle is None


def test_a_vehicle_on_another_shift_is_refused_in_words(
    office: Client, cast: Cast, van: Vehicle
) -> None:
    press(office, "vehicle_give", shift=shift_of(cast.staff).pk, vehicle=van.pk)
    page = press(office, "vehicle_give", shift=shift_of(cast.second_staff).pk, vehicle=van.pk)
    assert "已经在别人的班次上" in page
    assert shift_of(cast.second_staff).vehicle is None


def test_an_empty_form_is_refused_in_words(office: Client, van: Vehicle) -> None:
    assert "请选一个班次" in press(office, "vehicle_give", vehicle=van.pk)
    assert "没有找到这个班次" in press(office, "vehicle_take", shift="x")


def test_of_a_day_that_is_over_nothing_can_be_changed(
    office: Client, cast: Cast, van: Vehicle
) -> None:
    yesterday = clock.today() - timedelta(days=1)
    Shift.objects.filter(staff=cast.staff, date=yesterday).update(vehicle=van)
    page = shown(office, yesterday.isoformat())
    assert "李芳" in page
    assert "取下" not in page and "给这一班" not in page


def test_without_vehicles_the_page_says_what_to_do(office: Client) -> None:
    assert "还没有登记车辆" in shown(office)


def test_another_provider_sees_and_changes_nothing(
    client: Client, cast: Cast, van: Vehicle
) -> None:
    log_in(client, cast.other_provider_staff)
    assert "渝A0001" not in shown(client)
    press(client, "vehicle_give", shift=shift_of(cast.staff).pk, vehicle=van.pk)
    assert shift_of(cast.staff).vehicle is None


def test_strangers_are_asked_to_log_in(client: Client, cast: Cast) -> None:
    answer = client.get(reverse("provider:vehicles"))
    assert answer["Location"].startswith(reverse("accounts:login"))
