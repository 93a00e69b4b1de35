"""Counting orders for an overview: sums in the database, always inside the asker's scope."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.db.models.functions import Left, TruncWeek

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.found import counted
from songbai.core.ledger.registry import Payer, payer_of, payers
from songbai.core.regions.rules import inside
from songbai.domain.orders.declares import ORDER_READ, STATEMENT_READ
from songbai.domain.orders.models import Order, PayerShare
from songbai.domain.orders.queries import visible
from songbai.domain.orders.rules import AUTO_CONFIRM, OPEN, UNDO, OrderState

#: A family that has not confirmed for so long is worth a call; the platform confirms after a day.
LONG_WAIT = timedelta(hours=12)


def within(actor: Actor, region: str) -> QuerySet[Order]:
    """Orders of a division, as far as the actor's scope reaches. Raises NotAllowed."""
    require(actor, ORDER_READ)
    return visible(actor).filter(**inside(region))


def in_month(actor: Actor, region: str, month: str) -> QuerySet[Order]:
    """Orders for a month that were not cancelled. Raises NotAllowed."""
    return within(actor, region).filter(month=month).exclude(state=OrderState.CANCELLED)


def in_progress(actor: Actor, region: str) -> QuerySet[Order]:
    """Orders placed and not yet served. Raises NotAllowed."""
    return within(actor, region).filter(state__in=OPEN)


def unassigned_on(actor: Actor, region: str, day: date) -> QuerySet[Order]:
    """Orders of a day for which nobody has been found. Raises NotAllowed."""
    return within(actor, region).filter(
        state=OrderState.ACCEPTED, **clock.on_day("window_start", day)
    )


def held(actor: Actor, region: str) -> QuerySet[Order]:
    """Orders whose visit left doubts at which nobody has looked; their money waits.

    Raises NotAllowed.
    """
    return within(actor, region).filter(held=True)


def waiting_long(actor: Actor, region: str) -> QuerySet[Order]:
    """Orders served more than twelve hours ago that no family has confirmed. Raises NotAllowed."""
    return within(actor, region).filter(
        state=OrderState.TO_CONFIRM, confirm_due__lt=clock.now() + AUTO_CONFIRM - LONG_WAIT
    )


@dataclass(frozen=True)
class Ratings:
    """Stars given for the orders of a month; ``mean`` is None when nobody rated."""

    count: int
    mean: float | None


def ratings(actor: Actor, region: str, month: str) -> Ratings:
    """What families said about a month's orders. Raises NotAllowed."""
    row = in_month(actor, region, month).aggregate(n=Count("stars"), mean=Avg("stars"))
    return Ratings(row["n"], row["mean"])


@dataclass(frozen=True)
class Week:
    """One week of orders, from its Monday."""

    monday: date
    orders: int
    stars: float | None


def weekly(actor: Actor, region: str, since: datetime) -> list[Week]:
    """Orders not cancelled by the week they are for, up to now. Raises NotAllowed."""
    rows = (
        within(actor, region)
        .filter(window_start__gte=since, window_start__lt=clock.now())
        .exclude(state=OrderState.CANCELLED)
        .values(week=TruncWeek("window_start", tzinfo=clock.SHANGHAI))
        .annotate(n=Count("id"), stars=Avg("stars"))
        .order_by("week")
    )
    return [Week(row["week"].date(), row["n"], row["stars"]) for row in rows]


def count_by_division(actor: Actor, region: str, month: str, digits: int) -> dict[str, int]:
    """Orders of a month by the first ``digits`` of the division code. Raises NotAllowed."""
    return counted(in_month(actor, region, month), Left("region_id", digits))


def paid_by_division(
    actor: Actor, region: str, month: str, digits: int
) -> dict[str, dict[Payer, int]]:
    """Fen of a month's orders by division part and payer. Raises NotAllowed."""
    found: dict[str, dict[Payer, int]] = {}
    rows = (
        in_month(actor, region, month)
        .filter(shares__payer__isnull=False)
        .values_list(Left("region_id", digits), "shares__payer")
        .annotate(fen=Sum("shares__amount"))
        .order_by()
    )
    for part, payer, fen in rows:
        found.setdefault(part, {})[payer_of(payer)] = fen
    return found


@dataclass(frozen=True)
class MoneyRow:
    """Fen of one month that share a division part, a provider, a payer and a state.

    ``held``: the visit left doubts at which nobody has looked.
    """

    part: str
    provider_id: int
    payer: Payer
    state: OrderState
    held: bool
    orders: int
    fen: int


def money(actor: Actor, region: str, month: str, digits: int) -> list[MoneyRow]:
    """A month's money in its finest parts, from which every table of it is added up.

    Raises NotAllowed.
    """
    rows = (
        in_month(actor, region, month)
        .filter(shares__payer__isnull=False)
        .values_list(Left("region_id", digits), "provider_id", "shares__payer", "state", "held")
        .annotate(n=Count("id"), fen=Sum("shares__amount"))
        .order_by()
    )
    return [
        MoneyRow(part, provider, payer_of(payer), OrderState(state), held, n, fen)
        for part, provider, payer, state, held, n, fen in rows
    ]


def ripe(actor: Actor) -> Q:
    """Which orders somebody pays by settling: confirmed for good, no doubt left to look at.

    What she looked at herself another pays.
    """
    now = Q(state=OrderState.DONE, held=False, confirmed_at__lt=clock.now() - UNDO)
    return now & ~_own_look(actor)


def _own_look(actor: Actor) -> Q:
    return Q(looked_by_id=actor.account_id or 0)


@dataclass(frozen=True)
class Payable:
    """What pressing 结算 would pay: orders and fen.

    ``direct`` fen of the same orders people pay the provider themselves: that is only noted.
    Confirmed and not paid with them: ``later`` too recently, ``held`` of ``held_fen`` with doubts,
    ``own`` with doubts that the reader lifted.
    """

    orders: int
    fen: int
    direct: int
    later: int
    own: int
    held: int
    held_fen: int


def payable(actor: Actor, provider_id: int, month: str) -> Payable:
    """What a provider earned in a month and has not been paid, in the actor's scope.

    Raises NotAllowed.
    """
    require(actor, STATEMENT_READ)
    waits, own, now = Q(held=True), _own_look(actor), ripe(actor)
    done = within(actor, actor.region or "").filter(
        provider_id=provider_id, month=month, state=OrderState.DONE
    )
    direct = Q(payer__in=[payer.code for payer in payers() if payer.direct])
    shares = PayerShare.objects.filter(order__in=done.filter(now)).aggregate(
        fen=Sum("amount", filter=~direct, default=0), direct=Sum("amount", filter=direct, default=0)
    )
    row = done.aggregate(
        orders=Count("id", filter=now),
        later=Count("id", filter=~waits & ~own & ~now),
        own=Count("id", filter=own),
        held_fen=Sum("total", filter=waits, default=0),
        held=Count("id", filter=waits),
    )
    return Payable(**shares, **row)
