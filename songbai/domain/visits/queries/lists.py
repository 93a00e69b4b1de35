"""The rows behind the numbers: orders by what was ordered and by what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Prefetch, QuerySet

from songbai.core import clock, scope
from songbai.core.accounts.rules import Actor
from songbai.core.worded import Worded
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import figures as order_figures
from songbai.domain.orders.queries import visible
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import counted, open_reports
from songbai.domain.visits.queries import visible as visible_visits

from . import figures


class Show(Worded):
    """Lists that a number opens."""

    PROGRESS = "progress", "还没服务完的"
    LATE = "late", "到点还没人到的"
    UNASSIGNED = "unassigned", "明天还没派人的"
    WAITING = "waiting", "等家属确认超过 12 小时的"
    DOUBTED = "doubted", "近 3 天有疑点的"
    HELD = "held", "有疑点、等核对的"
    REPORTED = "reported", "没人开门或不舒服、等处理的"
    VISITED = "visited", "上了门的"
    ON_TIME = "on_time", "按时上门的"
    RATED = "rated", "家属打了分的"


#: Lists about now: the month does not restrict them.
NOW = frozenset(
    {
        *(Show.PROGRESS, Show.LATE, Show.UNASSIGNED, Show.WAITING, Show.DOUBTED, Show.HELD),
        Show.REPORTED,
    }
)


@dataclass(frozen=True)
class OrderFilter:
    """Which orders; empty fields do not restrict. ``region`` is a code prefix."""

    region: str
    month: str = ""
    state: str = ""
    payer: str = ""
    doubt: str = ""
    provider_id: int | None = None
    show: Show | None = None


def order_ids(actor: Actor, wanted: OrderFilter) -> QuerySet[Order, int]:
    """Ids of the orders that fit, latest first; cheap to count and to cut into pages.

    Raises NotAllowed; ValueError for a wrong month.
    """
    rows = _listed(actor, wanted)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    elif wanted.show is None:
        rows = rows.exclude(state=OrderState.CANCELLED)
    if wanted.payer:
        rows = rows.filter(shares__payer=wanted.payer)
    if wanted.doubt:
        rows = rows.filter(pk__in=_with_doubt(actor, wanted).values("order_id"))
    if wanted.provider_id:
        rows = rows.filter(provider_id=wanted.provider_id)
    return rows.order_by("-window_start", "-id").values_list("pk", flat=True)


def orders_by_id(actor: Actor, ids: Sequence[int]) -> list[Order]:
    """These orders in this order, with elder, provider, items, shares, caregiver and visit."""
    going = scope.visible(Assignment, actor).filter(state=AssignmentState.ACTIVE)
    rows = (
        visible(actor)
        .filter(pk__in=ids)
        .select_related("elder", "provider")
        .prefetch_related(
            "lines__item",
            "shares",
            Prefetch("assignments", queryset=going, to_attr="going"),
            Prefetch("visits", queryset=counted(Visit.objects.order_by("-id")), to_attr="came"),
        )
    )
    found = {order.pk: order for order in rows}
    return [found[pk] for pk in ids if pk in found]


def assignment_of(actor: Actor, order: Order) -> Assignment | None:
    """The assignment of an order that stands.

    Without its caregiver's own row, which may lie outside a town officer's scope.
    """
    return visible_assignments(actor).filter(order=order).first()


def visit_of(actor: Actor, order: Order) -> Visit | None:
    """The latest visit of an order with its steps and assignment, as ``assignment_of``."""
    return (
        counted(visible_visits(actor))
        .filter(order=order)
        .select_related("assignment", "order__destination")
        .prefetch_related("steps")
        .order_by("-id")
        .first()
    )


def _listed(actor: Actor, wanted: OrderFilter) -> QuerySet[Order]:
    region, month = wanted.region, wanted.month
    match wanted.show:
        case Show.PROGRESS:
            return order_figures.in_progress(actor, region)
        case Show.LATE:
            return figures.late_now(actor, region)
        case Show.UNASSIGNED:
            return order_figures.unassigned_on(actor, region, clock.today() + timedelta(days=1))
        case Show.WAITING:
            return order_figures.waiting_long(actor, region)
        case Show.HELD:
            return order_figures.held(actor, region)
        case Show.REPORTED:
            waiting = open_reports(actor, region)
            return order_figures.within(actor, region).filter(pk__in=waiting.values("order_id"))
        case Show.DOUBTED:
            doubted = figures.doubted(actor, region)
            return order_figures.within(actor, region).filter(pk__in=doubted.values("order_id"))
        case Show.VISITED | Show.ON_TIME if month:
            visits = figures.done_in_month(actor, region, month)
            if wanted.show is Show.ON_TIME:
                visits = figures.on_time(visits)
            return order_figures.within(actor, region).filter(pk__in=visits.values("order_id"))
        case Show.RATED:
            return _of_month(actor, region, month).filter(stars__isnull=False)
        case _:
            return _of_month(actor, region, month)


def _with_doubt(actor: Actor, wanted: OrderFilter) -> QuerySet[Visit]:
    """Visits with a doubt, none before the month: nobody can check in before the planned day."""
    visits = figures.within(actor, wanted.region).filter(doubts__contains=[wanted.doubt])
    if not wanted.month:
        return visits
    first, _ = clock.month_bounds(wanted.month)
    return visits.filter(in_at__gte=clock.at(first, 0))


def _of_month(actor: Actor, region: str, month: str) -> QuerySet[Order]:
    rows = order_figures.within(actor, region)
    if not month:
        return rows
    first, after = clock.month_bounds(month)
    return rows.filter(
        month=month, window_start__gte=clock.at(first, 0), window_start__lt=clock.at(after, 0)
    )
