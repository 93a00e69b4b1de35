"""What sending by hand and publishing a plan share: errors, turns, writing, telling."""

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from songbai.core import clock, scope
from songbai.core.accounts.actions import end_access, grant_access
from songbai.core.accounts.rules import FOR_RECORDS
from songbai.core.acting import SYSTEM, Actor, on, publish
from songbai.core.errors import Refused
from songbai.core.reasons import reason_in
from songbai.core.waiting import wait_for
from songbai.domain.dispatch.models import Assignment, Wish
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.elders.models import Elder
from songbai.domain.orders.actions import mark_assigned, mark_unassigned
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember

#: A record kept on a phone without signal may come a week after the visit and must find it; who
#: sends it reaches her own records then, and not the elder.
ACCESS_FOR_RECORDS = timedelta(days=7)


VISIT = "visit"


class NotFree(Refused):
    """这位护理员在这个时间已有安排，或赶不到。请换一个人，或换一个时间。"""

    field = "staff"


class NotQualified(Refused):
    """这位护理员没有这项服务要求的资格，不能派。请换一个人。"""

    field = "staff"


class WithoutVehicle(Refused):
    """这项服务要带车去，这位护理员这一班没有带。请换一个带车的人，或先把车给她的班次。"""

    field = "staff"


class AgainstWish(Refused):
    """这位护理员不合老人提的要求。老人同意才能派。"""

    field = "despite"

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        super().__init__(
            f"老人说过“{wish.words}”。老人同意才能派：勾上“老人同意这一次”，"
            "写明谁问的、怎么说的（至少 4 个字），家里会看到。"
        )


class Doubtful(Refused):
    """先问家里。还是要去，请勾上“问过了，还是要去”，写明问了谁、怎么说的（至少 4 个字）。"""

    field = "knowing"

    def __init__(self, doubts: Sequence[str]) -> None:
        self.doubts = list(doubts)
        super().__init__(f"{'；'.join(doubts)}。{inspect.cleandoc(type(self).__doc__ or '')}")


class Departed(Refused):
    """老人刚刚登记了离世，不派人去。这一单会自动取消。"""


class LeavesAlone(Refused):
    """有已经通知过的老人会没人去，或拖到约定时间以后。请一单一单勾上，写明原因，再公布；家里会收到通知。"""

    field = "leaving"

    def __init__(self, orders: Sequence[Order]) -> None:
        self.orders = list(orders)
        numbers = "、".join(str(order.number) for order in self.orders)
        super().__init__(f"{inspect.cleandoc(type(self).__doc__ or '')}（{numbers}）")


class AlreadyTaken(Refused):
    """这一单刚刚被别人派出去了，或已取消。请看最新的队列。"""


@dataclass(frozen=True)
class Sent:
    """Who is sent when, how she gets there, and why she."""

    staff_id: int
    starts_at: datetime
    travel_minutes: int
    metres: int
    reason: str
    others: list[dict[str, Any]] = field(default_factory=list)
    override: str = ""
    seat: int = 1


def asked(doubt: str, reason: str, *, knowing: bool) -> str:
    """The reason for which somebody goes in spite of a doubt; "" without a doubt.

    Raises Doubtful, ReasonMissing.
    """
    if not doubt:
        return ""
    if not knowing:
        raise Doubtful([doubt])
    return reason_in(reason, f"{doubt}。请写明问过谁、怎么说的，至少 4 个字。")


def take_turn(day: date, provider_ids: Iterable[int]) -> None:
    """Wait until nobody else decides about these providers' day; until the transaction ends.

    Caregivers belong to a provider, so whoever sends, publishes or notes an absence takes the turn
    of the provider and day, whatever the area the deciding person works in.
    """
    wait_for(f"{provider}:{day}" for provider in provider_ids)


def row_of(
    actor: Actor,
    order: Order,
    sent: Sent,
    staff: StaffMember,
    make: Callable[..., Assignment] = Assignment,
) -> Assignment:
    """The row that sends somebody, not yet written."""
    return make(
        order=order,
        seat=sent.seat,
        staff=staff,
        account_id=staff.account_id,
        elder_id=order.elder_id,
        region_id=order.region_id,
        provider_id=order.provider_id,
        staff_name=staff.name,
        starts_at=sent.starts_at,
        during=DateTimeTZRange(sent.starts_at, sent.starts_at + timedelta(minutes=order.minutes)),
        travel_minutes=sent.travel_minutes,
        metres=sent.metres,
        reason=sent.reason[:120],
        others=sent.others,
        override_reason=sent.override[:120],
        decided_by_id=actor.account_id,
        decided_at=clock.now(),
    )


