"""Money that comes after an order was placed pays it before people do."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.core.events.queries import of_person
from songbai.core.ledger.queries import total
from songbai.domain.benefits.actions.cycles import run
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.tests.cycles import another_officer, approved
from songbai.domain.benefits.tests.giving import credit_left, grant_credit
from songbai.domain.benefits.tests.payments import started
from songbai.domain.orders.actions import cancel, split_anew
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.acts import placed
from tests.cast import Cast, acting

#: A day of a month for which nobody has a credit yet.
FAR = clock.at(clock.today() + timedelta(days=50), 9)
MONTH = clock.month_of(FAR)


def far(cast: Cast, **more: object) -> Order:
    return placed(cast, window_start=FAR, window_end=FAR + timedelta(hours=2), **more)


def shares(order: Order) -> dict[str, int]:
    return dict(Order.objects.get(pk=order.pk).shares.values_list("payer", "amount"))


def test_an_open_order_is_paid_by_the_credit_that_comes(cast: Cast) -> None:
    first, second, gone = far(cast), far(cast), far(cast)
    with acting(cast.daughter):
        cancel(cast.daughter, gone.pk)
    assert shares(first) == {"own": 22_500}
    grant_credit(SYSTEM, cast.mother, MONTH)
    assert shares(first) == {"credit": 20_000, "own": 2_500}
    assert shares(second) == shares(gone) == {"own": 22_500}
    assert (credit_left(cast.mother, MONTH), total()) == (0, 0)
    told = [event for event in of_person(cast.mother.pk) if event.kind == "order.split_anew"]
    assert [(event.subject_id, event.payload["own"]) for event in told] == [(first.pk, 2_500)]


def test_it_can_be_cancelled_and_split_again(cast: Cast) -> None:
    first, second = far(cast), far(cast)
    grant_credit(SYSTEM, cast.mother, MONTH)
    with acting(cast.daughter):
        cancel(cast.daughter, first.pk)
    assert credit_left(cast.mother, MONTH) == 20_000
    grant_credit(SYSTEM, cast.mother, MONTH)
    assert shares(second) == {"credit": 20_000, "own": 2_500}
    assert not split_anew(SYSTEM, second.pk)
    assert total() == 0


def test_what_is_served_stays_as_it_was(cast: Cast) -> None:
    order = far(cast)
    Order.objects.filter(pk=order.pk).update(state=OrderState.ASSIGNED)
    Order.objects.filter(pk=order.pk).update(state=OrderState.IN_SERVICE)
    grant_credit(SYSTEM, cast.mother, MONTH)
    assert shares(order) == {"own": 22_500}


def test_nobody_splits_by_hand(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        split_anew(cast.daughter, far(cast).pk)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_cycle_of_credits_pays_what_was_ordered_before(cast: Cast) -> None:
    order = far(cast)
    run(SYSTEM, "500151", Month(MONTH), policy="tongliang-home-service")
    cycle = Cycle.objects.get(policy="tongliang-home-service", month=MONTH)
    listed = approved(cast.officer, another_officer(), cycle)
    pay(SYSTEM, RecordingBank(), started(cast, listed).pk)
    assert shares(order) == {"credit": 20_000, "own": 2_500}
