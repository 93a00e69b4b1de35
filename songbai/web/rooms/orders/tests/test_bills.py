"""What every door says of an order's money, in every state."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.ledger.registry import payers
from songbai.domain.dispatch.actions import assign
from songbai.domain.orders.actions import NewOrder, cancel, place
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OWN, OrderState, money_stands
from songbai.domain.visits.actions import look
from songbai.domain.visits.tests.test_looking import WHY, doubted
from tests.cast import Cast, acting, tomorrow
from tests.doors import LogIn

from .household import placed

BEFORE = {OrderState.ACCEPTED, OrderState.ASSIGNED, OrderState.IN_SERVICE}


@pytest.mark.parametrize("state", OrderState)
def test_every_payers_part_says_where_it_stands(state: OrderState) -> None:
    for payer in (one.code for one in payers()):
        words = money_stands(state, payer)
        assert ("到时付" in words) == (
            payer == OWN and state in {*BEFORE, OrderState.TO_CONFIRM}
        ), (state, payer)
        assert ("退回" in words) == (payer != OWN and state is OrderState.CANCELLED)
        assert ("不用付" in words) == (payer == OWN and state is OrderState.CANCELLED)
        assert money_stands(state, payer, held=True) == "核对以后才付"


def own_paid(cast: Cast) -> Order:
    """Mrs Wang's credit is used up by the first; the second is hers to pay."""
    placed(cast)
    new = NewOrder(
        uuid.uuid4(), cast.mother, [cast.bath.pk], tomorrow(14), tomorrow(16), again=True
    )
    return place(cast.daughter, new)


PAGES = [
    ("daughter", "family:order"),
    ("provider_staff", "provider:order"),
    ("officer", "bureau:order"),
    ("dispatcher", "desk:order"),
]


@pytest.mark.parametrize("sent", [False, True])
def test_a_cancelled_order_of_ones_own_pay_names_nobody_and_no_sum(
    cast: Cast, log_in: LogIn, sent: bool
) -> None:
    order = own_paid(cast)
    if sent:
        assign(cast.dispatcher, order.pk, cast.staff.pk, reason="家属指定")
    before = log_in(cast.daughter).get(reverse("family:order", args=[order.pk])).content.decode()
    assert "225 元，到时付给服务商" in before
    assert (cast.staff.name in before) is sent
    cancel(cast.daughter, order.pk)
    for who, name in PAGES:
        reply = log_in(getattr(cast, who)).get(
            reverse(name, args=[order.pk]), headers={"HX-Request": "true"}
        )
        text = reply.content.decode()
        assert "225 元，不用付了" in text, name
        assert "不用付钱" in text, name
        assert "到时付" not in text, name
    text = log_in(cast.daughter).get(reverse("family:order", args=[order.pk])).content.decode()
    assert "不用来了" in text
    assert cast.staff.name not in text.split("经过")[0]
    listed = log_in(cast.daughter).get(reverse("family:orders")).content.decode()
    assert "不用付钱" in listed


def test_who_came_is_still_named_when_the_money_went_back(cast: Cast, daughter: Client) -> None:
    order = doubted(cast)
    with clock.moved_to(order.window_end), acting(cast.officer):
        look(cast.officer, order.pk, given=False, reason=WHY)
    text = daughter.get(reverse("family:order", args=[order.pk])).content.decode()
    assert "不用来了" not in text
    assert "200 元，退回了" in text
