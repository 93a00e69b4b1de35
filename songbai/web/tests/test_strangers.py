"""Who must not come in, and what nobody from elsewhere may see."""

import pytest
from django.test import Client
from django.urls import reverse

from songbai.domain.orders.models import Order
from tests.cast import Cast
from tests.doors import LogIn

pytestmark = pytest.mark.long

PLAIN = ("overview", "beds", "orders", "elders", "credits", "money", "ledger", "audit")
SECRETS = ("王桂英", "李松福", "王敏", "幸福路", "500190194205061024", "12800001024")


def pages(cast: Cast, order: Order) -> list[str]:
    """Every page of the door, with the ids of this district."""
    return [
        *(reverse(f"bureau:{name}") for name in PLAIN),
        reverse("bureau:town", args=["500151001000"]),
        reverse("bureau:order", args=[order.pk]),
        reverse("bureau:elder", args=[cast.mother.pk]),
        reverse("bureau:settle", args=[cast.provider.pk, order.month]),
        f"{reverse('bureau:ledger')}?book=elder/credit&month={order.month}",
        f"{reverse('bureau:audit')}?person={cast.mother.pk}",
        f"{reverse('bureau:orders')}?show=progress",
        f"{reverse('bureau:overview')}?scope=500151001000&indicator=own",
    ]


def test_strangers_are_asked_to_log_in(client: Client, cast: Cast, order: Order) -> None:
    for url in pages(cast, order):
        reply = client.get(url)
        assert reply.status_code == 302, url
        assert reply["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("who", ["daughter", "caregiver", "dispatcher", "provider_staff"])
def test_other_roles_are_turned_away(cast: Cast, order: Order, log_in: LogIn, who: str) -> None:
    reply = log_in(cast.actors()[who]).get(reverse("bureau:orders"))
    assert reply.status_code == 403


def test_the_officer_sees_every_page_and_no_plain_name(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    for url in pages(cast, order):
        reply = client.get(url)
        assert reply.status_code == 200, url
        assert not [secret for secret in SECRETS if secret in reply.content.decode()], url


@pytest.mark.parametrize("who", ["far_officer", "town_officer"])
def test_officers_of_other_places_get_404_for_what_is_here(
    cast: Cast, order: Order, log_in: LogIn, who: str
) -> None:
    client = log_in(cast.actors()[who])
    for url in (
        reverse("bureau:town", args=["500151001000"]),
        reverse("bureau:order", args=[order.pk]),
        reverse("bureau:elder", args=[cast.mother.pk]),
        f"{reverse('bureau:audit')}?person={cast.mother.pk}",
        f"{reverse('bureau:orders')}?region=500151001000",
        f"{reverse('bureau:elders')}?region=500151001",
        f"{reverse('bureau:credits')}?region=500151001",
        f"{reverse('bureau:overview')}?scope=500151",
        f"{reverse('bureau:ledger')}?account=1",
    ):
        reply = client.get(url)
        assert reply.status_code == 404, url
        text = reply.content.decode()
        assert "王*英" not in text
        assert str(order.number) not in text


@pytest.mark.parametrize("who", ["far_officer", "town_officer"])
def test_lists_of_other_places_hold_nobody_from_here(
    cast: Cast, order: Order, log_in: LogIn, who: str
) -> None:
    client = log_in(cast.actors()[who])
    for name in PLAIN:
        text = client.get(reverse(f"bureau:{name}")).content.decode()
        assert "王*英" not in text, name
        assert str(order.number) not in text, name


def test_an_officer_may_not_settle_a_provider_seated_elsewhere(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    url = reverse("bureau:settle", args=[cast.provider.pk, order.month])
    assert log_in(cast.town_officer).post(url).status_code == 403


def test_nothing_personal_is_left_in_the_browser(cast: Cast, order: Order, log_in: LogIn) -> None:
    officer = log_in(cast.officer)
    for url in pages(cast, order):
        assert officer.get(url)["Cache-Control"] == "no-store", url
        assert officer.head(url).status_code == officer.get(url).status_code, url
