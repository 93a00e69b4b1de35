"""Nobody is sent to a door where nobody is: the dead, people in hospital, in prison."""

from collections.abc import Collection

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.elders.models import Followed
from songbai.domain.elders.under_way import Cause, Life, under_way
from songbai.domain.orders.rules import OrderState

from .actions import call_back
from .models import Assignment
from .rules import AssignmentState


def _sent(records: Collection[int]) -> QuerySet[Assignment]:
    """Who is on a list to go and has not begun."""
    return Assignment.objects.filter(
        elder_id__in=records,
        state=AssignmentState.ACTIVE,
        begun_at=None,
        order__state__in=_WAITS,
    ).select_related("order")


_WAITS = [OrderState.ACCEPTED, OrderState.ASSIGNED]


def _applies(life: Life, row: Assignment) -> bool:
    """Whoever takes somebody to a doctor also goes to a hospital."""
    return life.cause is not Cause.HOSPITAL or row.order.destination_id is None


def _stop(actor: Actor, life: Life, row: Assignment) -> str:
    call_back(actor, row, life.words)
    day = row.starts_at.astimezone(clock.SHANGHAI)
    return f"{day.month} 月 {day.day} 日 {clock.shown(day)} 的上门不用去了"


def _again(actor: Actor, life: Life, followed: Followed) -> bool:  # noqa: ARG001
    """The order waits for a caregiver again; one whose time has passed is for the desk.

    An order that was cancelled says itself what becomes of it.
    """
    order = Assignment.objects.select_related("order").get(pk=followed.subject_id).order
    return order.state not in _WAITS or order.window_end > clock.now()


under_way(
    Assignment,
    "assignment",
    "派单",
    rows=_sent,
    stop=_stop,
    again=_again,
    causes=list(Cause),
    applies=_applies,
    back="和订单一起重新安排",
)
