"""Background work on benefits: thin, calls actions."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import SongbaiError

from .actions.cycles import resume, run, send_notices
from .rules.months import Month
from .telling import messages

#: Complete lists of the departments arrive in the first days of a month.
FROM_DAY = 6


@app.periodic(cron="30 18 * * *")  # 2:30 in Shanghai
@app.task(queue="feeds", queueing_lock="benefits.open_month", pass_context=False)
def open_month(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Finish what a killed run left; from the sixth on, open the month's cycles once."""
    try:
        resume(SYSTEM)
        if settings.BENEFITS_REGION and clock.today().day >= FROM_DAY:
            run(SYSTEM, settings.BENEFITS_REGION, Month(clock.month_of(clock.today())))
    except SongbaiError:
        return  # another run is at work, or there is nothing to run: the lists show it


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="benefits.tell", pass_context=False)
def tell(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Send notices on, if this place has somewhere to send them."""
    way = messages()
    if way is None:
        return
    try:
        while send_notices(SYSTEM, way):
            pass
    except SongbaiError:
        return  # the next time
