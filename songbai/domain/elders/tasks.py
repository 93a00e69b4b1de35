"""Periodic work on the register: thin, calls actions."""

from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import subscribe
from songbai.core.events.models import Event

from . import actions
from .actions import erasure, facts, numbers, passing, telling, turning
from .models import Elder


@app.periodic(cron=clock.daily(2, 10))  # people grow older overnight
@app.task(queueing_lock="elders.recount", pass_context=False)
def recount(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Count the elders of every village anew."""
    actions.recount(SYSTEM)


@subscribe("elder.died")
@subscribe("elder.lives")
@app.task(name="songbai.elders.follow_death")
def follow_death(event_id: int) -> None:  # noqa: ARG001  # all turns that wait are followed
    """A death, or one that was none: at once in every room."""
    turning.follow_turns(SYSTEM)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="elders.follow_turns", pass_context=False)
def follow_turns(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Moves, stays, returns, joined records, whatever an event missed."""
    facts.settle_moves(SYSTEM, lately=True)
    turning.follow_turns(SYSTEM)


@app.periodic(cron="40 * * * *")
@app.task(queueing_lock="elders.look_for_signs", pass_context=False)
def look_for_signs(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Somebody who is said to be dead, and of whom it is said that they live."""
    turning.look_for_signs(SYSTEM)


@subscribe("elder.number_passed_on")
@app.task(name="songbai.elders.end_bindings")
def end_bindings(event_id: int) -> None:
    """A number is somebody else's: what it opened in other places ends too."""
    told = Event.objects.get(pk=event_id)
    why = passing.DIED if told.payload.get("died") else numbers.PASSED_ON
    numbers.end_bindings(SYSTEM, told.payload["account"], why)


@subscribe("account.died")
@app.task(name="songbai.elders.bereaved")
def bereaved(event_id: int) -> None:
    """Somebody who may have acted for elders has died: every family is told."""
    passing.bereaved(SYSTEM, Event.objects.get(pk=event_id).subject_id)


@subscribe("account.lives")
@app.task(name="songbai.elders.found_alive")
def found_alive(event_id: int) -> None:
    """The death was none: in other places too nobody needs to see to it."""
    passing.found_alive(SYSTEM, Event.objects.get(pk=event_id).subject_id)


@subscribe("elder.died")
@subscribe("elder.lives")
@app.task(name="songbai.elders.acted_for_others")
def acted_for_others(event_id: int) -> None:
    """An elder who died may have acted for others."""
    elder = Elder.objects.filter(pk=Event.objects.get(pk=event_id).person_id or 0).first()
    if elder is not None:
        passing.follow_elder(SYSTEM, elder)


@subscribe("account.number_doubted")
@app.task(name="songbai.elders.tell_elsewhere")
def tell_elsewhere(event_id: int) -> None:
    """Somebody's number is doubted: where she acts for others too, and by her telephone."""
    doubted = Event.objects.get(pk=event_id)
    numbers.tell_elsewhere(SYSTEM, doubted.subject_id, doubted.payload["told"])


@subscribe("elder.proxy_bound")
@subscribe("elder.proxy_ended")
@subscribe("elder.number_changed")
@subscribe("elder.number_doubted")
@subscribe("elder.kin_died")
@subscribe("elder.kin_lives")
@subscribe("proposal.made")
@subscribe("proposal.approved")
@app.task(name="songbai.elders.tell_home")
def tell_home(event_id: int) -> None:
    """What concerns who acts for an elder, and her money, by text message to all of them."""
    telling.tell_home(SYSTEM, Event.objects.get(pk=event_id))


@app.task
def erase(proposal_id: int) -> None:
    """Erase the person two others agreed to erase."""
    erasure.erase(SYSTEM, proposal_id)


@app.periodic(cron=clock.daily(0, 5))  # periods begin and end with the day
@app.task(queueing_lock="elders.derive_due", pass_context=False)
def derive_due(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Bring up to date what time alone has changed, and move who lives elsewhere now."""
    facts.derive_due(SYSTEM)
    facts.settle_moves(SYSTEM)


@app.task(queueing_lock="elders.settle_moves")
def settle_moves() -> None:
    """Move who lives elsewhere now."""
    facts.settle_moves(SYSTEM)


@subscribe("facts.trust_set")
@app.task
def rederive(event_id: int) -> None:
    """Another order of sources: derive its kind of fact anew for everybody."""
    facts.rebuild(SYSTEM, kind=Event.objects.get(pk=event_id).payload["fact"], hands=2)
