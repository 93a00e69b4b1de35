"""Reading the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Right

from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor
from songbai.core.found import found_in
from songbai.core.ledger.declares import LEDGER_READ
from songbai.core.regions.rules import inside

from .models import LedgerAccount, Transfer
from .registry import Book, books
from .rules import Unit


def balance(code: str) -> int:
    """The balance of an account in minor units; 0 for one never opened."""
    row = LedgerAccount.objects.filter(code=code).values_list("balance", flat=True).first()
    return row or 0


def balances(codes: list[str]) -> dict[str, int]:
    """The balances of these accounts by code, in minor units; one never opened is missing."""
    rows = LedgerAccount.objects.filter(code__in=codes)
    return dict(rows.values_list("code", "balance"))


def entries(codes: list[str]) -> QuerySet[Transfer]:
    """Everything that went into or out of these accounts, oldest first, with both accounts."""
    accounts = list(LedgerAccount.objects.filter(code__in=codes).values_list("pk", flat=True))
    return (
        Transfer.objects.filter(Q(debit_id__in=accounts) | Q(credit_id__in=accounts))
        .select_related("debit", "credit")
        .order_by("at", "id")
    )


def accounts_in(actor: Actor) -> QuerySet[LedgerAccount]:
    """Accounts of the officer's area.

    Raises NotAllowed.
    """
    require(actor, LEDGER_READ)
    return LedgerAccount.objects.filter(**inside(actor.region or ""))


def total(unit: str = "fen") -> int:
    """Sum of all balances of a unit: zero, or the books are wrong."""
    return LedgerAccount.objects.filter(unit=unit).aggregate(s=Sum("balance"))["s"] or 0


def account(actor: Actor, account_id: int) -> LedgerAccount:
    """One account of the officer's area.

    Raises NotFound, NotAllowed.
    """
    return found_in(accounts_in(actor).filter(pk=account_id))


@dataclass(frozen=True)
class Side:
    """One end of a transfer; ``account`` is None where the asker may not see it."""

    account_id: int
    account: LedgerAccount | None


@dataclass(frozen=True)
class Entry:
    """A transfer with both its ends: ``amount`` went from ``giver`` to ``taker``."""

    transfer: Transfer
    giver: Side
    taker: Side


def both_sides(transfers: Iterable[Transfer]) -> list[Entry]:
    """Transfers with their accounts, also where one of them lies outside the asker's scope.

    A join would drop such a transfer: row security hides the other account.
    """
    rows = list(transfers)
    ids = {row.debit_id for row in rows} | {row.credit_id for row in rows}
    seen = LedgerAccount.objects.in_bulk(ids)
    return [
        Entry(
            row,
            Side(row.debit_id, seen.get(row.debit_id)),
            Side(row.credit_id, seen.get(row.credit_id)),
        )
        for row in rows
    ]


def bare_transfers_of(subject_kind: str, subject_id: int) -> QuerySet[Transfer]:
    """All transfers for one thing, oldest first, without their accounts (see ``both_sides``)."""
    return Transfer.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by(
        "at", "id"
    )


def movements(account_: LedgerAccount) -> QuerySet[Transfer]:
    """What went into (positive ``signed``) or out of an account, newest first."""
    return (
        Transfer.objects.filter(Q(debit=account_) | Q(credit=account_))
        .annotate(signed=Case(When(credit=account_, then=F("amount")), default=-F("amount")))
        .order_by("-at", "-id")
    )


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
        return self.of_month if self.book.monthly else self.accounts


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
    return [Shelf(book, *found[book.kind]) for book in books() if book.kind in found]


def accounts_of(actor: Actor, book: Book, month: str = "") -> QuerySet[LedgerAccount]:
    """Accounts of a kind, those with the largest balance first; ``month`` where the kind has one.

    Raises NotAllowed.
    """
    first, third = book.kind.split("/")
    rows = _money(actor).filter(code__gte=f"{first}:", code__lt=f"{first};")
    rows = rows.annotate(third=_part(3)).filter(third=third)
    if book.monthly:
        rows = rows.annotate(month=Right("code", 7))
        rows = rows.filter(month=month) if month else rows
    size = Func(F("balance"), function="abs", output_field=IntegerField())
    return rows.order_by(size.desc(), "id")


def _money(actor: Actor) -> QuerySet[LedgerAccount]:
    return accounts_in(actor).filter(unit=Unit.FEN)


def _part(number: int) -> Func:
    return Func(
        F("code"), Value(":"), Value(number), function="split_part", output_field=CharField()
    )
