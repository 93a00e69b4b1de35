"""Periodic work on benefits: thin, calls actions."""

from __future__ import annotations

from procrastinate.contrib.django import app

from songbai.core.accounts.rules import SYSTEM

from . import actions


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="benefits.lapse", pass_context=False)
def lapse(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Give back what was not spent of months that are over."""
    while actions.lapse(SYSTEM):
        pass
