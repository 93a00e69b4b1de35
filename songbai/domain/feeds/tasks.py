"""Background and periodic work on feeds: thin, calls actions."""

import os
from pathlib import Path

from django.conf import settings
from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import subscribe

from .actions import checking, folder, keys, unmatched, watching, writing
from .models import Delivery


def begin(delivery: Delivery) -> None:
    """Have a delivery read and written by a worker, after the caller's transaction."""
    process.configure(queueing_lock=f"feeds.process.{delivery.pk}").defer(delivery_id=delivery.pk)


@app.task(queue="feeds", name="songbai.feeds.process")
def process(delivery_id: int) -> None:
    """Read and write one delivery; run again after a kill it goes on where it stopped."""
    checking.check(SYSTEM, delivery_id)
    writing.write(SYSTEM, delivery_id, processes=min(2, os.cpu_count() or 1))


@subscribe("matching.decided")
# No queueing lock: two decisions in one transaction would meet at it and both be lost.
@app.task(name="songbai.feeds.give_decided")
def give_decided(event_id: int) -> None:  # noqa: ARG001  # every waiting row is looked at
    """A clerk decided a doubtful pair: rows that waited for it find their person."""
    unmatched.match_again(SYSTEM)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="feeds.look_into_folder", pass_context=False)
def look_into_folder(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Take what lies in the drop folder, if this place has one."""
    drop = settings.FEEDS_FOLDER
    if drop and Path(drop).is_dir():
        for delivery in folder.take_in(SYSTEM, Path(drop)):
            begin(delivery)


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="feeds.watch", pass_context=False)
def watch(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Say which feeds did not arrive, and take up deliveries nobody finished."""
    watching.note_late(SYSTEM)
    for delivery in watching.unfinished(SYSTEM):
        begin(delivery)


@app.periodic(cron=clock.daily(1, 40))
@app.task(queueing_lock="feeds.tidy", pass_context=False)
def tidy(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Match rows again whose person came later; drop files and numbers past their time."""
    unmatched.match_again(SYSTEM)
    watching.discard_files(SYSTEM)
    keys.forget_nonces(SYSTEM)
