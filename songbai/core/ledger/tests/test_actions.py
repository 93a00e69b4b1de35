"""Postings: the books always agree, nothing is written twice, nothing is ever changed."""

import uuid
from contextlib import nullcontext

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.actions import Overdrawn, Posting, post
from songbai.core.ledger.models import LedgerAccount, Transfer
from songbai.core.ledger.queries import balance, total
from songbai.core.ledger.rules import AccountSpec, Unit
from tests.acts import afterwards_nothing
from tests.attack import refused
from tests.cast import Cast, acting
from tests.together import failures, together

pytestmark = pytest.mark.long

REGION = "500151001001"
FUND = AccountSpec("fund", "资金", REGION, floor=None)
PURSES = [AccountSpec(f"purse:{n}", "钱包", REGION, person_id=n) for n in range(3)]
EVERYBODY = [FUND, *PURSES]
SHARED = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def posting(
    debit: AccountSpec, credit: AccountSpec, amount: int, number: int | None = None
) -> Posting:
    """An amount from one account to another; the same number is the same posting."""
    return Posting(
        id=uuid.uuid4() if number is None else uuid.UUID(int=number),
        debit=debit,
        credit=credit,
        amount=amount,
        kind="test",
        month="2026-01",
        subject=("test", 1),
        memo="试记",
        region=REGION,
    )


def give(purse: AccountSpec, amount: int) -> None:
    post(SYSTEM, [posting(FUND, purse, amount)])


def try_to_post(postings: list[Posting]) -> bool:
    try:
        with transaction.atomic():
            post(SYSTEM, postings)
    except Overdrawn:
        return False
    return True


def from_transfers(account: AccountSpec) -> int:
    """The balance as the transfers tell it."""
    received = Transfer.objects.filter(credit__code=account.code).aggregate(s=Sum("amount"))["s"]
    given_ = Transfer.objects.filter(debit__code=account.code).aggregate(s=Sum("amount"))["s"]
    return (received or 0) - (given_ or 0)


MOVES = st.builds(
    posting,
    st.sampled_from(EVERYBODY),
    st.sampled_from(EVERYBODY),
    st.integers(1, 100),
    st.integers(1, 6),
).filter(lambda move: move.debit != move.credit)


@SHARED
@given(st.lists(MOVES, max_size=12))
def test_whatever_is_posted_the_books_agree(db: None, moves: list[Posting]) -> None:
    with afterwards_nothing():
        for move in moves:
            try_to_post([move])
        assert total() == 0
        assert all(balance(a.code) == from_transfers(a) for a in EVERYBODY)
        assert all(balance(purse.code) >= 0 for purse in PURSES)


@SHARED
@given(st.lists(MOVES, max_size=12))
def test_the_database_counts_as_a_child_would(db: None, moves: list[Posting]) -> None:
    purse = {account.code: 0 for account in EVERYBODY}
    seen: set[uuid.UUID] = set()
    with afterwards_nothing():
        for move in moves:
            enough = move.debit == FUND or purse[move.debit.code] >= move.amount
            assert try_to_post([move]) == (enough or move.id in seen)
            if enough and move.id not in seen:
                seen.add(move.id)
                purse[move.debit.code] -= move.amount
                purse[move.credit.code] += move.amount
        assert {account.code: balance(account.code) for account in EVERYBODY} == purse


@SHARED
@given(st.lists(MOVES, max_size=8, unique_by=lambda move: move.id))
def test_a_batch_is_posted_whole_or_not_at_all(db: None, moves: list[Posting]) -> None:
    with afterwards_nothing():
        written = try_to_post(moves)
        assert Transfer.objects.count() == (len(moves) if written else 0)
        assert total() == 0


def test_posting_twice_is_posting_once(db: None) -> None:
    move = posting(FUND, PURSES[0], 70, number=1)
    for _ in range(3):
        post(SYSTEM, [move, move])
    assert balance(PURSES[0].code) == 70
    assert Transfer.objects.count() == 1


def test_an_overdraw_leaves_no_trace(db: None) -> None:
    give(PURSES[0], 50)
    before = list(LedgerAccount.objects.order_by("id").values())
    assert not try_to_post([posting(PURSES[0], PURSES[1], 51)])
    assert list(LedgerAccount.objects.order_by("id").values()) == before
    assert Transfer.objects.count() == 1


def test_the_last_fen_can_be_spent(db: None) -> None:
    give(PURSES[0], 50)
    post(SYSTEM, [posting(PURSES[0], PURSES[1], 50)])
    assert balance(PURSES[0].code) == 0


def test_units_are_counted_apart(db: None) -> None:
    bank = AccountSpec("minutes", "时间银行", REGION, floor=None, unit=Unit.MINUTE)
    mine = AccountSpec("minutes:1", "我的时间", REGION, unit=Unit.MINUTE)
    post(SYSTEM, [posting(bank, mine, 90)])
    give(PURSES[0], 10)
    assert total("minute") == total("fen") == 0
    assert balance("minutes:1") == 90


