"""Background work on assessments: thin, calls actions."""

from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import SongbaiError
from songbai.core.events.actions import subscribe
from songbai.core.events.models import Event

from . import actions
from .models import Assessment, Body
from .rules.instrument import load_all
from .rules.process import State


@subscribe("assessment.accepted")
@app.task(pass_context=False)
def assign(event_id: int) -> None:
    """Give what was accepted to a body; what nobody can take stays on the office's list."""
    _do(actions.assign, Event.objects.get(pk=event_id).subject_id)


@subscribe("assessment.signed")
@app.task(pass_context=False)
def advance(event_id: int) -> None:
    """Take what was signed on to review, publicity or its result."""
    _do(actions.advance, Event.objects.get(pk=event_id).subject_id)


@app.periodic(cron=clock.daily(0, 20))
@app.task(queueing_lock="assessments.day", pass_context=False)
def day_begins(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """End publicity and appeal periods that passed; ask for assessments that are due."""
    today = clock.today()
    waiting = Assessment.objects.filter(stopped_at=None)
    for pk in waiting.filter(state=State.PUBLICISED, publicity_until__lt=today).values_list(
        "pk", flat=True
    ):
        _do(actions.end_publicity, pk)
    for pk in waiting.filter(state=State.NOTICED, appeal_until__lt=today).values_list(
        "pk", flat=True
    ):
        _do(actions.make_final, pk)
    for instrument in load_all().values():
        if not instrument.retired:
            actions.request_due(instrument.code)


@app.periodic(cron=clock.daily(1, 40, "mon"))
@app.task(queueing_lock="assessments.quality", pass_context=False)
def watch_quality(timestamp: int) -> None:  # noqa: ARG001  # given by the scheduler
    """Tell oversight which bodies judge out of the ordinary, district by district."""
    districts = {code[:6] for code in Body.objects.values_list("region_id", flat=True)}
    for district in sorted(districts):
        for instrument in load_all().values():
            if not instrument.retired:
                actions.notice_outliers(SYSTEM, district, instrument.code)


def _do(act: object, assessment_id: int) -> None:
    try:
        act(SYSTEM, assessment_id)  # type: ignore[operator]  # one of the acts above
    except SongbaiError:
        return  # somebody did it first, or nobody is free: the lists show it
