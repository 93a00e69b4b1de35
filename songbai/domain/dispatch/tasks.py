"""What dispatch does when something happened elsewhere: thin, calls actions."""

from __future__ import annotations

from procrastinate.contrib.django import app

from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import subscribe
from songbai.core.events.models import Event

from . import actions


@subscribe("order.cancelled")
@app.task(pass_context=False)
def free_caregiver(event_id: int) -> None:
    """Take the caregiver off an order that was cancelled."""
    actions.free_caregiver(SYSTEM, Event.objects.get(pk=event_id).subject_id)
