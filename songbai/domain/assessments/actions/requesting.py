"""Asking for an assessment, passing its gate; stopping, going on, calling it off."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed, Refused
from songbai.domain.assessments.declares import ASSESSMENT_ASK, ASSESSMENT_STOP
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.rules.gate import judge
from songbai.domain.assessments.rules.loading import load
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
    if len(reason.strip()) < 2:
        raise Refused("请写明为什么暂停。", field="reason")
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
    if len(reason.strip()) < 2:
        raise Refused("请写明为什么取消。", field="reason")
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
