"""Letting a result stand: publicity, validity, notice, the register's fact, the end of an appeal;
and not accepting it: another body assesses again. What concludes is called on a locked assessment.
"""

import dataclasses
import uuid
from datetime import timedelta

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.reasons import reason_in
from songbai.domain.assessments.declares import ASSESSMENT_APPEAL, ASSESSMENT_READ
from songbai.domain.assessments.models import Appeal, Assessment, Notice
from songbai.domain.assessments.queries import events_of, instrument_of, result_of
from songbai.domain.assessments.rules.due import due, valid_until
from songbai.domain.assessments.rules.letter import letter
from songbai.domain.assessments.rules.process import Channel, State
from songbai.domain.elders.actions.facts import NewFact, record_facts

from .common import TooLate, lock, move, tell


def publicise_or_conclude(actor: Actor, assessment: Assessment) -> None:
    """Begin the days of publicity, or let the result stand where there are none."""
    days = instrument_of(assessment).process.publicity_days
    if not days:
        conclude(actor, assessment)
        return
    until = clock.today() + timedelta(days=days)
    before = {State.SIGNED, State.IN_REVIEW}
    move(assessment, State.PUBLICISED, allowed=before, publicity_until=until)
    tell(actor, "assessment.publicised", assessment, until=str(until))


def conclude(actor: Actor, assessment: Assessment) -> None:
    """Let a result stand: validity, notice, the register's fact, the event others wait for.

    Raises TooLate.
    """
    instrument, result = instrument_of(assessment), result_of(assessment)
    if result is None:
        raise TooLate
    today, process = clock.today(), instrument.process
    until = valid_until(process, today)
    appeal_days = 0 if assessment.appeal_of_id else process.appeal_days
    appeal_until = today + timedelta(days=appeal_days) if appeal_days else None
    again = due(process, today, until, events_of(assessment.elder_id))
    Assessment.objects.filter(
        elder_id=assessment.elder_id, instrument=assessment.instrument, current=True
    ).update(current=False, due_on=None, due_why="")
    move(
        assessment,
        State.NOTICED,
        allowed={State.SIGNED, State.IN_REVIEW, State.PUBLICISED},
        concluded_at=clock.now(),
        valid_from=today,
        valid_until=until,
        appeal_until=appeal_until,
        current=True,
        due_on=again.day if again else None,
        due_why=again.why.name.lower() if again else "",
    )
    words = letter(instrument, result, until, appeal_until)
    Notice.objects.create(
        assessment=assessment,
        elder_id=assessment.elder_id,
        region_id=assessment.region_id,
        letter=dataclasses.asdict(words),
        issued_at=clock.now(),
    )
    if instrument.fact:
        _tell_the_register(assessment, instrument.fact, result.final_level)
    tell(
        actor,
        "assessment.concluded",
        assessment,
        instrument=instrument.code,
        fact=instrument.fact,
        level=result.final_level,
        verified=result.verified,
        valid_from=str(today),
        valid_until=str(until),
    )
    if assessment.appeal_of_id:
        _decide_appeal(actor, assessment)


def _tell_the_register(assessment: Assessment, fact: str, level: int) -> None:
    """What follows from a concluded result follows by itself: no second right is asked for."""
    said = NewFact(
        fact,
        str(level),
        source_id=assessment.number or str(assessment.pk),
        observed_at=assessment.concluded_at,
        valid_from=assessment.valid_from,
        valid_to=assessment.valid_until,
    )
    why = f"评估 {assessment.number} 的结论"
    record_facts(SYSTEM, assessment.elder, [said], source="assessment", reason=why)
    assessment.elder.refresh_from_db()


def _decide_appeal(actor: Actor, second: Assessment) -> None:
    """The second body's result ends the dispute: the first becomes final beside it."""
    first = Assessment.objects.select_for_update(of=("self",)).get(second=second)
    upheld = first.final_level != second.final_level
    Appeal.objects.filter(assessment=first).update(decided_at=clock.now(), upheld=upheld)
    move(first, State.FINAL, allowed={State.APPEALED}, final_at=clock.now())
    move(second, State.FINAL, allowed={State.NOTICED}, final_at=clock.now())
    tell(actor, "assessment.appeal_decided", first, upheld=upheld, second=second.pk)


class AppealTooLate(TooLate):
    """申诉期限已过。身体情况有变化时可以重新申请评估，或拨 12349 咨询。"""


@transaction.atomic
def appeal(actor: Actor, assessment_id: int, reason: str) -> Assessment:
    """Dispute a result; returns the new assessment, which waits for another body.

    Appealing again returns the same one. Raises NotFound, NotAllowed, AppealTooLate, TooLate,
    Refused without a reason.
    """
    found = lock(actor, assessment_id, ASSESSMENT_APPEAL)
    earlier = Assessment.objects.filter(appeal_of=found).first()
    if earlier:
        return earlier
    if found.appeal_of_id:
        raise AppealTooLate("申诉评估的结果是最终结果，不能再次申诉。")
    reason_in(reason, "请写明不同意的理由，至少 4 个字。", field="reason")
    if found.state == State.NOTICED and (
        found.appeal_until is None or clock.today() > found.appeal_until
    ):
        raise AppealTooLate
    move(found, State.APPEALED, allowed={State.NOTICED, State.PUBLICISED})
    Appeal.objects.create(
        assessment=found,
        elder_id=found.elder_id,
        region_id=found.region_id,
        account_id=actor.account_id,
        by_name=actor.name,
        reason=reason.strip()[:300],
        at=clock.now(),
    )
    second = _second(actor, found, reason)
    tell(actor, "assessment.appealed", found, second=second.pk)
    tell(actor, "assessment.accepted", second, channel=Channel.APPEAL)
    return second


def _second(actor: Actor, first: Assessment, reason: str) -> Assessment:
    second = Assessment.objects.create(
        key=uuid.uuid5(first.key, "appeal"),
        number=f"{first.number}S",
        elder_id=first.elder_id,
        region_id=first.region_id,
        instrument=first.instrument,
        standard_code=first.standard_code,
        standard_version=first.standard_version,
        channel=Channel.APPEAL,
        reason=reason.strip()[:200],
        requested_by_id=actor.account_id,
        requested_by=actor.name,
        requested_at=clock.now(),
        appeal_of=first,
    )
    move(second, State.ACCEPTED, allowed={State.REQUESTED})
    return second


@transaction.atomic
def read_notice(actor: Actor, assessment_id: int) -> Notice | None:
    """The result letter, marked as read when the family opens it first; None before there is one.

    Raises NotFound, NotAllowed.
    """
    found = lock(actor, assessment_id, ASSESSMENT_READ, stopped=True)
    notice = Notice.objects.filter(assessment=found).first()
    if notice and notice.read_at is None and actor.kind == "family":
        notice.read_at = clock.now()
        notice.save(update_fields=["read_at"])
    return notice
