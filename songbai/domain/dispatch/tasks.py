"""What dispatch does when something happened elsewhere, and what it looks at: thin."""

from datetime import date

from procrastinate.contrib.django import app

from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import subscribe
from songbai.core.events.models import Event

from . import actions
from .queries.days import Area

#: Seconds the worker waits for kernels that are being compiled.
MOST_WAITING = 300


@subscribe("order.cancelled")
@app.task(pass_context=False)
def free_caregiver(event_id: int) -> None:
    """Take the caregiver off an order that was cancelled."""
    actions.free_caregiver(SYSTEM, Event.objects.get(pk=event_id).subject_id)


@subscribe("staff.absent")
@app.task(pass_context=False)
def plan_without_her(event_id: int) -> None:
    """Lay a draft on the desk that gives an absent caregiver's visits to others."""
    event = Event.objects.get(pk=event_id)
    if event.payload["visits"]:
        _draft(event, f"{event.payload['caregiver']}不能来")


@subscribe("account.died")
@app.task(name="songbai.dispatch.caregiver_died", pass_context=False)
def caregiver_died(event_id: int) -> None:
    """Whose death was entered elsewhere may be a caregiver: her visits go to others."""
    actions.follow_death(SYSTEM, Event.objects.get(pk=event_id).subject_id)


@subscribe("account.lives")
@app.task(name="songbai.dispatch.caregiver_lives", pass_context=False)
def caregiver_lives(event_id: int) -> None:
    """The death was none: a caregiver who was taken off for it works again."""
    actions.follow_death(SYSTEM, Event.objects.get(pk=event_id).subject_id)


@subscribe("vehicle.taken_off")
@app.task(pass_context=False)
def plan_without_vehicle(event_id: int) -> None:
    """Lay a draft on the desk that gives visits to somebody who has such a vehicle."""
    event = Event.objects.get(pk=event_id)
    if event.payload["visits"]:
        who = event.payload["caregiver"]
        _draft(event, f"{who}不带{event.payload['vehicle']}了")


def _draft(event: Event, because: str) -> None:
    from .planner import engine

    cause = f"{because}，{event.payload['visits']} 单要换人"
    day = date.fromisoformat(event.payload["day"])
    engine.ready(MOST_WAITING)
    actions.draft(SYSTEM, day, area=Area(event.region_id[:6]), cause=cause)


@app.periodic(cron="*/2 * * * *")
@app.task(queueing_lock="dispatch.watch_progress", pass_context=False)
def watch_progress(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Warn of visits that will be late."""
    actions.watch_progress(SYSTEM)
