"""Money: a month by payer, town and provider, and settling."""

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, field
from typing import TypeVar

from django.contrib import messages

from songbai.core import clock
from songbai.core.acting import Reach, may, of_district, require, require_district
from songbai.core.errors import NotFound
from songbai.core.ledger.registry import Payer, payers
from songbai.domain.benefits.queries.figures import Granted, granted_by_division
from songbai.domain.orders.actions import settle_month
from songbai.domain.orders.declares import ORDER_SETTLE
from songbai.domain.orders.queries import statement
from songbai.domain.orders.queries.books import earned_unpaid, owed
from songbai.domain.orders.queries.figures import MoneyRow, payable
from songbai.domain.orders.queries.figures import money as money_rows
from songbai.domain.orders.rules import OrderState, Share, columns
from songbai.domain.providers.queries.figures import provider_of, providers_by_id
from songbai.web.asked import month_asked, months_of_money
from songbai.web.frames.bureau import Place, kept, link, place_of
from songbai.web.templatetags.songbai import fen, month_words
from songbai.web.views import FORM, Actor, HttpRequest, Shown, door, redirect

K = TypeVar("K")
EARNED = frozenset({OrderState.DONE, OrderState.SETTLED})


@dataclass
class Sums:
    """Fen by how far they got: held until the family confirms, earned, and of that settled.

    ``doubted`` is earned and waits for somebody to look at the visit's doubts; ``direct`` is earned
    and open, too, and paid to the provider by people themselves.
    """

    held: int = 0
    earned: int = 0
    settled: int = 0
    doubted: int = 0
    direct: int = 0
    shares: list[Share] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Everything ordered and not cancelled."""
        return self.held + self.earned

    @property
    def open(self) -> int:
        """Earned and not yet paid."""
        return self.earned - self.settled

    @property
    def paid(self) -> list[Share]:
        """What each payer pays of it."""
        return columns(self.shares)

    def add(self, row: MoneyRow) -> None:
        """Count one part."""
        if row.state in EARNED:
            self.earned += row.fen
        else:
            self.held += row.fen
        if row.state is OrderState.SETTLED:
            self.settled += row.fen
        elif row.state in EARNED and row.held:
            self.doubted += row.fen
        if row.payer.direct and row.state is OrderState.DONE:
            self.direct += row.fen
        self.shares.append(Share(row.payer, row.fen))


@dataclass(frozen=True)
class ProviderLine:
    """A provider's month. ``agrees`` compares orders and ledger; None where one is not seen."""

    name: str
    sums: Sums
    url: str
    settle_url: str
    agrees: bool | None


def summed(rows: Iterable[MoneyRow], key: Callable[[MoneyRow], K]) -> dict[K, Sums]:
    """Parts added up by a key."""
    found: dict[K, Sums] = {}
    for row in rows:
        found.setdefault(key(row), Sums()).add(row)
    return found


@dataclass(frozen=True)
class MonthTables:
    """A month's money three times over, and the credit given in that month: of each payer and place
    also the address of its orders, of a place what was given there.
    """

    given: Granted
    payers: list[tuple[Payer, Sums, str]]
    places: list[tuple[str, Sums, str, Granted]]
    providers: list[ProviderLine]


def month_tables(actor: Actor, place: Place, month: str) -> MonthTables:
    """The money of a month by payer, by part of the place and by provider.

    Raises NotAllowed.
    """
    rows = money_rows(actor, place.prefix, month, place.digits)
    granted = granted_by_division(actor, place.prefix, month, place.digits)
    given = Granted(*map(sum, zip(*map(astuple, granted.values()), strict=True)))
    return MonthTables(
        given,
        by_payer(rows, place, month),
        by_place(granted, rows, place, month),
        by_provider(actor, rows, place, month),
    )


def by_payer(rows: list[MoneyRow], place: Place, month: str) -> list[tuple[Payer, Sums, str]]:
    """One line for each payer, in the order in which they pay."""
    sums = summed(rows, lambda row: row.payer)
    here = {"region": place.prefix, "month": month}
    return [
        (payer, sums.get(payer, Sums()), link("orders", **here, payer=payer.code))
        for payer in payers()
    ]


def by_place(
    granted: dict[str, Granted], rows: list[MoneyRow], place: Place, month: str
) -> list[tuple[str, Sums, str, Granted]]:
    """One line for each part of a place, with the credit given there."""
    sums = summed(rows, lambda row: row.part)
    lines = []
    for division in place.divisions():
        code = division.code[: place.digits]
        given = granted.get(code, Granted())
        url = link("orders", region=code, month=month)
        lines.append((division.name, sums.get(code, Sums()), url, given))
    return lines


def by_provider(actor: Actor, rows: list[MoneyRow], place: Place, month: str) -> list[ProviderLine]:
    """One line for each provider with orders that month, the largest unpaid first.

    Raises NotAllowed.
    """
    sums = summed(rows, lambda row: row.provider_id)
    books = earned_unpaid(actor, month)
    lines = []
    for provider in providers_by_id(set(sums)):
        own = sums[provider.pk]
        inside = of_district(actor) and may(actor, ORDER_SETTLE, Reach(provider.region_id))
        whole = inside and len(actor.region or "") <= 6
        lines.append(
            ProviderLine(
                provider.name,
                own,
                link("orders", region=place.prefix, month=month, provider=provider.pk),
                link("settle", provider.pk, month) if inside and own.open > own.doubted else "",
                books.get(provider.pk, 0) == own.open if whole else None,
            )
        )
    return sorted(lines, key=lambda line: (-line.sums.open, line.name))


@door("bureau", "money/")
def money(request: HttpRequest, actor: Actor) -> Shown:
    """A month's money by payer, by town and by provider."""
    place, month = place_of(actor), month_asked(request, ahead=True)
    tables = kept(actor, f"money:{month}", 0, lambda: month_tables(actor, place, month))
    return {
        "place": place,
        "month": month,
        "months": months_of_money(month),
        "tables": tables,
        "district": len(actor.region or "") <= 6,
        "read_at": clock.now(),
    }


@door("bureau", "money/<int:provider_id>/<str:month>/", FORM)
def settle(request: HttpRequest, actor: Actor, provider_id: int, month: str) -> Shown:
    """First what would be paid, then (POST) pay it and say how many orders and how much."""
    provider = provider_of(provider_id)
    try:
        clock.month_bounds(month)
    except ValueError as error:
        raise NotFound from error
    require_district(actor, ORDER_SETTLE)
    require(actor, ORDER_SETTLE, Reach(provider.region_id))
    ready, owes = payable(actor, provider_id, month), owed(actor, provider_id)
    if request.method == "POST":
        before = statement(actor, provider_id, month).paid_out
        orders = settle_month(actor, provider_id, month)
        kept_back = owes - owed(actor, provider_id)
        paid = statement(actor, provider_id, month).paid_out - before - kept_back
        if orders:
            messages.success(
                request,
                f"{provider.name}{month_words(month)}结算了 {orders:,} 单，付 {fen(paid)} 元"
                + (f"，扣回应退的 {fen(kept_back)} 元。" if kept_back else "。"),
            )
        else:
            messages.warning(
                request, f"{provider.name}{month_words(month)}没有可以结算的订单，没有付款。"
            )
        return redirect(link("money", month=month))
    return {
        "provider": provider,
        "month": month,
        "ready": ready,
        "owes": owes,
        "keeps": min(owes, ready.fen),
        "pays": ready.fen - min(owes, ready.fen),
        "statement": statement(actor, provider_id, month),
    }
