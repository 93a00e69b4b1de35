"""Periodic work on orders: thin, calls actions."""

from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import subscribe
from songbai.core.events.models import Event

from . import actions
from .actions import kin
from .errors import TooLate
from .models import Order
from .rules import OrderState


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="orders.confirm_due", pass_context=False)
def confirm_due(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Confirm what no family confirmed within a day (the family was told so)."""
    due = Order.objects.filter(
        state=OrderState.TO_CONFIRM, confirm_due__lte=clock.now()
    ).values_list("pk", flat=True)
    for order_id in list(due[:500]):
        try:
            actions.confirm(SYSTEM, order_id)
        except TooLate:
            continue


@subscribe("elder.kin_died")
@app.task(name="songbai.orders.ask_about_orders_of_kin")
def ask_about_orders_of_kin(event_id: int) -> None:
    """Who ordered has died: somebody asks whether the visits to come shall be."""
    told = Event.objects.get(pk=event_id)
    kin.ask_about_orders_of_kin(told.person_id or 0, told.payload["account"])
