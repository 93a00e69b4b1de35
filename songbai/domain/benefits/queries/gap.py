"""The take-up gap: who is entitled and does not receive, who receives and is not entitled.

Both are told of one cycle, twice: as they were *found* when it decided, and what is *left* of them.
Found: entitled people who were not paid in the cycle before; people who were paid then and are not
entitled now. Left: while a cycle is not paid out, these and whoever an exception keeps back; once
it is, only whoever was kept back or whose payment did not arrive, and nobody who is not entitled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Left

from songbai.core.accounts.rules import Actor
from songbai.core.regions.rules import inside
from songbai.domain.benefits.models import Cycle, CycleException, Decision, Payment
from songbai.domain.benefits.rules.cycle import (
    ExceptionKind,
    ExceptionState,
    Outcome,
    State,
)
from songbai.domain.benefits.rules.paying import PaymentState

from .cycles import decisions_of

#: From here on the money of a cycle goes out.
PAID = frozenset({State.PAYING, State.CLOSED})
ENTITLED = Q(outcome=Outcome.YES, amount__gt=0)
RECEIVED = Q(before__gt=0)
UNSURE = Q(outcome=Outcome.CANNOT_DECIDE)


@dataclass(frozen=True)
class Gap:
    """People of a cycle; ``missing_fen`` is what those left without it would get.

    ``unsure`` cannot be decided: nobody knows whether they are missing it.
    """

    entitled: int = 0
    received: int = 0
    missing_found: int = 0
    missing_left: int = 0
    missing_fen: int = 0
    wrong_found: int = 0
    wrong_left: int = 0
    unsure: int = 0

    def __add__(self, other: Gap) -> Gap:
        return Gap(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def missing(actor: Actor, cycle: Cycle, place: str = "") -> QuerySet[Decision]:
    """Who is entitled and does not receive it. Raises NotAllowed."""
    return _rows(actor, cycle, place).filter(_missing_left(cycle))


def kept_back(cycle: Cycle, rows: Iterable[Decision]) -> dict[int, list[str]]:
    """What holds the money of rows from a scoped query back, in words, by elder."""
    elders = [row.elder_id for row in rows]
    found: dict[int, list[str]] = defaultdict(list)
    for back in _back(cycle).filter(elder_id__in=elders).order_by("id"):
        found[back.elder_id].append(ExceptionKind(back.kind).words)
    for payment in _unpaid(cycle).filter(elder_id__in=elders).order_by("id"):
        found[payment.elder_id].append(PaymentState(payment.state).words)
    return found


def wrong(actor: Actor, cycle: Cycle, place: str = "") -> QuerySet[Decision]:
    """Who is on the list of payments and not entitled. Raises NotAllowed."""
    rows = _rows(actor, cycle, place)
    return rows.none() if cycle.state in PAID else rows.filter(_wrong())


def unsure(actor: Actor, cycle: Cycle, place: str = "") -> QuerySet[Decision]:
    """Of whom nobody can say. Raises NotAllowed."""
    return _rows(actor, cycle, place).filter(UNSURE)


def gap_of(actor: Actor, cycle: Cycle) -> Gap:
    """The gap of a cycle in the scope. Raises NotAllowed."""
    found: dict[str, int | None] = _rows(actor, cycle, "").order_by().aggregate(**_counted(cycle))
    return Gap(**{name: value or 0 for name, value in found.items()})


def gap_by_part(actor: Actor, cycle: Cycle, digits: int) -> dict[str, Gap]:
    """The gap by the first ``digits`` of the division code. Raises NotAllowed."""
    counted = _counted(cycle)
    rows = _rows(actor, cycle, "").order_by().values(part=Left("region_id", digits))
    found = rows.annotate(**counted).order_by("part").values_list("part", *counted)
    return {
        part: Gap(**{name: number or 0 for name, number in zip(counted, numbers, strict=True)})
        for part, *numbers in found
    }


def total(gaps: Iterable[Gap]) -> Gap:
    """Gaps added up."""
    return sum(gaps, Gap())


def _rows(actor: Actor, cycle: Cycle, place: str) -> QuerySet[Decision]:
    back, unpaid = (of(cycle).filter(elder=OuterRef("elder_id")) for of in (_back, _unpaid))
    rows = decisions_of(actor, cycle).annotate(back=Exists(back), unpaid=Exists(unpaid))
    if place:
        rows = rows.filter(**inside(place))
    return rows


def _back(cycle: Cycle) -> QuerySet[CycleException]:
    kept = [ExceptionState.OPEN, ExceptionState.HELD]
    return CycleException.objects.filter(cycle=cycle, blocking=True, state__in=kept)


def _unpaid(cycle: Cycle) -> QuerySet[Payment]:
    return Payment.objects.filter(cycle=cycle).exclude(
        state__in=[PaymentState.PAID, PaymentState.NOTHING]
    )


def _missing_left(cycle: Cycle) -> Q:
    never = Q(unpaid=True) if cycle.state in PAID else ~RECEIVED_KNOWN
    return ENTITLED & (Q(back=True) | never)


#: Nulls are nobody's money: said so that "not" leaves nobody out.
RECEIVED_KNOWN = Q(before__isnull=False) & RECEIVED


def _wrong() -> Q:
    return RECEIVED & ~Q(outcome=Outcome.YES)


def _counted(cycle: Cycle) -> dict[str, Count | Sum]:
    left = _missing_left(cycle)
    counted: dict[str, Count | Sum] = {
        "entitled": Count("elder_id", filter=ENTITLED),
        "received": Count("elder_id", filter=RECEIVED),
        "missing_found": Count("elder_id", filter=ENTITLED & ~RECEIVED_KNOWN),
        "missing_left": Count("elder_id", filter=left),
        "missing_fen": Sum("amount", filter=left),
        "wrong_found": Count("elder_id", filter=_wrong()),
        "unsure": Count("elder_id", filter=UNSURE),
    }
    if cycle.state not in PAID:
        counted["wrong_left"] = Count("elder_id", filter=_wrong())
    return counted
