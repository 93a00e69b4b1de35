"""Periodic work on the register: thin, calls actions."""

from __future__ import annotations

from procrastinate.contrib.django import app

from songbai.core.accounts.rules import SYSTEM

from . import actions


@app.periodic(cron="10 18 * * *")  # 2:10 in Shanghai: people grow older overnight
@app.task(queueing_lock="elders.recount", pass_context=False)
def recount(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Count the elders of every village anew."""
    actions.recount(SYSTEM)
