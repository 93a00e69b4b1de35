"""Reads of a provider's back office: its list, its month, the rows behind its statement.

Elders are prefetched, never joined: when a provider's access to an elder has ended, the order and
its money stay in the books, and only the person is no longer shown.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Avg, Count, Q, QuerySet, Sum

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.found import counted, found_in
from songbai.core.ledger.models import Transfer
from songbai.core.ledger.queries import balances, entries
from songbai.core.ledger.registry import Payer, payers
from songbai.core.regions.rules import inside
from songbai.domain.elders.models import Elder
from songbai.domain.orders.declares import ORDER_READ, STATEMENT_READ
from songbai.domain.orders.models import Order, PayerShare
from songbai.domain.orders.money import earned_code
from songbai.domain.orders.queries import visible
from songbai.domain.orders.rules import OrderState

#: Orders that are in a statement.
EARNED = (OrderState.DONE, OrderState.SETTLED)


def listed(actor: Actor, day: date, words: str = "", town: str = "") -> QuerySet[Order]:
    """A provider's orders of a day by time, cut to a name's beginning or a town if one is given; an
    order number is found on any day. Raises NotAllowed.
    """
    require(actor, ORDER_READ)
    rows, words = visible(actor), words.strip()
    if words.isdigit():
        return _with_parts(rows.filter(number__startswith=words))
    rows = rows.filter(**clock.on_day("window_start", day))
    if words:
        rows = rows.filter(elder__name__startswith=words)
    if town:
        rows = rows.filter(**inside(town))
    return _with_parts(rows)


def _with_parts(rows: QuerySet[Order]) -> QuerySet[Order]:
    rows = rows.select_related("destination").prefetch_related("elder", "lines__item", "shares")
    return rows.order_by("window_start", "id")


def get(actor: Actor, order_id: int) -> Order:
    """One order of the provider, with what can be shown of it. Raises NotFound, NotAllowed."""
    require(actor, ORDER_READ)
    return found_in(_with_parts(visible(actor).filter(pk=order_id)))


def by_state(rows: QuerySet[Order]) -> dict[str, int]:
    """How many of these orders are in each state."""
    return counted(rows, "state")


def elder_of(row: Order | PayerShare) -> Elder | None:
    """The elder of a row, or None when the provider's access to the person has ended."""
    return row._state.fields_cache.get("elder")


@dataclass(frozen=True)
class MonthSummary:
    """A provider's month: orders done, mean stars of those rated, fen earned and not yet paid."""

    done: int
    stars: float | None
    rated: int
    unsettled: int


def month_summary(actor: Actor, month: str) -> MonthSummary:
    """The month so far. Raises NotAllowed."""
    require(actor, STATEMENT_READ)
    found = (
        visible(actor)
        .filter(month=month)
        .aggregate(
            done=Count("id", filter=Q(state__in=EARNED)),
            mean=Avg("stars"),
            rated=Count("stars"),
            unsettled=Sum("total", filter=Q(state=OrderState.DONE)),
        )
    )
    return MonthSummary(found["done"], found["mean"], found["rated"], found["unsettled"] or 0)


def statement_rows(
    actor: Actor,
    month: str,
    payer: Payer | None,
    state: OrderState | None,
    *,
    held: bool = False,
) -> QuerySet[PayerShare]:
    """The shares behind a number of the provider's own statement, by time of service.

    ``held``: only of orders whose doubts nobody has looked at yet.

    Raises NotAllowed.
    """
    require(actor, STATEMENT_READ)
    rows = PayerShare.objects.filter(
        provider_id=actor.organisation_id or 0,
        order__month=month,
        order__state__in=[state] if state else EARNED,
    )
    if held:
        rows = rows.filter(order__held=True)
    if payer:
        rows = rows.filter(payer=payer.code)
    return (
        rows.select_related("order")
        .prefetch_related("elder", "order__lines__item")
        .order_by("order__window_start", "order_id", "payer")
    )


def ledger_rows(actor: Actor, month: str, payer: Payer | None) -> QuerySet[Transfer]:
    """What the books say about the provider's earnings of a month, in order of posting.

    Raises NotAllowed.
    """
    require(actor, STATEMENT_READ)
    return entries(_codes(actor, month, payer))


def ledger_total(actor: Actor, month: str, payer: Payer | None) -> int:
    """The balance of those accounts, fen. Raises NotAllowed."""
    require(actor, STATEMENT_READ)
    return sum(balances(_codes(actor, month, payer)).values())


def sum_of(shares: QuerySet[PayerShare]) -> tuple[int, int]:
    """How many shares these are, and fen together."""
    found = shares.order_by().aggregate(n=Count("id"), s=Sum("amount"))
    return found["n"], found["s"] or 0


def _codes(actor: Actor, month: str, payer: Payer | None) -> list[str]:
    whose = [payer] if payer else payers()
    return [earned_code(actor.organisation_id or 0, one, month) for one in whose]