def write(rows: Sequence[Assignment]) -> None:
    """Send people: their rows, the orders' states, access to the elders. Tells nobody.

    Raises NotFree, AlreadyTaken, Departed.
    """
    people = {row.elder_id for row in rows}
    if scope.visible(Elder, SYSTEM).filter(pk__in=people, died_on__isnull=False).exists():
        raise Departed  # a death that comes later finds these rows: the orders are locked
    try:
        with transaction.atomic():
            Assignment.objects.bulk_create(rows)
    except IntegrityError as error:
        if "assignments_do_not_overlap" in str(error):
            raise NotFree from error
        raise AlreadyTaken from error
    orders = {row.order_id: row.order for row in rows}
    taken = Counter(
        Assignment.objects.filter(order_id__in=orders, state=AssignmentState.ACTIVE).values_list(
            "order_id", flat=True
        )
    )
    for order in orders.values():
        if taken[order.pk] >= order.caregivers:
            mark_assigned(order)
    for row in rows:
        _let_in(row)


def _let_in(row: Assignment) -> None:
    """She reaches the elder until the day of the visit is over."""
    if not row.account_id:
        return
    for why, until in reaches_until(row):
        grant_access(
            person_id=row.elder_id,
            region=row.region_id,
            why=why,
            until=until,
            account_id=row.account_id,
        )


def reaches_until(row: Assignment) -> tuple[tuple[str, datetime], ...]:
    """Why and until when whoever is sent reaches the elder."""
    _, night = clock.day_bounds(row.starts_at.astimezone(clock.SHANGHAI).date())
    return (VISIT, night), (FOR_RECORDS, row.starts_at + ACCESS_FOR_RECORDS)


def standing(order_id: int) -> Any:
    """Who stands for an order."""
    return Assignment.objects.filter(order_id=order_id, state=AssignmentState.ACTIVE)


def take_back(rows: Sequence[Assignment], why: str) -> None:
    """Take people off; who no longer goes to an elder loses access. Tells nobody."""
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=AssignmentState.WITHDRAWN, override_reason=why.strip()[:120]
    )
    for row in rows:
        row.override_reason = why.strip()[:120]
        _keep_out(row)


def _keep_out(row: Assignment) -> None:
    """She reaches the elder no longer than for the visits that she still has there."""
    if not row.account_id:
        return
    for cause in (VISIT, FOR_RECORDS):
        end_access(person_id=row.elder_id, why=cause, account_id=row.account_id)
    last = (
        Assignment.objects.filter(
            elder_id=row.elder_id,
            account_id=row.account_id,
            state=AssignmentState.ACTIVE,
            starts_at__gt=clock.now() - ACCESS_FOR_RECORDS,
        )
        .order_by("-starts_at")
        .first()
    )
    if last is not None:
        _let_in(last)


def withdraw_all(actor: Actor, order: Order, why: str, seat: int | None = None) -> None:
    """Take everybody off an order, or one seat of it, and say so."""
    rows = standing(order.pk)
    found = list(rows if seat is None else rows.filter(seat=seat))
    take_back(found, why)
    for row in found:
        tell(actor, "assignment.withdrawn", order, row)


def reopen(order: Order) -> None:
    """An order that lacks somebody is open again."""
    if order.state == OrderState.ASSIGNED:
        mark_unassigned(order)


def tell(actor: Actor, kind: str, order: Order, assignment: Assignment, **more: Any) -> None:
    """The order's event, which family, caregiver, provider and desk hear."""
    publish(
        kind,
        actor,
        **on("order", order),
        organisation_id=order.provider_id,
        topics=(f"account:{assignment.account_id}",) if assignment.account_id else (),
        caregiver=assignment.staff_name,
        reason=assignment.reason,
        override=assignment.override_reason,
        **more,
    )
