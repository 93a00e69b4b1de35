"""What happens to an elder and may call for a new assessment."""

import uuid
from datetime import date

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.acting import Actor, on, publish
from songbai.core.errors import Refused
from songbai.domain.assessments.declares import OCCURRENCE_NOTE
from songbai.domain.assessments.models import Assessment, Occurrence
from songbai.domain.assessments.queries import events_of, instrument_of
from songbai.domain.assessments.rules.due import Happening, due
from songbai.domain.assessments.rules.process import OPEN, State
from songbai.domain.elders.models import Elder

from .common import ask, change, move, tell
from .requesting import release


@transaction.atomic
def note(
    actor: Actor, elder: Elder, kind: Happening, day: date, *, record: uuid.UUID, source: str
) -> Occurrence:
    """Record that something happened on a day; the same ``record`` twice is once.

    ``source`` names where it was recorded (``visit:12``). The next assessment's day moves forward
    where the rules say so; a death ends what is open. Raises NotAllowed, Refused for a future day.
    """
    ask(actor, OCCURRENCE_NOTE, elder)
    if day > clock.today():
        raise Refused("日期不能在今天之后。", field="day")
    # Whoever writes about the same elder waits here, so that none overlooks the other.
    scope.visible(Elder, actor).select_for_update(of=("self",)).get(pk=elder.pk)
    found, new = Occurrence.objects.get_or_create(
        record=record,
        defaults={
            "elder": elder,
            "region_id": elder.region_id,
            "kind": kind,
            "day": day,
            "source": source[:60],
            "noted_by": actor.name,
            "noted_at": clock.now(),
        },
    )
    if new:
        publish("elder.occurrence", actor, **on("elder", elder), occurred=kind.value, day=str(day))
        _due_anew(elder)
        if kind is Happening.DIED:
            _end(actor, elder)
    return found


def _due_anew(elder: Elder) -> None:
    events = events_of(elder.pk)
    for row in Assessment.objects.select_for_update().filter(elder=elder, current=True):
        if row.valid_from is None or row.valid_until is None:
            continue
        again = due(instrument_of(row).process, row.valid_from, row.valid_until, events)
        change(
            row,
            due_on=again.day if again else None,
            due_why=again.why.name.lower() if again else "",
        )


def _end(actor: Actor, elder: Elder) -> None:
    rows = Assessment.objects.select_for_update(of=("self",)).filter(
        elder=elder, state__in=sorted(OPEN - {State.PUBLICISED})
    )
    for row in rows:
        end_for_death(actor, row)


def end_for_death(actor: Actor, row: Assessment) -> None:
    """An assessment under way ends; what was written stays."""
    release(row)
    move(row, State.CANCELLED, allowed=set(OPEN), cancel_reason="老人已去世")
    tell(actor, "assessment.cancelled", row, reason=row.cancel_reason)
