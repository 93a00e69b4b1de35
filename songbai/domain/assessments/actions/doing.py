"""At the elder's home: every tap is kept, whenever and from whichever device it arrives."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.errors import NotAllowed, Refused
from songbai.core.found import found_in
from songbai.domain.assessments.declares import ASSESSMENT_DO
from songbai.domain.assessments.models import Assessment, AssessorAnswers, Tap
from songbai.domain.assessments.queries import instrument_of, merged
from songbai.domain.assessments.rules.answers import (
    ImpossibleAnswers,
    Problem,
    Sheet,
    field_problem,
    item_problem,
    problems,
    unanswered,
    written,
)
from songbai.domain.assessments.rules.answers import Tap as NewTap
from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.process import State
from songbai.domain.assessments.rules.scoring import scored

from .common import Stopped, TooLate, change, move, tell

#: While an assessment stands here, taps change the sheet; later they are kept and reported.
WRITABLE = frozenset({State.BOOKED, State.UNDER_WAY, State.DONE})


class Incomplete(Refused):
    """还有没填完的项目，或者两台设备填得不一样的项目。请补完再提交。"""

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        super().__init__(f"还有 {len(found)} 项没有填好：{'、'.join(p.item for p in found[:6])}")


@dataclass(frozen=True)
class Saved:
    """What became of taps: the records now kept (also from before), those refused, the sheet."""

    kept: list[uuid.UUID]
    refused: list[Problem]
    sheet: Sheet
    late: bool = field(default=False)


@transaction.atomic
def save_taps(actor: Actor, sheet_id: int, taps: Sequence[NewTap]) -> Saved:
    """Keep answers of one assessor's sheet, with their own times; the same record twice is once.

    Items on which two devices disagree come back as ``sheet.questions``: the assessor answers them
    by a tap that replaces both. Impossible values are refused one by one, all others kept. What
    arrives after the assessors have conferred is kept and reported, and changes nothing.
    Raises NotFound, NotAllowed, Stopped.
    """
    sheet, assessment = _locked(actor, sheet_id)
    instrument = instrument_of(assessment)
    refused = [
        Problem(str(tap.record), wrong) for tap in taps if (wrong := _wrong(instrument, tap))
    ]
    bad = {problem.item for problem in refused}
    good = {tap.record: tap for tap in taps if str(tap.record) not in bad}
    known = set(
        Tap.objects.filter(record__in=list(good), sheet=sheet).values_list("record", flat=True)
    )
    fresh = [tap for record, tap in good.items() if record not in known]
    late = bool(fresh) and assessment.state not in WRITABLE
    Tap.objects.bulk_create(
        Tap(
            record=tap.record,
            sheet=sheet,
            elder_id=sheet.elder_id,
            region_id=sheet.region_id,
            body_id=sheet.body_id,
            account_id=actor.account_id,
            item=tap.item,
            value=written(asked, tap.value)
            if (asked := instrument.fields.get(tap.item))
            else tap.value,
            device=tap.device[:40],
            at=tap.at,
            received_at=clock.now(),
            replaces=list(tap.replaces),
        )
        for tap in fresh
    )
    now = merged(sheet)
    if late:
        change(assessment, late_answers=assessment.late_answers + len(fresh))
        tell(actor, "assessment.late_answers", assessment, sheet=sheet.pk, taps=len(fresh))
    elif fresh:
        _write(actor, assessment, sheet, now, min(tap.at for tap in fresh))
    return Saved(list(good), refused, now, late)


def _locked(actor: Actor, sheet_id: int) -> tuple[AssessorAnswers, Assessment]:
    require(actor, ASSESSMENT_DO)
    rows = AssessorAnswers.objects.filter(pk=sheet_id)
    if not actor.is_system:
        rows = rows.filter(account_id=actor.account)
    sheet = found_in(rows.select_related("assessment"))
    assessment = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("elder")
        .get(pk=sheet.assessment_id)
    )
    if assessment.stopped_at:
        raise Stopped
    sheet.refresh_from_db()  # as it is now that nobody else writes
    return sheet, assessment


def _wrong(instrument: Instrument, tap: NewTap) -> str | None:
    item, asked = instrument.items.get(tap.item), instrument.fields.get(tap.item)
    if tap.value is None and (item or asked):
        return None  # an answer taken back
    if item:
        return item_problem(item, tap.value)
    if asked:
        return field_problem(asked, tap.value)
    return "量表里没有这一项"


def _write(
    actor: Actor, assessment: Assessment, sheet: AssessorAnswers, now: Sheet, began: datetime
) -> None:
    answers = {item: value for item, value in now.answers.items() if value is not None}
    reopened = sheet.finished_at is not None and answers != sheet.answers
    sheet.answers, sheet.questions = answers, sorted(now.questions)
    sheet.started_at = min(sheet.started_at or began, began)
    if reopened:
        sheet.finished_at = sheet.total = sheet.level = sheet.during = None
    sheet.save()
    if assessment.state == State.BOOKED:
        move(assessment, State.UNDER_WAY, allowed={State.BOOKED}, started_at=began)
        tell(actor, "assessment.begun", assessment, at=began.isoformat())
        return
    if assessment.started_at and began < assessment.started_at:  # the earlier ones came later
        change(assessment, started_at=began)
    if reopened and assessment.state == State.DONE:
        move(assessment, State.UNDER_WAY, allowed={State.DONE}, done_at=None)
        tell(actor, "assessment.reopened", assessment, sheet=sheet.pk)


@transaction.atomic
def finish(actor: Actor, sheet_id: int, at: datetime | None = None) -> AssessorAnswers:
    """Hand in one assessor's sheet; ``at`` is the device's time. When all are in, they confer.

    Handing in again changes nothing. Raises NotFound, NotAllowed, Stopped, TooLate, Incomplete
    (naming each item).
    """
    sheet, assessment = _locked(actor, sheet_id)
    if not sheet.active:
        raise NotAllowed("这次评估已改派给别的评估员。")
    if sheet.finished_at:
        return sheet
    if assessment.state not in {State.UNDER_WAY, State.DONE}:
        raise TooLate
    instrument = instrument_of(assessment)
    found = [Problem(item, "两台设备填得不一样，请选一个") for item in sheet.questions]
    found += problems(instrument, sheet.answers) + unanswered(instrument, sheet.answers)
    if found:
        raise Incomplete(found)
    result = scored(instrument, sheet.answers)
    sheet.finished_at = max(at or clock.now(), sheet.started_at or clock.now())
    sheet.total, sheet.level = result.total, result.final_level
    sheet.save(update_fields=["finished_at", "total", "level"])
    tell(actor, "assessment.sheet_finished", assessment, sheet=sheet.pk)
    waiting = assessment.sheets.filter(active=True, finished_at=None).exists()
    if not waiting and assessment.state == State.UNDER_WAY:
        move(assessment, State.DONE, allowed={State.UNDER_WAY}, done_at=clock.now())
        tell(actor, "assessment.done", assessment)
    return sheet


__all__ = ["ImpossibleAnswers", "Incomplete", "NewTap", "Saved", "finish", "save_taps"]
