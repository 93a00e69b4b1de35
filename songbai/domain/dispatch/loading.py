"""Who was sent, by volume: the rows the actions write."""

from __future__ import annotations

from datetime import datetime

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.orders.loading import Past
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember

from .actions.common import ACCESS_FOR_RECORDS, Sent, row_of
from .models import Assignment


def send(
    past: Past, actor: Actor, at: datetime, order: Order, sent: Sent, staff: StaffMember
) -> Assignment:
    """The caregiver's row, access to the elder while it lasts, and the event."""
    with clock.moved_to(at):
        row = past.load.add(row_of(actor, order, sent, staff))
    order.state = OrderState.ASSIGNED
    until = sent.starts_at + ACCESS_FOR_RECORDS
    if until > clock.now() and staff.account_id:
        past.grant(order, at, until, "visit", account_id=staff.account_id)
    said = {"caregiver": row.staff_name, "reason": row.reason, "override": row.override_reason}
    past.tell(actor, at, "order.assigned", order, **said)
    return row
