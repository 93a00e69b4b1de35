"""What follows from results and deaths: thin, calls actions."""

from procrastinate.contrib.django import app

from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import Refused
from songbai.core.events.actions import subscribe
from songbai.core.events.models import Event
from songbai.domain.assessments.rules.due import Happening

from . import actions
from .queries import open_of


@subscribe("assessment.concluded")
@app.task(pass_context=False)
def draft(event_id: int) -> None:
    """Put what a result suggests before the family."""
    try:
        actions.draft(SYSTEM, Event.objects.get(pk=event_id).subject_id)
    except Refused:
        return  # nothing is suggested, or a newer result stands


@subscribe("elder.occurrence")
@app.task(pass_context=False)
def end(event_id: int) -> None:
    """Stop the plans of somebody who died."""
    event = Event.objects.get(pk=event_id)
    if event.payload.get("occurred") == Happening.DIED and event.person_id:
        for plan in open_of([event.person_id]):
            actions.end(SYSTEM, plan.pk, "老人已去世")
