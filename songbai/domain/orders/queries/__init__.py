"""Reading orders, always as somebody."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When

from songbai.core import clock, scope
from songbai.core.acting import SYSTEM, Actor, require
from songbai.core.errors import NotFound
from songbai.core.found import found_in
from songbai.core.geo import Place
from songbai.core.ledger.queries import balances
from songbai.core.ledger.registry import ALL_OF_IT, Bill, Payer, payers, terms
from songbai.core.regions.rules import bounds, inside
from songbai.domain.elders.models import Elder, Followed
from songbai.domain.elders.queries.turns import away
from songbai.domain.orders.declares import ORDER_READ, STATEMENT_READ
from songbai.domain.orders.models import Order, PayerShare
from songbai.domain.orders.money import earned_code
from songbai.domain.orders.rules import (
    OPEN,
    OrderState,
    Price,
    Purse,
    Share,
    Split,
    Wanted,
    key_again,
    split_price,
)
from songbai.domain.providers.declares import CAREGIVER, PROVIDER
from songbai.domain.providers.queries import place_of


def visible(actor: Actor) -> QuerySet[Order]:
    """Orders in the actor's scope; a caregiver sees her visits, not their orders."""
    rows = scope.visible(Order, actor)
    return rows.none() if actor.kind is CAREGIVER else rows


def get(actor: Actor, order_id: int) -> Order:
    """One order in the actor's scope, with elder, provider, lines and shares.

    Raises NotFound, NotAllowed.
    """
    require(actor, ORDER_READ)
    return found_in(
        visible(actor)
        .select_related("elder", "provider", "region", "destination")
        .prefetch_related("lines__item", "shares")
        .filter(pk=order_id)
    )


def placed_again(orders: Iterable[Order]) -> dict[int, Order]:
    """For each of these orders, by its number, the one that stands in its place since it was
    cancelled and placed again, as often as that was; else itself. They came from a scoped query.
    """
    found = {order.pk: order for order in orders}
    look = {pk: pk for pk, order in found.items() if order.state == OrderState.CANCELLED}
    while look:
        stopped = scope.visible(Followed, SYSTEM).filter(what="order", subject_id__in=list(look))
        keys = {key_again(f"parted {pk}"): first for pk, first in look.items()}
        for pk, order_id in stopped.values_list("pk", "subject_id"):
            keys[key_again(str(pk))] = look[order_id]
        later = scope.visible(Order, SYSTEM).filter(idempotency_key__in=list(keys))
        look = {}
        for order in later.order_by("pk"):
            first = keys[order.idempotency_key]
            found[first] = order
            if order.state == OrderState.CANCELLED:
                look[order.pk] = first
    return found


def ends_away(order: Order) -> Place | None:
    """Where a visit for the order ends, when that is not (again) the elder's home."""
    if order.returns or order.destination is None:
        return None
    return place_of(order.destination)


def of_elder(actor: Actor, elder: Elder) -> QuerySet[Order]:
    """An elder's orders: first those waiting for the family, then open ones, then the past.

    Raises NotAllowed.
    """
    require(actor, ORDER_READ)
    rank = Case(
        When(state=OrderState.TO_CONFIRM, then=Value(0)),
        When(state__in=OPEN, then=Value(1)),
        default=Value(2),
    )
    return (
        visible(actor)
        .filter(elder=elder)
        .select_related("provider", "destination")
        .prefetch_related("lines__item")
        .order_by(rank, "-window_start", "-id")
    )


def wanted_of(order: Order) -> Wanted:
    """What an order asks for; its lines were fetched with it."""
    items = tuple(line.item_id for line in order.lines.all())
    return Wanted(items, order.window_start, order.window_end, order.minutes)


def like(elder: Elder, wanted: Wanted) -> list[Order]:
    """Orders of an elder that stand in the way of another: one of the items on the same day, or
    anything, of whichever provider, for the same time; but for cancelled ones.
    """
    rows = (
        Order.objects.filter(
            elder=elder,
            **clock.on_day("window_start", wanted.begin.astimezone(clock.SHANGHAI).date()),
        )
        .exclude(state=OrderState.CANCELLED)
        .select_related("provider")
        .prefetch_related("lines__item")
        .order_by("window_start", "id")
    )
    return [row for row in rows if _in_the_way(row, wanted)]


def _in_the_way(order: Order, wanted: Wanted) -> bool:
    held = wanted_of(order)
    same = not set(wanted.items).isdisjoint(held.items)
    return same or (order.state in OPEN and held.crosses(wanted))


def words_of(order: Order) -> str:
    """What is ordered for when, in one line with the number."""
    begin, end = (t.astimezone(clock.SHANGHAI) for t in (order.window_start, order.window_end))
    items = "、".join(line.item.plain for line in order.lines.all())
    times = f"{clock.shown(begin)}–{clock.shown(end)}"
    return f"{begin.month} 月 {begin.day} 日 {times} {items}，编号 {order.number}"


def coming(actor: Actor, elder: Elder) -> Order | None:
    """The order under way, or the next one from today on. Raises NotAllowed."""
    midnight, _ = clock.day_bounds(clock.today())
    awaited = Q(state=OrderState.IN_SERVICE) | Q(state__in=OPEN, window_end__gte=midnight)
    under_way = Case(When(state=OrderState.IN_SERVICE, then=Value(0)), default=Value(1))
    return of_elder(actor, elder).filter(awaited).order_by(under_way, "window_start", "id").first()