@pytest.mark.parametrize("amount", [0, -1])
def test_only_something_can_be_moved(db: None, amount: int) -> None:
    with pytest.raises(IntegrityError, match="transfer_positive"), transaction.atomic():
        post(SYSTEM, [posting(FUND, PURSES[0], amount)])


def test_nothing_moves_in_a_circle(db: None) -> None:
    with pytest.raises(IntegrityError, match="transfer_between_two"), transaction.atomic():
        post(SYSTEM, [posting(FUND, FUND, 5)])


def test_a_transfer_is_reversed_once(db: None) -> None:
    first = posting(FUND, PURSES[0], 30, number=1)
    back = Posting(**{**vars(posting(PURSES[0], FUND, 30)), "reverses": first.id})
    post(SYSTEM, [first, back])
    again = Posting(**{**vars(back), "id": uuid.uuid4(), "debit": FUND, "credit": PURSES[0]})
    with pytest.raises(IntegrityError, match="reverses"), transaction.atomic():
        post(SYSTEM, [again])


def test_a_balance_nobody_opened_is_zero(db: None) -> None:
    assert balance("elder:0:own") == 0


def test_the_web_role_posts_through_the_functions(cast: Cast) -> None:
    with acting(cast.daughter):
        post(cast.daughter, [posting(FUND, PURSES[0], 5)])
    assert balance(PURSES[0].code) == 5
    assert Transfer.objects.get(kind="test").actor_id == cast.daughter.account_id


BY_HAND = [
    "UPDATE ledger_transfer SET amount = 1",
    "DELETE FROM ledger_transfer",
]


@pytest.mark.parametrize("sql", BY_HAND)
@pytest.mark.parametrize("who", ["the web", "the owner"])
def test_a_transfer_is_never_changed_nor_deleted(cast: Cast, sql: str, who: str) -> None:
    with acting(cast.officer) if who == "the web" else nullcontext():
        refused(sql, "permission denied" if who == "the web" else "Cannot")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_ledgeraccount SET balance = 1000000",
        "DELETE FROM ledger_ledgeraccount",
        "INSERT INTO ledger_ledgeraccount (code, name, unit, balance, region_id)"
        " VALUES ('x', 'x', 'fen', 100, '500151001001')",
        "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer",
    ],
)
def test_the_web_role_cannot_touch_a_balance(cast: Cast, sql: str) -> None:
    with acting(cast.officer):
        refused(sql, "permission denied")


def in_one_transaction(*postings: Posting) -> None:
    with transaction.atomic():
        post(SYSTEM, list(postings))


@pytest.mark.django_db(transaction=True)
def test_no_update_is_lost_when_many_post_at_once() -> None:
    give(PURSES[0], 1_000)

    def spend() -> None:
        for _ in range(10):
            in_one_transaction(posting(PURSES[0], PURSES[1], 1))

    assert failures(together(*[spend] * 6)) == []
    assert (balance(PURSES[0].code), balance(PURSES[1].code)) == (940, 60)
    assert all(balance(account.code) == from_transfers(account) for account in EVERYBODY)


@pytest.mark.django_db(transaction=True)
def test_opposite_directions_do_not_deadlock() -> None:
    for purse in PURSES:
        give(purse, 1_000)
    rings = [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)]

    def around(ring: tuple[int, int, int]) -> None:
        a, b, c = (PURSES[n] for n in ring)
        for _ in range(8):
            in_one_transaction(posting(a, b, 1), posting(b, c, 1), posting(c, a, 1))

    assert failures(together(*(lambda ring=ring: around(ring) for ring in rings))) == []
    assert [balance(purse.code) for purse in PURSES] == [1_000] * 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_last_fen_one_gets_it() -> None:
    give(PURSES[0], 100)
    acts = [lambda to=to: in_one_transaction(posting(PURSES[0], to, 80)) for to in PURSES[1:]]
    [error] = failures(together(*acts))
    assert isinstance(error, Overdrawn)
    assert balance(PURSES[0].code) == 20


@pytest.mark.django_db(transaction=True)
def test_the_same_posting_at_once_is_posted_once() -> None:
    move = posting(FUND, PURSES[0], 10, number=7)
    assert failures(together(*[lambda: in_one_transaction(move)] * 4)) == []
    assert balance(PURSES[0].code) == 10
    assert total() == 0


@pytest.mark.django_db(transaction=True)
def test_new_accounts_are_opened_once_by_many() -> None:
    acts = [
        lambda order=order: in_one_transaction(*(posting(FUND, PURSES[n], 1) for n in order))
        for order in [(0, 1, 2), (2, 1, 0), (1, 2, 0)]
    ]
    assert failures(together(*acts)) == []
    assert LedgerAccount.objects.count() == 4
    assert [balance(purse.code) for purse in PURSES] == [3, 3, 3]
