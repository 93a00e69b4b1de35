"""Background work on benefits: thin, calls actions."""

from django.conf import settings
from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import payload_of
from songbai.core.errors import SongbaiError, TryAgain
from songbai.core.events.actions import subscribe
from songbai.core.events.models import Event
from songbai.domain.elders.actions.corrections import CORRECTION
from songbai.domain.elders.queries import get
from songbai.domain.elders.rules.kinds import BANK_CARD

from . import actions
from .actions import paying
from .actions.correcting.finding import BEFORE_PROPOSAL, find_corrections
from .actions.cycles import close_empty, resume, run, send_notices
from .bank import bank
from .models import Cycle
from .rules.months import Month
from .telling import messages

#: Complete lists of the departments arrive in the first days of a month.
FROM_DAY = 6


@app.periodic(cron=clock.daily(2, 30))
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


@app.periodic(cron=clock.daily(3))
@app.task(queue="feeds", queueing_lock="benefits.corrections", pass_context=False)
def correct(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Find what facts learnt late change in past months, for lists nobody proposed yet."""
    for cycle in Cycle.objects.filter(state__in=BEFORE_PROPOSAL).order_by("region_id", "pk"):
        find_corrections(SYSTEM, cycle)
        close_empty(SYSTEM, cycle)


@subscribe("cycle.paying")
@app.task(queue="feeds")
def pay_cycle(event_id: int) -> None:
    """Pay what an officer let be paid."""
    paying.pay(SYSTEM, bank(), Event.objects.get(pk=event_id).subject_id)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="feeds", queueing_lock="benefits.bank", pass_context=False)
def with_bank(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Take in what the bank answered, and go on with every cycle that is being paid."""
    try:
        paying.take_answers(SYSTEM, bank())
        for cycle_id in paying.unfinished():
            paying.pay(SYSTEM, bank(), cycle_id)
    except TryAgain:
        return  # the folder is away: in ten minutes again


@subscribe("proposal.approved")
@app.task(pass_context=False)
def tell_corrected_account(event_id: int) -> None:
    """Tell somebody whose account was corrected."""
    proposal = Proposal.objects.get(pk=Event.objects.get(pk=event_id).subject_id)
    if proposal.kind == CORRECTION and payload_of(proposal)["kind"] == BANK_CARD:
        paying.tell_account(SYSTEM, get(SYSTEM, proposal.subject_id))


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="benefits.lapse", pass_context=False)
def lapse(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Give back what was not spent of months that are over."""
    while actions.lapse(SYSTEM):
        pass
