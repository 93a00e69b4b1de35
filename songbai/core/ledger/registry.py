"""Who pays shares of prices, and what the books are called; closed when the program has started.

A room names its payers, kinds of accounts and kinds of transfers in its ``declares.py``. Where a
payer does not simply pay all that is left from its account, the room's ``payers.py`` says how.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from songbai.core.accounts.rules import Actor
from songbai.core.clock import month_words
from songbai.core.registry import Registry

from .rules import WHOLE, AccountSpec


@dataclass(frozen=True)
class Bill:
    """Whose price is to be paid, where that person lives, in which month and setting."""

    person_id: int
    region: str
    month: str
    setting: str = "home"


@dataclass(frozen=True)
class Terms:
    """What a payer pays of what is left to pay: ``rate`` hundredths of a percent, of ``items``.

    ``items`` are codes of what is sold; None: of everything.
    """

    rate: int = WHOLE
    items: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= WHOLE:
            raise ValueError("a share must not be negative or more than the whole")


@dataclass(frozen=True)
class Book:
    """A kind of accounts: the first and the third part of their code (``elder/credit``).

    Kinds are listed by ``order``, as money flows; the code of a ``monthly`` one ends with a month.
    """

    kind: str
    words: str
    order: int
    monthly: bool = False


@dataclass(frozen=True)
class Payer:
    """One who pays shares; who has a lower ``order`` pays first.

    ``words`` name it, ``short`` stands before 付. ``account`` is the code of the account a share is
    taken from, with ``{person}``, ``{district}`` (6 digits) and ``{month}`` where it has them;
    ``money`` is what stands on it. One that is not ``bounded`` pays whatever is asked.
    """

    code: str
    words: str
    short: str
    order: int
    account: str
    money: str
    bounded: bool

    @property
    def pays(self) -> str:
        """The head of a column of its shares: 额度付."""
        return f"{self.short}付"

    @property
    def direct(self) -> bool:
        """Whether the person pays the provider without us: a share is noted, not paid out."""
        return not self.bounded

    @property
    def monthly(self) -> bool:
        """Whether each month has an account of its own."""
        return "{month}" in self.account

    def account_of(self, bill: Bill) -> AccountSpec:
        """The account its share of a bill is taken from."""
        district, personal = bill.region[:6], "{person}" in self.account
        return AccountSpec(
            code=self.account.format(person=bill.person_id, district=district, month=bill.month),
            name=f"{self.money}，{month_words(bill.month)}" if self.monthly else self.money,
            region=bill.region if personal else district.ljust(12, "0"),
            floor=0 if self.bounded else None,
            person_id=bill.person_id if personal else None,
        )


#: The terms of who pays all that is left to pay.
ALL_OF_IT = Terms()
#: What a payer pays of a bill; where its share of a bill goes when it is given back.
TermsOf = Callable[[Payer, Bill], Terms]
TakesBack = Callable[[Payer, Bill], AccountSpec]
F = TypeVar("F", TermsOf, TakesBack)
_payers: Registry[Payer] = Registry("payer")
_books: Registry[Book] = Registry("kind of accounts")
_movements: Registry[str] = Registry("kind of transfers")
_terms: Registry[TermsOf] = Registry("terms of payer")
_back: Registry[TakesBack] = Registry("way back to payer")
#: What is done for people (numbers) on whose accounts money of a month has come.
Came = Callable[[Actor, Collection[int], str], object]
_came: Registry[Came] = Registry("what follows money")


def payer(
    code: str,
    words: str,
    *,
    short: str,
    order: int,
    account: str,
    book: str,
    money: str = "",
    bounded: bool = True,
) -> Payer:
    """Declare who pays shares (see ``Payer``) and what the ``book`` of its accounts is called.

    Raises RuntimeError when it comes twice or too late.
    """
    new = _payers.add(code, Payer(code, words, short, order, account, money or words, bounded))
    parts = account.split(":")
    kind = f"{parts[0]}/{parts[2]}"
    _books.add(kind, Book(kind, book, order, new.monthly))
    return new


def kind_of_accounts(kind: str, words: str, *, order: int, monthly: bool = False) -> Book:
    """Declare a kind of accounts (see ``Book``). Raises RuntimeError: twice or too late."""
    return _books.add(kind, Book(kind, words, order, monthly))


def kinds_of_transfers(**words: str) -> None:
    """Declare kinds of transfers with what they did. Raises RuntimeError: twice or too late."""
    for kind, done in words.items():
        _movements.add(kind, done)


def terms_of(*whose: Payer) -> Callable[[TermsOf], TermsOf]:
    """Decorator: these payers pay a bill on these terms; without it all that is left to pay."""
    return _decorator(_terms, whose)


def takes_back(*whose: Payer) -> Callable[[TakesBack], TakesBack]:
    """Decorator: where a share of these payers goes back to; without it where it came from."""
    return _decorator(_back, whose)


def _decorator(registry: Registry[F], whose: tuple[Payer, ...]) -> Callable[[F], F]:
    def register(function: F) -> F:
        for one in whose:
            registry.add(one.code, function)
        return function

    return register


def when_money_comes(function: Came) -> Came:
    """Decorator: this is done whenever money of a month has come onto accounts of people."""
    return _came.add(function.__module__, function)


def money_came(actor: Actor, people: Collection[int], month: str) -> None:
    """Money of a month stands on the accounts of these people: whoever waits for it is told."""
    for follow in _came:
        follow(actor, people, month)


def payers() -> list[Payer]:
    """Everybody who pays, in the order in which they pay."""
    return sorted(_payers, key=lambda one: one.order)


def payer_of(code: str) -> Payer:
    """Who pays shares of this code. Raises LookupError."""
    return _payers[code]


def terms(one: Payer, bill: Bill) -> Terms:
    """What a payer pays of a bill, apart from what is left on its account."""
    found = _terms.get(one.code)
    return found(one, bill) if found else ALL_OF_IT


def back_to(one: Payer, bill: Bill) -> AccountSpec:
    """The account a share of a bill is given back to."""
    found = _back.get(one.code)
    return found(one, bill) if found else one.account_of(bill)


def books() -> list[Book]:
    """All kinds of accounts, as money flows."""
    return sorted(_books, key=lambda one: one.order)


def book_of(code: str) -> Book | None:
    """The kind of an account by its code; None for one that nobody declared."""
    first, _, third, *_ = [*code.split(":"), "", ""]
    return _books.get(f"{first}/{third}")


def transfer_words(kind: str) -> str:
    """What a transfer of a kind did."""
    return _movements.get(kind) or kind
