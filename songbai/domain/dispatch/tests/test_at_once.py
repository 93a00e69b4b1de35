"""Two dispatchers, or a dispatcher and a family, at the same moment; really committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.rules import Actor, RoleKind
from songbai.core.errors import SongbaiError
from songbai.domain.dispatch.actions import Planned, assign, plan
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.orders.actions import TooLate, cancel
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.acts import placed
from tests.cast import Cast, acting, make_account, tomorrow
from tests.together import failures, together

pytestmark = pytest.mark.django_db(transaction=True)


def planning(actor: Actor) -> Callable[[], Planned]:
    def press() -> Planned:
        with acting(actor):
            return plan(actor, clock.today() + timedelta(days=1))

    return press


def one_each(orders: int) -> None:
    """Every order has one caregiver, and no caregiver is at two places."""
    active = Assignment.objects.filter(state=AssignmentState.ACTIVE)
    assert active.values("order_id").distinct().count() == active.count() == orders
    assert Order.objects.filter(state=OrderState.ASSIGNED).count() == orders


def test_two_dispatchers_who_plan_at_once_send_one_each(cast: Cast) -> None:
    for _ in range(3):
        placed(cast)
    second = make_account("孙燕", RoleKind.DISPATCHER, "500151")
    outcomes = together(planning(cast.dispatcher), planning(second), planning(cast.dispatcher))
    assert failures(outcomes) == []
    assert sorted(len(p.assigned) for p in outcomes if isinstance(p, Planned)) == [0, 0, 3]
    one_each(3)


def test_the_city_and_the_district_planning_at_once_send_one_each(cast: Cast) -> None:
    for _ in range(3):
        placed(cast)
    city = make_account("市调度", RoleKind.DISPATCHER, "5001")
    assert failures(together(planning(cast.dispatcher), planning(city))) == []
    one_each(3)


def test_an_order_cancelled_meanwhile_does_not_undo_the_plan(cast: Cast) -> None:
    gone, _, _ = placed(cast), placed(cast), placed(cast)

    def press() -> None:
        with acting(cast.daughter):
            cancel(cast.daughter, gone.pk)

    assert failures(together(planning(cast.dispatcher), press)) == []
    assert Order.objects.get(pk=gone.pk).state == OrderState.CANCELLED
    assert Order.objects.filter(state=OrderState.ASSIGNED).count() == 2


def test_two_who_send_one_caregiver_to_two_places_send_her_to_one(cast: Cast) -> None:
    orders = [placed(cast), placed(cast)]

    def send(order: Order) -> Assignment:
        with acting(cast.dispatcher):
            return assign(
                cast.dispatcher, order.pk, cast.staff.pk, starts_at=tomorrow(9), reason="都要她去"
            )

    outcomes = together(*(lambda order=order: send(order) for order in orders))
    [error] = failures(outcomes)
    assert isinstance(error, SongbaiError)
    one_each(1)


def test_sending_and_cancelling_at_once_never_sends_to_a_cancelled_order(cast: Cast) -> None:
    order = placed(cast)

    def send() -> None:
        with acting(cast.dispatcher):
            assign(cast.dispatcher, order.pk, cast.staff.pk, reason="就近安排")

    def stop() -> None:
        with acting(cast.daughter):
            cancel(cast.daughter, order.pk)

    errors = failures(together(send, stop))
    assert all(isinstance(error, SongbaiError) for error in errors)
    assert not any(isinstance(error, TooLate) for error in errors)
    assert Order.objects.get().state == OrderState.CANCELLED


def test_the_cast_is_whole_after_tests_that_commit(cast: Cast) -> None:
    account = Account.objects.get(pk=cast.officer.account)
    assert [actor.kind for actor in actors_of(account)] == [RoleKind.OFFICER]
