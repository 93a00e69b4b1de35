"""Background work on registers: thin, calls actions."""

import contextlib
from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM

from . import actions
from .models import Roster
from .rules import RosterState

#: A register nobody works on for so long is taken up again.
ABANDONED = timedelta(minutes=3)


def begin(roster: Roster) -> None:
    """Have a worker look over or write a register, after the caller's transaction."""
    job = process.configure(queueing_lock=f"rosters.process.{roster.pk}.{roster.state}")
    with contextlib.suppress(AlreadyEnqueued):
        job.defer(roster_id=roster.pk)


@app.task(queue="feeds", name="songbai.rosters.process")
def process(roster_id: int) -> None:
    """Whatever the register waits for."""
    actions.look_over(SYSTEM, roster_id)
    actions.write(SYSTEM, roster_id)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="rosters.take_up", pass_context=False)
def take_up(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Registers whose worker died."""
    waiting = Roster.objects.filter(state__in=[RosterState.CHECKING, RosterState.CONFIRMED])
    for roster in waiting.filter(uploaded_at__lt=clock.now() - ABANDONED).defer("content"):
        begin(roster)
