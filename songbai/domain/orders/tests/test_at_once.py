"""Several people press at the same moment; every act is really committed."""

import uuid

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.ledger.actions import Overdrawn
from songbai.core.ledger.queries import balance, total
from songbai.domain.benefits.tests.giving import grant_credit
from songbai.domain.catalogue.models import Offer
from songbai.domain.orders.actions import (
    NewOrder,
    cancel,
    confirm,
    place,
    settle_month,
    undo_confirmation,
)
from songbai.domain.orders.errors import LikeOrder, PriceChanged, TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.acts import OWN_PART, wanted
from tests.cast import Cast, acting, tomorrow
from tests.together import failures, together

from . import story
from .story import AFTER_UNDO, EARNED, HELD, PAID, START, bath, books

pytestmark = pytest.mark.django_db(transaction=True)


def order(cast: Cast, new: NewOrder) -> Order:
    with acting(cast.daughter):
        return place(cast.daughter, new)


def test_a_double_tap_is_one_order_and_one_hold(cast: Cast) -> None:
    new = wanted(cast, key=uuid.uuid4())
    outcomes = together(*[lambda: order(cast, new)] * 4)
    assert failures(outcomes) == []
    assert len({found.pk for found in outcomes if isinstance(found, Order)}) == 1
    assert Order.objects.count() == 1
    assert books(cast) == HELD


def test_two_orders_at_once_cannot_overdraw_the_credit(cast: Cast) -> None:
    news = [wanted(cast, expected_own=OWN_PART) for _ in range(3)]
    outcomes = together(*(lambda new=new: order(cast, new) for new in news))
    assert all(isinstance(error, Overdrawn | PriceChanged) for error in failures(outcomes))
    assert len(failures(outcomes)) == 2
    assert Order.objects.count() == 1
    assert books(cast) == HELD


def test_two_cancellations_give_back_once(cast: Cast) -> None:
    placed = bath(cast)

    def press(actor: Actor) -> None:
        with acting(actor):
            cancel(actor, placed.pk)

    actors = (cast.daughter, cast.dispatcher)
    [error] = failures(together(*(lambda actor=actor: press(actor) for actor in actors)))
    assert isinstance(error, TooLate)
    assert books(cast) == START


def test_of_two_orders_alike_the_second_is_asked_for(cast: Cast) -> None:
    acts = [lambda: place(SYSTEM, wanted(cast, again=False)) for _ in range(2)]
    [error] = failures(together(*acts))
    assert isinstance(error, LikeOrder)
    assert books(cast) == HELD


def test_two_confirmations_earn_once(cast: Cast) -> None:
    given = story.given(bath(cast))
    acts = [lambda: confirm(cast.daughter, given.pk), lambda: confirm(SYSTEM, given.pk)]
    [error] = failures(together(*acts))
    assert isinstance(error, TooLate)
    assert books(cast) == EARNED


def settle(actor: Actor, provider: int, month: str) -> int:
    with acting(actor):
        return settle_month(actor, provider, month)


def test_two_officers_settling_pay_once(cast: Cast) -> None:
    month = story.earned(bath(cast)).month
    with clock.moved_to(clock.now() + AFTER_UNDO):
        outcomes = together(*[lambda: settle(cast.officer, cast.provider.pk, month)] * 3)
    assert sorted(map(str, outcomes)) == ["0", "0", "1"]
    assert books(cast) == PAID


def test_two_districts_settle_one_provider_without_deadlock(cast: Cast) -> None:
    Offer.objects.update(areas=["50"])
    grant_credit(SYSTEM, cast.neighbour, clock.month_of(tomorrow(9)))
    month = story.earned(place(SYSTEM, wanted(cast, elder=cast.neighbour))).month
    with clock.moved_to(clock.now() + AFTER_UNDO):
        assert settle(cast.officer, cast.provider.pk, month) == 1
    # One district's first order is paid by credit alone, the other's by own money alone.
    given = [(cast.mother, cast.cleaning), (cast.mother, cast.bath)]
    for elder, offer in [*given, *[(cast.far_elder, cast.bath)] * 2]:
        story.earned(place(SYSTEM, wanted(cast, elder=elder, offer_ids=[offer.pk])))
    officers = (cast.officer, cast.far_officer)
    with clock.moved_to(clock.now() + AFTER_UNDO):
        acts = (lambda one=one: settle(one, cast.provider.pk, month) for one in officers)
        assert together(*acts) == [2, 2]
    assert balance(f"provider:{cast.provider.pk}:paid") == 6_000 + 4 * 22_500
    assert total() == 0


def test_undoing_and_settling_do_not_both_happen(cast: Cast) -> None:
    done = story.earned(bath(cast))
    assert done.confirmed_at is not None

    def undo() -> None:
        undo_confirmation(cast.daughter, done.pk)

    with clock.moved_to(done.confirmed_at + AFTER_UNDO):
        together(undo, lambda: settle(cast.officer, cast.provider.pk, done.month))
    assert Order.objects.get().state == OrderState.SETTLED
    assert books(cast) == PAID
