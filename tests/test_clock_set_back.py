"""The clock is set back, by hours or a day: what waits goes on, what was over stays over."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from songbai.core import clock
from songbai.core.accounts.actions import WrongCode, log_in_by_code, send_code
from songbai.core.accounts.tries import OF_ONE, TooManyTries, forget, take
from songbai.core.events.queries import history
from songbai.core.sql import called, value
from songbai.domain.orders.actions import cancel, place
from songbai.domain.orders.models import Order

from .acts import placed, wanted
from .cast import Cast, acting, code_of, phone_of
from .doors import signed_in

pytestmark = pytest.mark.long
BACK = [timedelta(hours=3), timedelta(days=1)]


@pytest.fixture(params=BACK, ids=["hours", "a day"])
def back(request: pytest.FixtureRequest, cast: Cast) -> Iterator[Any]:
    """Set the clock of program and database back when called."""
    moves = []

    def set_back() -> None:
        move = clock.moved_to(clock.now() - request.param)
        move.__enter__()
        moves.append(move)

    yield set_back
    for move in reversed(moves):
        move.__exit__(None, None, None)


def test_a_code_that_was_used_is_not_good_again(cast: Cast, back: Any) -> None:
    phone = phone_of(cast.daughter)
    send_code(phone)
    used = code_of(cast.daughter)
    log_in_by_code(phone, used)
    back()
    with pytest.raises(WrongCode):
        log_in_by_code(phone, used)
    send_code(phone)  # nobody waits for the day it was
    assert log_in_by_code(phone, code_of(cast.daughter)).pk == cast.daughter.account_id


def test_a_code_that_waits_is_still_good(cast: Cast, back: Any) -> None:
    send_code(phone_of(cast.daughter))
    code = code_of(cast.daughter)
    back()
    assert log_in_by_code(phone_of(cast.daughter), code).pk == cast.daughter.account_id


def test_who_tried_too_often_waits_no_longer_than_before(cast: Cast, back: Any) -> None:
    with pytest.raises(TooManyTries):
        for _ in range(20):
            take(OF_ONE, "x", "y")
    back()
    take(OF_ONE, "x", "y")
    forget("x", "y")
    with pytest.raises(TooManyTries):
        for _ in range(20):
            take(OF_ONE, "x", "y")


def test_an_order_is_there_once_and_goes_on(cast: Cast, back: Any) -> None:
    sent = wanted(cast)
    with acting(cast.daughter):
        order = place(cast.daughter, sent)
        back()
        assert place(cast.daughter, sent).pk == order.pk
        cancel(cast.daughter, order.pk)
    assert Order.objects.get().state == "cancelled"
    kinds = [event.kind for event in history("order", order.pk)]
    assert kinds == ["order.placed", "order.cancelled"]


def test_who_may_see_somebody_still_may_and_money_adds_up(cast: Cast, back: Any) -> None:
    placed(cast)
    back()
    with acting(cast.daughter):
        assert type(cast.mother).objects.filter(pk=cast.mother.pk).exists()
    assert value("SELECT sum(balance) FROM ledger_ledgeraccount") == 0


def test_a_session_goes_on(cast: Cast, back: Any) -> None:
    client = signed_in(cast.daughter)
    back()
    assert client.get("/family/").status_code == 200


def test_what_the_clock_starts_is_started_again(cast: Cast) -> None:
    """The queue remembers for which minute it started something last."""

    def start(minute: int) -> Any:
        return called(
            "procrastinate_defer_periodic_job_v2", "q", None, None, "t", 0, "p", minute, "{}"
        )

    now = int(clock.now().timestamp())
    assert start(now)
    assert start(now) is None
    assert [bool(start(now - hours * 3600)) for hours in (24, 3, 1)] == [True, True, True]
