"""Who was sent, by volume: the rows the actions write."""

from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.loading import fresh
from songbai.domain.orders.loading import Past
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember

from .actions.common import Sent, reaches_until, row_of
from .models import Assignment


def send(
    past: Past, actor: Actor, at: datetime, order: Order, sent: Sent, staff: StaffMember
) -> Assignment:
    """The caregiver's row, access to the elder, and the event."""
    row = past.load.add(row_of(actor, order, sent, staff, fresh(Assignment)))
    row.decided_at = at
    order.state = OrderState.ASSIGNED
    if staff.account_id:
        for why, until in reaches_until(row):
            past.grant(order, at, until, why, account_id=staff.account_id)
    said = {"caregiver": row.staff_name, "reason": row.reason, "override": row.override_reason}
    past.tell(actor, at, "order.assigned", order, **said)
    return row
