"""Payers, kinds of accounts and kinds of transfers are declared by the rooms."""

import pytest

from songbai.core.ledger.registry import (
    Bill,
    Payer,
    Terms,
    back_to,
    book_of,
    books,
    payer,
    payer_of,
    payers,
    terms,
    transfer_words,
)
from songbai.core.registry import reopened

BILL = Bill(7, "500151001001", "2026-06")


def charity(account: str = "charity:{district}:food", **changes: object) -> Payer:
    """A payer of a room that stands nowhere."""
    words: dict[str, object] = {"short": "善款", "order": 5, "book": "慈善资金", **changes}
    return payer("charity", "慈善捐助", account=account, **words)  # type: ignore[arg-type]  # as given


def test_what_is_declared_is_known_until_the_end_of_the_block() -> None:
    before = payers()
    with reopened():
        one = charity()
        assert payers()[0] == payer_of("charity") == one
    assert payers() == before


def test_after_the_start_nothing_is_declared() -> None:
    with pytest.raises(RuntimeError, match="charity"):
        charity()


def test_a_payer_has_the_account_of_its_pattern() -> None:
    with reopened():
        common = charity().account_of(BILL)
    with reopened():
        own = charity("elder:{person}:charity:{month}", bounded=False).account_of(BILL)
    assert (common.code, common.region, common.person_id) == (
        "charity:500151:food", "500151000000", None
    )  # fmt: skip
    assert (own.code, own.name, own.person_id, own.floor) == (
        "elder:7:charity:2026-06", "慈善捐助，2026 年 6 月", 7, None
    )  # fmt: skip
    assert common.floor == 0


def test_its_accounts_are_a_kind_of_their_own() -> None:
    with reopened():
        charity()
        book = book_of("charity:500151:food")
        assert book is not None
        assert (book.words, book in books(), book.monthly) == ("慈善资金", True, False)
    assert book_of("charity:500151:food") is None
    assert book_of("nonsense") is None


def test_without_words_of_its_own_it_pays_all_and_takes_back_where_it_came_from() -> None:
    with reopened():
        one = charity()
        assert terms(one, BILL) == Terms()
        assert back_to(one, BILL) == one.account_of(BILL)


@pytest.mark.parametrize("rate", [-1, 10_001])
def test_nobody_pays_more_than_the_whole(rate: int) -> None:
    with pytest.raises(ValueError, match="share"):
        Terms(rate)


def test_a_transfer_nobody_declared_reads_as_it_is() -> None:
    assert (transfer_words("hold"), transfer_words("odd")) == ("下单，先留出来", "odd")
