"""Counting visits for an overview, and the lists of orders behind the numbers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left, TruncWeek

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.core.regions.rules import inside
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.orders.declares import ORDER_READ
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries.figures import in_progress
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import visible
from songbai.domain.visits.rules import LATE, Doubt, VisitState

_LATE = Q(doubts__contains=[Doubt.LATE])
_DONE = Q(state=VisitState.CHECKED_OUT)


@dataclass(frozen=True)
class VisitSum:
    """Visits done, and how many of them began within 15 minutes of the planned time."""

    done: int = 0
    on_time: int = 0

    @property
    def share(self) -> float | None:
        """On-time share in percent; None without visits."""
        return 100 * self.on_time / self.done if self.done else None


def within(actor: Actor, region: str) -> QuerySet[Visit]:
    """Visits of a division, as far as the actor's scope reaches. Raises NotAllowed."""
    require(actor, ORDER_READ)
    return visible(actor).filter(**inside(region))


def done_in_month(actor: Actor, region: str, month: str) -> QuerySet[Visit]:
    """Visits that began in a month and are over. Raises NotAllowed."""
    first, after = clock.month_bounds(month)
    return within(actor, region).filter(
        _DONE, in_at__gte=clock.at(first, 0), in_at__lt=clock.at(after, 0)
    )


def on_time(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    """Those visits that began within 15 minutes of the planned time."""
    return rows.exclude(_LATE)


def month_sum(actor: Actor, region: str, month: str) -> VisitSum:
    """A month's visits in two numbers. Raises NotAllowed."""
    row = done_in_month(actor, region, month).aggregate(
        done=Count("id"), on_time=Count("id", filter=~_LATE)
    )
    return VisitSum(**row)


def sum_by_division(actor: Actor, region: str, month: str, digits: int) -> dict[str, VisitSum]:
    """A month's visits by the first ``digits`` of the division code. Raises NotAllowed."""
    rows = (
        done_in_month(actor, region, month)
        .values_list(Left("region_id", digits))
        .annotate(done=Count("id"), on_time=Count("id", filter=~_LATE))
        .order_by()
    )
    return {part: VisitSum(done, good) for part, done, good in rows}


def weekly(actor: Actor, region: str, since: datetime) -> list[tuple[date, int]]:
    """Visits done by week: its Monday and how many. Raises NotAllowed."""
    rows = (
        within(actor, region)
        .filter(_DONE, in_at__gte=since)
        .values(week=TruncWeek("in_at", tzinfo=clock.SHANGHAI))
        .annotate(n=Count("id"))
        .order_by("week")
    )
    return [(row["week"].date(), row["n"]) for row in rows]


def doubted(actor: Actor, region: str, days: int = 3) -> QuerySet[Visit]:
    """Visits of the last days that a person must look at. Raises NotAllowed."""
    since, _ = clock.day_bounds(clock.today() - timedelta(days=days - 1))
    rows = within(actor, region).filter(in_at__gte=since)
    return rows.exclude(doubts=[]).exclude(state=VisitState.NOT_GIVEN)


def doubts_by_kind(actor: Actor, region: str, days: int = 3) -> dict[Doubt, int]:
    """How many visits of the last days show each doubt, most first. Raises NotAllowed."""
    counts: dict[Doubt, int] = {}
    for doubts in doubted(actor, region, days).values_list("doubts", flat=True):
        for doubt in doubts:
            counts[Doubt(doubt)] = counts.get(Doubt(doubt), 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def late_now(actor: Actor, region: str) -> QuerySet[Order]:
    """Orders whose caregiver should have arrived over 15 minutes ago, or for which the time ran
    out before anybody was found. Raises NotAllowed.
    """
    now = clock.now()
    overdue = scope.visible(Assignment, actor).filter(
        order=OuterRef("pk"), state=AssignmentState.ACTIVE, starts_at__lt=now - LATE
    )
    return in_progress(actor, region).filter(
        Q(state=OrderState.ACCEPTED, window_end__lt=now)
        | (Q(state=OrderState.ASSIGNED, window_start__lt=now) & Exists(overdue))
    )
