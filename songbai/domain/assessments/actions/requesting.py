"""Asking for an assessment, passing its gate; stopping, going on, calling it off; and what happens
to an elder and may call for a new one.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from songbai.core import clock, scope
from songbai.core.accounts.rules import SYSTEM
from songbai.core.acting import Actor, on, publish
from songbai.core.errors import NotAllowed, Refused
from songbai.core.reasons import reason_in
from songbai.domain.assessments.declares import ASSESSMENT_ASK, ASSESSMENT_STOP, OCCURRENCE_NOTE
from songbai.domain.assessments.models import Assessment, Occurrence
from songbai.domain.assessments.queries import events_of, instrument_of
from songbai.domain.assessments.rules.due import Happening, due
from songbai.domain.assessments.rules.gate import judge
from songbai.domain.assessments.rules.instrument import load
from songbai.domain.assessments.rules.process import OPEN, Channel, State
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import Elder

from .common import TooLate, ask, change, lock, move, tell


class AlreadyAsked(Refused):
    """这位老人已经有一次正在办理的评估，不用再申请。"""


class OldInstrument(Refused):
    """这个量表已经停用，只能查看旧记录。"""


@dataclass(frozen=True)
class NewRequest:
    """What somebody asks for. ``key`` comes from the form: the same key is the same request.

    ``gate`` holds the self-assessment where the instrument has one.
    """

    elder: Elder
    instrument: str
    channel: Channel
    key: uuid.UUID
    reason: str = ""
    gate: Mapping[str, str] | None = None


def request(actor: Actor, new: NewRequest) -> Assessment:
    """Ask for an assessment; an instrument with a gate accepts or refuses it at once.

    A request that fails the gate is kept in the state refused. Raises NotAllowed, AlreadyAsked,
    OldInstrument, UnknownInstrument, ImpossibleAnswers (of the self-assessment).
    """
    ask(actor, ASSESSMENT_ASK, new.elder)
    earlier = Assessment.objects.filter(key=new.key).first()
    if earlier:
        if earlier.elder_id != new.elder.pk:
            raise NotAllowed
        return earlier
    instrument = load(new.instrument)
    if instrument.retired:
        raise OldInstrument
    if new.elder.died_on:
        raise Refused("这位老人已登记去世，不能再申请评估。如有误，请拨 12349。")
    outcome = judge(instrument, new.gate) if instrument.gate else None
    try:
        with transaction.atomic():
            made = _write(actor, new)
            move(
                made,
                State.ACCEPTED if outcome is None or outcome.passed else State.REFUSED,
                allowed={State.REQUESTED},
                gate=dict(new.gate) if new.gate and outcome else None,
                gate_outcome=outcome.outcome if outcome else "",
            )
            tell(
                actor,
                "assessment.accepted" if made.state == State.ACCEPTED else "assessment.refused",
                made,
                channel=new.channel,
                gate=made.gate_outcome,
            )
            return made
    except IntegrityError as error:
        return _same_or_refuse(new, error)


def _same_or_refuse(new: NewRequest, error: IntegrityError) -> Assessment:
    same = Assessment.objects.filter(key=new.key, elder=new.elder).first()
    if same:
        return same
    if "one_open_assessment_each" in str(error):
        raise AlreadyAsked from error
    raise error


def _write(actor: Actor, new: NewRequest) -> Assessment:
    instrument, now = load(new.instrument), clock.now()
    made = Assessment.objects.create(
        key=new.key,
        elder=new.elder,
        region_id=new.elder.region_id,
        instrument=instrument.code,
        standard_code=instrument.standard,
        standard_version=instrument.version,
        channel=new.channel,
        reason=new.reason.strip()[:200],
        requested_by_id=actor.account_id,
        requested_by=actor.name,
        requested_at=now,
    )
    made.number = f"P{now.astimezone(clock.SHANGHAI):%y%m%d}{made.pk % 1_000_000:06d}"
    made.save(update_fields=["number"])
    return made


def request_due(instrument: str, limit: int = 200) -> int:
    """Ask for the next assessment of everybody for whom one is due, earliest first.

    The program's own act; returns how many were asked for. Instruments with a gate are left to the
    family: nobody fills a self-assessment for somebody unseen.
    """
    if load(instrument).gate:
        return 0
    busy = Assessment.objects.filter(instrument=instrument, state__in=OPEN, appeal_of=None).values(
        "elder_id"
    )
    rows = (
        Assessment.objects.filter(
            instrument=instrument, current=True, due_on__lte=clock.today(), elder__died_on=None
        )
        .exclude(elder_id__in=busy)
        .select_related("elder")
        .order_by("due_on", "id")[:limit]
    )
    asked = 0
    for row in rows:
        key = uuid.uuid5(row.key, f"due {row.due_on}")
        why = row.get_due_why_display()
        request(SYSTEM, NewRequest(row.elder, instrument, Channel.DUE, key, reason=why))
        asked += 1
    return asked


@transaction.atomic
def stop(actor: Actor, assessment_id: int, reason: str) -> Assessment:
    """Let an assessment rest where it is (hospital, travel); nothing is lost.

    Raises NotFound, NotAllowed, Refused without a reason, TooLate.
    """
    found = lock(actor, assessment_id, ASSESSMENT_STOP, stopped=True)
    if found.state not in OPEN:
        raise TooLate
    reason_in(reason, "请写明为什么暂停。", least=2)
    if found.stopped_at is None:
        change(found, stopped_at=clock.now(), stop_reason=reason.strip()[:120])
        tell(actor, "assessment.stopped", found, reason=found.stop_reason)
    return found


@transaction.atomic
def go_on(actor: Actor, assessment_id: int) -> Assessment:
    """Take up a stopped assessment where it was. Raises NotFound, NotAllowed."""
    found = lock(actor, assessment_id, ASSESSMENT_STOP, stopped=True)
    if found.stopped_at is not None:
        change(found, stopped_at=None, stop_reason="")
        tell(actor, "assessment.resumed", found)
    return found


@transaction.atomic
def cancel(actor: Actor, assessment_id: int, reason: str) -> Assessment:
    """Call an assessment off before it has a result.

    Families until the visit begins; the office until the notice. Raises NotFound, NotAllowed,
    Refused without a reason, TooLate.
    """
    found = lock(actor, assessment_id, ASSESSMENT_ASK, stopped=True)
    reason_in(reason, "请写明为什么取消。", least=2)
    early = {State.REQUESTED, State.ACCEPTED, State.ASSIGNED, State.BOOKED}
    late = OPEN - {State.PUBLICISED}
    allowed = early if actor.kind is FAMILY else set(late)
    release(found)
    move(found, State.CANCELLED, allowed=allowed, cancel_reason=reason.strip()[:120])
    tell(actor, "assessment.cancelled", found, reason=found.cancel_reason)
    return found


def release(assessment: Assessment, **columns: Any) -> None:
    """Take the assessors off an assessment; what they wrote stays."""
    assessment.sheets.filter(active=True).update(active=False, **columns)


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
            states = sorted(OPEN - {State.PUBLICISED})
            rows = Assessment.objects.select_for_update(of=("self",))
            for row in rows.filter(elder=elder, state__in=states):
                end_early(actor, row, "老人已去世")
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


def end_early(actor: Actor, row: Assessment, why: str) -> None:
    """An assessment under way ends; what was written stays."""
    release(row)
    move(row, State.CANCELLED, allowed=set(OPEN), cancel_reason=why)
    tell(actor, "assessment.cancelled", row, reason=row.cancel_reason)
