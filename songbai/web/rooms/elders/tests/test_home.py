"""The first page, the cry for help, and who I am."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.audit.models import Read
from songbai.domain.elders.models import Proxy
from songbai.web.rooms.elders.household import ELDER_KEY
from songbai.web.rooms.orders.tests.household import placed, served
from tests.cast import Cast, bind
from tests.doors import signed_in

pytestmark = pytest.mark.long

PAGES = ["family:home", "family:now", "family:sos", "family:me", "family:services",
         "family:order_new", "family:quote", "family:orders"]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_asked_to_log_in(cast: Cast, client: Client, name: str) -> None:
    reply = client.get(reverse(name))
    assert reply.status_code == 302
    assert reply.headers["Location"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("name", PAGES)
def test_another_role_stays_outside(cast: Cast, name: str) -> None:
    reply = signed_in(cast.caregiver).get(reverse(name))
    assert reply.status_code == 403
    assert cast.mother.name not in reply.content.decode()


def test_the_daughter_sees_visit_credit_and_help(cast: Cast, daughter: Client) -> None:
    order = placed(cast)
    with clock.moved_to(order.window_start - timedelta(hours=1)):  # in the order's own month
        text = daughter.get(reverse("family:home")).content.decode()
    assert "正在安排人" in text
    assert "还剩 0 元" in text
    assert "金额未核实" in text
    assert reverse("family:sos") in text
    assert f"person:{cast.mother.pk}" in text


def test_the_home_page_leaves_a_trace(cast: Cast, daughter: Client) -> None:
    daughter.get(reverse("family:home"))
    read = Read.objects.get(person_id=cast.mother.pk)
    assert (read.reader, read.where) == ("王敏", "/family/")


def test_a_served_order_asks_for_stars_and_for_faces_in_elder_mode(
    cast: Cast, daughter: Client
) -> None:
    served(cast)
    assert "5 星" in daughter.get(reverse("family:home")).content.decode()
    daughter.cookies["songbai-mode"] = "elder"
    assert "一般" in daughter.get(reverse("family:home")).content.decode()


def test_one_who_acts_for_two_switches_and_is_remembered(cast: Cast, daughter: Client) -> None:
    bind(cast.neighbour, cast.daughter)
    text = daughter.get(reverse("family:home"), {"elder": cast.neighbour.pk}).content.decode()
    assert f"person:{cast.neighbour.pk}" in text
    assert daughter.session[ELDER_KEY] == cast.neighbour.pk
    assert f"person:{cast.neighbour.pk}" in daughter.get(reverse("family:home")).content.decode()


@pytest.mark.parametrize("asked", ["far", "nonsense"])
def test_somebody_elses_elder_is_not_found(cast: Cast, daughter: Client, asked: str) -> None:
    elder = str(cast.far_elder.pk) if asked == "far" else asked
    reply = daughter.get(reverse("family:home"), {"elder": elder})
    assert reply.status_code == 404
    assert cast.far_elder.name not in reply.content.decode()


def test_who_acts_for_nobody_is_told_what_to_do(cast: Cast, daughter: Client) -> None:
    now = clock.now()
    Proxy.objects.update(valid_from=now - timedelta(days=9), valid_until=now + timedelta(days=9))
    hers = Proxy.objects.filter(account_id=cast.daughter.account)
    hers.update(valid_until=now - timedelta(days=1))
    assert "授权" in daughter.get(reverse("family:home")).content.decode()
    assert daughter.get(reverse("family:orders")).status_code == 403


def test_money_stays_hidden_when_the_binding_does_not_cover_it(
    cast: Cast, daughter: Client
) -> None:
    Proxy.objects.update(may_see_money=False)
    order = placed(cast)
    assert "额度" not in daughter.get(reverse("family:home")).content.decode()
    assert "谁付钱" not in daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    assert "225 元" not in daughter.get(reverse("family:orders")).content.decode()


def test_the_elder_is_greeted_as_an_elder(cast: Cast, daughter: Client) -> None:
    Proxy.objects.update(relation="本人")
    assert "王奶奶，" in daughter.get(reverse("family:home")).content.decode()


def test_help_dials_without_scripts_and_shows_nobody(cast: Cast, daughter: Client) -> None:
    text = daughter.get(reverse("family:sos")).content.decode()
    assert 'href="tel:12349"' in text
    assert "取消" in text
    assert cast.mother.name not in text


def test_my_page_says_for_whom_until_when(cast: Cast, daughter: Client) -> None:
    text = daughter.get(reverse("family:me")).content.decode()
    assert cast.mother.name in text
    assert "女儿" in text


def test_the_home_page_asks_the_database_a_bounded_number_of_times(
    cast: Cast, daughter: Client, django_assert_max_num_queries: object
) -> None:
    served(cast)
    placed(cast)
    with django_assert_max_num_queries(32):  # type: ignore[operator]
        daughter.get(reverse("family:home"))
