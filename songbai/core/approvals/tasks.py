"""Periodic work on proposals: thin, calls actions."""

from procrastinate.contrib.django import app

from songbai.core.accounts.rules import SYSTEM

from . import actions


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="approvals.lapse", pass_context=False)
def lapse(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Close what nobody decided in time."""
    actions.lapse(SYSTEM)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="approvals.carry_out", pass_context=False)
def carry_out(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Do what was agreed to and has waited long enough."""
    actions.carry_out(SYSTEM)
