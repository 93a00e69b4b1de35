"""States, prices, windows."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.clock import SHANGHAI
from songbai.core.ledger.registry import Terms, payers
from songbai.domain.benefits.declares import CREDIT
from songbai.domain.orders.rules import (
    CANCELLABLE,
    FARTHEST,
    FIRST_HOUR,
    LAST_HOUR,
    NARROWEST,
    OPEN,
    OWN,
    REVERSIBLE,
    TRANSITIONS,
    OrderState,
    Purse,
    WindowProblem,
    order_number,
    split_price,
    window_problem,
)

from .story import OWN_MONEY, split

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=SHANGHAI)
FEN = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("total", "left", "credit", "own"),
    [
        (22_500, 20_000, 20_000, 2_500),
        (6_000, 20_000, 6_000, 0),
        (22_500, 0, 0, 22_500),
        (20_000, 20_000, 20_000, 0),
        (0, 20_000, 0, 0),
        (1, 1, 1, 0),
    ],
)
def test_the_credit_pays_first(total: int, left: int, credit: int, own: int) -> None:
    found = split(total, left)
    assert (found.of(CREDIT), found.own) == (credit, own)


@given(FEN, FEN)
def test_shares_add_up_and_the_credit_is_never_exceeded(total: int, left: int) -> None:
    found = split(total, left)
    assert found.total == total
    assert 0 <= found.of(CREDIT) <= left
    assert found.own >= 0
    assert sum(share.amount for share in found.shares) == total


@given(FEN, FEN)
def test_own_money_is_asked_only_when_the_credit_is_used_up(total: int, left: int) -> None:
    found = split(total, left)
    assert found.own == 0 or found.of(CREDIT) == left
    assert all(share.amount > 0 for share in found.shares)


@pytest.mark.parametrize(("total", "left"), [(-1, 0), (0, -1)])
def test_negative_amounts_are_refused(total: int, left: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        split(total, left)


def window(day: int, start: float, end: float) -> tuple[datetime, datetime]:
    """A window of June 2026, in hours."""
    midnight = datetime(2026, 6, day, tzinfo=SHANGHAI)
    return midnight + timedelta(hours=start), midnight + timedelta(hours=end)


@pytest.mark.parametrize(
    ("day", "start", "end", "problem"),
    [
        (11, 9, 11, None),
        (11, 7, 7.5, None),
        (11, 19.5, 20, None),
        (10, 12.01, 13, None),
        (10, 12, 13, WindowProblem.PAST),
        (9, 9, 11, WindowProblem.PAST),
        (11, 11, 9, WindowProblem.BACKWARDS),
        (11, 9, 9, WindowProblem.BACKWARDS),
        (11, 9, 9.4, WindowProblem.NARROW),
        (11, 6.9, 8, WindowProblem.NIGHT),
        (11, 19, 20.1, WindowProblem.NIGHT),
        (11, 19, 33, WindowProblem.NIGHT),
        (11, 21, 22, WindowProblem.NIGHT),
        (11, 23.5, 31, WindowProblem.NIGHT),
    ],
)
def test_windows(day: int, start: float, end: float, problem: WindowProblem | None) -> None:
    assert window_problem(*window(day, start, end), NOW) is problem


@pytest.mark.parametrize(("days", "problem"), [(59, None), (61, WindowProblem.FAR)])
def test_how_far_ahead(days: int, problem: WindowProblem | None) -> None:
    start, end = (moment + timedelta(days=days) for moment in window(10, 9, 11))
    assert window_problem(start, end, NOW) is problem


@given(st.integers(-100, 5_000), st.integers(-60, 2_000))
def test_a_good_window_is_by_day_ahead_and_wide_enough(ahead: int, wide: int) -> None:
    start = NOW + timedelta(minutes=ahead)
    end = start + timedelta(minutes=wide)
    if window_problem(start, end, NOW) is None:
        assert NOW < start <= NOW + FARTHEST
        assert end - start >= NARROWEST
        assert start.hour >= FIRST_HOUR
        assert end <= start.replace(hour=LAST_HOUR, minute=0)


def test_a_problem_says_what_to_do() -> None:
    assert all(problem.value.count("。") == 2 or "要" in problem.value for problem in WindowProblem)


def test_where_an_order_may_go() -> None:
    assert (OrderState.ACCEPTED, OrderState.ASSIGNED) in TRANSITIONS
    assert (OrderState.ACCEPTED, OrderState.DONE) not in TRANSITIONS
    assert (OrderState.CANCELLED, OrderState.ACCEPTED) not in TRANSITIONS


def test_what_was_paid_is_only_taken_back_and_what_is_cancelled_is_over() -> None:
    ends = {OrderState.SETTLED, OrderState.CANCELLED}
    left = {(old, new) for old, new in TRANSITIONS if old in ends}
    assert left == {(OrderState.SETTLED, OrderState.CANCELLED)}


def test_every_state_is_reached_from_the_first() -> None:
    reached = {OrderState.ACCEPTED}
    for _ in OrderState:
        reached |= {new for old, new in TRANSITIONS if old in reached}
    assert reached == set(OrderState)


def test_what_was_given_is_cancelled_only_by_whoever_found_that_it_was_not() -> None:
    before = {old for old, new in TRANSITIONS if new is OrderState.CANCELLED}
    assert before - CANCELLABLE == {OrderState.TO_CONFIRM} | REVERSIBLE
    assert {OrderState.ACCEPTED, OrderState.ASSIGNED} == CANCELLABLE
    assert CANCELLABLE < OPEN


def test_a_payer_of_some_items_pays_nothing_of_others() -> None:
    food = Purse(CREDIT, 5_000, Terms(5_000, frozenset({"food"})))
    price = [("food", 2_000), ("bath", 8_000)]
    found = split_price(price, [food, Purse(OWN_MONEY, None)])
    assert (found.of(CREDIT), found.own, food.after(found).left) == (1_000, 9_000, 4_000)


def test_a_price_nobody_pays_in_full_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody"):
        split_price([("bath", 100)], [Purse(CREDIT, 99)])


def test_every_payer_has_words_of_its_own() -> None:
    assert [one.code for one in payers()][-1] == OWN
    for words in ({one.words for one in payers()}, {one.pays for one in payers()}):
        assert len(words) == len(payers())
        assert all(len(word) > 1 for word in words)


@pytest.mark.parametrize(
    ("order_id", "number"),
    [(1, "260610000001"), (163_000, "260610163000"), (1_000_001, "260610000001")],
)
def test_numbers_can_be_read_out(order_id: int, number: str) -> None:
    assert order_number(NOW, order_id) == number
