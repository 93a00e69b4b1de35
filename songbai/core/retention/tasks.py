"""The daily run: thin, calls the action."""

from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM

from . import actions


@app.periodic(cron=clock.daily(2, 40))
@app.task(queueing_lock="retention.run", pass_context=False)
def run(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Forget what is over its time."""
    actions.run(SYSTEM)
