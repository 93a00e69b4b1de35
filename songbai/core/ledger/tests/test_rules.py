"""Descriptions of accounts and ids of transfers."""

from hypothesis import given
from hypothesis import strategies as st

from songbai.core.ledger.rules import AccountSpec, Unit, transfer_id

PARTS = st.lists(st.one_of(st.integers(), st.text("abc", max_size=3)), min_size=1, max_size=4)


@given(PARTS)
def test_the_same_parts_give_the_same_id(parts: list[object]) -> None:
    assert transfer_id(*parts) == transfer_id(*parts)


@given(PARTS, PARTS)
def test_other_parts_give_another_id(a: list[object], b: list[object]) -> None:
    same = [str(part) for part in a] == [str(part) for part in b]
    assert (transfer_id(*a) == transfer_id(*b)) == same


def test_an_account_cannot_be_overdrawn_unless_it_says_so() -> None:
    account = AccountSpec("elder:1:credit:2026-01", "额度", "500151001001")
    assert account.floor == 0
    assert account.unit is Unit.FEN