def purses(elder: Elder, month: str) -> list[Purse]:
    """What each payer may give for an elder in a month, in the order in which they pay."""
    bill = Bill(elder.pk, elder.region_id, month)
    code_of = {payer: payer.account_of(bill).code for payer in payers()}
    left = balances([code for payer, code in code_of.items() if payer.bounded])
    return [
        Purse(payer, left.get(code), terms(payer, bill) if left.get(code, 1) else ALL_OF_IT)
        for payer, code in code_of.items()
        if code in left or not payer.bounded
    ]


_ABSENT = {"hospital_stay": "住院，还没有登记出院", "residence": "住在外地"}


def absent_on(elder: Elder, moment: datetime, *, to_doctor: bool) -> str:
    """That an elder is said to be in hospital, in prison or in another city at a moment, in words;
    "" at home.
    """
    day = moment.astimezone(clock.SHANGHAI).date()
    rows = away().filter(Q(valid_to=None) | Q(valid_to__gte=day), elder_id=elder.pk)
    if to_doctor:
        rows = rows.exclude(kind="hospital_stay")
    row = rows.order_by("kind").first()
    if row is None:
        return ""
    since = f" {row.valid_from.month} 月 {row.valid_from.day} 日起" if row.valid_from else ""
    return f"老人登记着{since}{_ABSENT.get(row.kind, '不在家')}"


def at_home(orders: QuerySet[Order], *, despite: Q | None = None) -> QuerySet[Order]:
    """Without those that wait for people in hospital, prison or another city, or are not cancelled
    yet after a death; to a doctor one goes from hospital. ``despite``: those somebody goes to all
    the same.
    """
    absent = away().filter(elder_id=OuterRef("elder_id"))
    held = (
        Q(Exists(absent.exclude(kind="hospital_stay")))
        | Q(Exists(absent.filter(kind="hospital_stay")), destination=None)
        | Q(elder__died_on__isnull=False)
    )
    if despite is not None:
        held &= ~despite
    return orders.exclude(held, state__in=[OrderState.ACCEPTED, OrderState.ASSIGNED])


def quote(elder: Elder, price: Price, month: str) -> Split:
    """How a price would be split for this elder in a month."""
    return split_price(price, purses(elder, month))


def quotes(elder: Elder, prices: Iterable[Price], month: str) -> list[Split]:
    """How each of these prices alone would be split."""
    held = purses(elder, month)
    return [split_price(price, held) for price in prices]


def shares_of(order: Order) -> list[Share]:
    """Who pays how much of an order, in the order in which they pay."""
    amounts = {share.payer: share.amount for share in order.shares.all()}
    return [Share(payer, amounts[payer.code]) for payer in payers() if payer.code in amounts]


@dataclass(frozen=True)
class StatementLine:
    """One payer's part of a provider's month: orders, fen earned, fen already paid out."""

    payer: Payer
    orders: int
    amount: int
    settled: int


@dataclass(frozen=True)
class Statement:
    """A provider's month by payer. ``ledger`` holds what the books say is earned and not paid.

    ``held``: how many of its orders wait until somebody has looked at their doubts, and their fen.
    """

    provider_id: int
    month: str
    lines: list[StatementLine] = field(default_factory=list)
    ledger: dict[Payer, int] = field(default_factory=dict)
    held: tuple[int, int] = (0, 0)

    @property
    def total(self) -> int:
        """All payers together, fen."""
        return sum(line.amount for line in self.lines)

    @property
    def settled(self) -> int:
        """Closed for good, fen."""
        return sum(line.settled for line in self.lines)

    @property
    def paid_out(self) -> int:
        """Of that paid to the provider by us, fen: the rest it has from people themselves."""
        return sum(line.settled for line in self.lines if not line.payer.direct)

    @property
    def agrees(self) -> bool:
        """Whether orders and ledger say the same."""
        return all(
            line.amount - line.settled == self.ledger.get(line.payer, 0) for line in self.lines
        )


def statement(actor: Actor, provider_id: int, month: str) -> Statement:
    """What a provider earned in a month, by payer, from the orders and from the ledger.

    Raises NotAllowed; NotFound for another provider's statement.
    """
    require(actor, STATEMENT_READ)
    if actor.kind is PROVIDER and actor.organisation_id != provider_id:
        raise NotFound
    earned = PayerShare.objects.filter(
        provider_id=provider_id,
        order__month=month,
        order__state__in=[OrderState.DONE, OrderState.SETTLED],
    )
    if actor.region is not None:
        earned = earned.filter(**inside(actor.region))
    totals = {
        (row["payer"], row["order__state"]): (row["n"], row["s"])
        for row in earned.values("payer", "order__state").annotate(n=Count("id"), s=Sum("amount"))
    }
    lines = []
    for payer in payers():
        done = totals.get((payer.code, OrderState.DONE), (0, 0))
        paid = totals.get((payer.code, OrderState.SETTLED), (0, 0))
        lines.append(StatementLine(payer, done[0] + paid[0], done[1] + paid[1], paid[1]))
    codes = {earned_code(provider_id, payer, month): payer for payer in payers()}
    ledger = {codes[code]: fen for code, fen in balances(list(codes)).items()}
    waits = earned.filter(order__held=True).aggregate(
        n=Count("order_id", distinct=True), s=Sum("amount")
    )
    return Statement(provider_id, month, lines, ledger, (waits["n"], waits["s"] or 0))
