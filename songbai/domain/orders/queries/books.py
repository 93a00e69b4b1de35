"""The ledger as orders and benefits use it: its accounts by kind, and what stands on them.

An account's code says its kind: ``elder:5:credit:2026-11``, ``provider:2:held`` (see ``money``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import CharField, Count, F, Func, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Right

from songbai.core.accounts.rules import Actor
from songbai.core.ledger.models import LedgerAccount
from songbai.core.ledger.queries import accounts_in
from songbai.core.ledger.rules import Unit


class Book(StrEnum):
    """Kinds of accounts: first and third part of the code."""

    FUND = "fund/credit"
    VOUCHER_FUND = "fund/voucher"
    CREDIT = "elder/credit"
    VOUCHER = "elder/voucher"
    OWN = "elder/own"
    HELD = "provider/held"
    EARNED = "provider/earned"
    PAID = "provider/paid"
    BENEFIT_FUND = "fund/benefit"
    WITH_BANK = "bank/sent"
    PAID_OUT = "paid/benefit"
    OWED = "elder/owed"
    CLAIMS = "claims/benefit"
    CASH = "cash/repaid"


BOOK_WORDS = {
    Book.FUND: "政府购买服务资金",
    Book.VOUCHER_FUND: "消费补贴资金",
    Book.CREDIT: "老人的居家服务额度",
    Book.VOUCHER: "老人的消费补贴电子券",
    Book.OWN: "老人自己付的钱",
    Book.HELD: "服务商待确认",
    Book.EARNED: "服务商已完成、未结算",
    Book.PAID: "服务商已结算",
    Book.BENEFIT_FUND: "待遇资金",
    Book.WITH_BANK: "已交银行、未答复",
    Book.PAID_OUT: "待遇已到账",
    Book.OWED: "老人应退回的钱",
    Book.CLAIMS: "追缴应收",
    Book.CASH: "退回的现金和转账",
}
#: Kinds whose accounts belong to one month; the code ends with it.
MONTHLY = frozenset(
    {
        Book.FUND, Book.VOUCHER_FUND, Book.CREDIT, Book.VOUCHER, Book.EARNED, Book.BENEFIT_FUND,
        Book.PAID_OUT,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """All accounts of one kind: how many, how many of one month, the sum of balances in fen."""

    book: Book
    accounts: int
    of_month: int
    balance: int

    @property
    def listed(self) -> int:
        """How many ``accounts_of`` lists for the month."""
        return self.of_month if self.book in MONTHLY else self.accounts

    @property
    def words(self) -> str:
        """The name of the kind."""
        return BOOK_WORDS[self.book]


def shelves(actor: Actor, month: str) -> list[Shelf]:
    """The money accounts of the officer's area by kind, in the order in which money flows.

    Raises NotAllowed.
    """
    rows = (
        _money(actor)
        .values_list(_part(1), _part(3))
        .annotate(
            n=Count("id"), of_month=Count("id", filter=Q(code__endswith=month)), fen=Sum("balance")
        )
        .order_by()
    )
    found = {f"{first}/{third}": (n, some, fen) for first, third, n, some, fen in rows}
    return [Shelf(book, *found[book]) for book in Book if book in found]


def accounts_of(actor: Actor, book: Book, month: str = "") -> QuerySet[LedgerAccount]:
    """Accounts of a kind, those with the largest balance first; ``month`` where the kind has one.

    Raises NotAllowed.
    """
    first, third = book.split("/")
    start = f"{first}:"
    rows = _money(actor).filter(code__gte=start, code__lt=f"{start[:-1]};")
    rows = rows.annotate(third=_part(3)).filter(third=third)
    if month and book in MONTHLY:
        rows = rows.annotate(month=Right("code", 7)).filter(month=month)
    size = Func(F("balance"), function="abs", output_field=IntegerField())
    return rows.order_by(size.desc(), "id")


def book_of(account: LedgerAccount) -> Book:
    """The kind of an account. Raises ValueError for one that orders do not use."""
    parts = account.code.split(":")
    return Book(f"{parts[0]}/{parts[2]}")


def unpaid_before(actor: Actor, month: str) -> set[int]:
    """Providers that earned something before a month and have not been paid all of it.

    Raises NotAllowed.
    """
    rows = (
        accounts_in(actor)
        .filter(code__gte="provider:", code__lt="provider;", balance__gt=0)
        .annotate(third=_part(3), month=Right("code", 7))
        .filter(third="earned", month__lt=month)
    )
    return {pk for pk in rows.values_list("organisation_id", flat=True) if pk}


def earned_unpaid(actor: Actor, month: str) -> dict[int, int]:
    """What the books say each provider earned in a month and was not paid, in fen.

    Raises NotAllowed.
    """
    rows = accounts_of(actor, Book.EARNED, month).order_by()
    return dict(rows.values_list("organisation_id").annotate(fen=Sum("balance")))


def _money(actor: Actor) -> QuerySet[LedgerAccount]:
    return accounts_in(actor).filter(unit=Unit.FEN)


def _part(number: int) -> Func:
    return Func(
        F("code"), Value(":"), Value(number), function="split_part", output_field=CharField()
    )
