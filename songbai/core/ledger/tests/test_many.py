"""Thousands of transfers in one statement do what thousands of statements do."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.actions import Overdrawn, Posting, hold, post, post_many
from songbai.core.ledger.models import LedgerAccount, Transfer
from songbai.core.ledger.queries import balances, total
from songbai.core.ledger.rules import AccountSpec, transfer_id
from tests.acts import afterwards_nothing
from tests.together import failures, together

pytestmark = pytest.mark.django_db
PLACE = "500151000000"
FUND = AccountSpec("fund:test", "资金", PLACE, floor=None)


def purse(number: int) -> AccountSpec:
    return AccountSpec(f"purse:{number}", "钱包", PLACE, person_id=number)


def move(key: object, debit: AccountSpec, credit: AccountSpec, fen: int) -> Posting:
    return Posting(
        id=transfer_id("test", key),
        debit=debit,
        credit=credit,
        amount=fen,
        kind="test",
        month="2026-06",
        subject=("test", 1),
        memo="",
        region=PLACE,
    )


MOVES = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(0, 3), st.integers(1, 500)),
    max_size=20,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_all_at_once_is_one_after_the_other(
    db: None, moves: list[tuple[int, int, int, int]]
) -> None:
    given_ = [move(("start", n), FUND, purse(n), 10_000) for n in range(4)]
    known = {key: move(key, purse(a), purse(b), fen) for key, a, b, fen in moves if a != b}
    rows = [*given_, *known.values()]
    ends = []
    for write in (lambda: post(SYSTEM, rows), lambda: post_many(SYSTEM, rows)):
        with afterwards_nothing():
            write()
            write()
            codes = [FUND.code, *(purse(n).code for n in range(4))]
            ends.append((balances(codes), Transfer.objects.count(), total()))
    assert ends[0] == ends[1]
    assert ends[0][2] == 0


def test_it_says_how_many_were_new() -> None:
    rows = [move(n, FUND, purse(n), 100) for n in range(3)]
    assert post_many(SYSTEM, rows[:2]) == 2
    assert post_many(SYSTEM, rows) == 1
    assert post_many(SYSTEM, []) == 0


def test_an_account_below_its_floor_takes_nothing_of_the_whole() -> None:
    rows = [move(1, FUND, purse(1), 100), move(2, purse(2), purse(3), 1)]
    with pytest.raises(Overdrawn), transaction.atomic():
        post_many(SYSTEM, rows)
    assert not Transfer.objects.exists()
    assert not LedgerAccount.objects.filter(code__startswith="purse:").exists()


def test_one_id_twice_in_a_statement_is_posted_once() -> None:
    assert post_many(SYSTEM, [move(1, FUND, purse(1), 100)] * 2) == 1
    assert balances([purse(1).code]) == {purse(1).code: 100}


@pytest.mark.django_db(transaction=True)
def test_writers_in_any_order_do_not_lock_each_other_out() -> None:
    def write(turn: int) -> None:
        order = range(20) if turn % 2 else reversed(range(20))
        post_many(SYSTEM, [move((turn, n), FUND, purse(n), 1) for n in order])

    acts = [lambda turn=turn: write(turn) for turn in range(4)]
    assert failures(together(*acts)) == []
    assert balances([FUND.code]) == {FUND.code: -80}
    assert total() == 0


@pytest.mark.django_db(transaction=True)
def test_held_accounts_are_not_moved_by_others() -> None:
    post_many(SYSTEM, [move(0, FUND, purse(1), 100)])

    def take() -> int:
        with transaction.atomic():
            left = hold([purse(1), purse(9)])[purse(1).code]
            if left:
                post_many(SYSTEM, [move("take", purse(1), FUND, left)])
            return left

    assert sorted(map(str, together(*[take] * 3))) == ["0", "0", "100"]
    assert total() == 0
