"""The desk agrees a plan on the phone and orders the week."""

from django.test import Client
from django.urls import reverse

from songbai.domain.careplans.queries import week_of
from songbai.domain.careplans.tests.scene import agreed, drafted
from songbai.domain.orders.models import Order
from songbai.web.rooms.orders.tests.test_phone_order import log_in
from tests.cast import Cast


def test_what_waits_is_listed_and_agreed(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    log_in(client, cast.dispatcher)
    listed = client.get(reverse("desk:care_plans")).content.decode()
    assert str(plan.number) in listed
    url = reverse("desk:care_plan", args=[plan.pk])
    assert "洗澡要人帮助" in client.get(url).content.decode()
    told = client.post(url, {"act": "agree", "version": plan.version}, follow=True).content.decode()
    assert "说好了" in told
    waiting = client.get(reverse("desk:care_plans"), {"show": "draft"}).content.decode()
    assert str(plan.number) not in waiting
    assert str(plan.number) in client.get(reverse("desk:care_plans")).content.decode()


def test_the_week_is_ordered_with_the_amount_read_out(client: Client, cast: Cast) -> None:
    plan = agreed(cast)
    log_in(client, cast.dispatcher)
    url = reverse("desk:care_plan", args=[plan.pk])
    own = week_of(plan).own
    assert client.post(url, {"act": "order", "expected_own": own + 1}).status_code == 422
    client.post(url, {"act": "order", "expected_own": own})
    assert {order.channel for order in Order.objects.all()} == {"hotline"}


def test_another_district_finds_nothing(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    log_in(client, cast.far_dispatcher)
    assert client.get(reverse("desk:care_plan", args=[plan.pk])).status_code == 404
    assert str(plan.number) not in client.get(reverse("desk:care_plans")).content.decode()
