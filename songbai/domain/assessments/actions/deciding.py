"""From two sheets to one result that stands: conferring, signing, review, publicity, notice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.rules import SYSTEM, Act, Actor
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.domain.assessments.models import (
    Appeal,
    Assessment,
    Assessor,
    AssessorAnswers,
    Notice,
    Review,
    Signature,
)
from songbai.domain.assessments.queries import (
    disagreements,
    events_of,
    instrument_of,
    result_of,
)
from songbai.domain.assessments.rules.answers import Problem
from songbai.domain.assessments.rules.due import due, valid_until
from songbai.domain.assessments.rules.letter import letter
from songbai.domain.assessments.rules.process import State, drawn
from songbai.domain.assessments.rules.scoring import score
from songbai.domain.assessments.rules.stored import encode
from songbai.domain.elders.actions.facts import NewFact, record_facts

from .assigning import assessor_conflict, bodies_for, body_conflict
from .common import ACCESS, WHY, TooLate, change, lock, move, tell


class StillDifferent(Refused):
    """两位评估员还有不一致的项目没有商定。"""

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        super().__init__(f"还有 {len(found)} 项没有商定：{'、'.join(p.item for p in found)}")


@transaction.atomic
def reconcile(actor: Actor, assessment_id: int, agreed: Mapping[str, Any]) -> Assessment:
    """Settle the items on which the assessors differ; all others are as both found them.

    Both sheets stay as they are; what was agreed is published beside them. Raises NotFound,
    NotAllowed, TooLate, StillDifferent, ImpossibleAnswers.
    """
    found = lock(actor, assessment_id, Act.ASSESSMENT_DO)
    if found.state != State.DONE:
        raise TooLate
    apart = {one.code: one.values for one in disagreements(found)}
    missing = [Problem(code, "还没有商定") for code in apart if code not in agreed]
    if missing:
        raise StillDifferent(missing)
    extra = [code for code in agreed if code not in apart]
    if extra:
        raise Refused(f"这些项目两位评估员填得一样，不能改：{'、'.join(extra)}")
    sheet = found.sheets.filter(active=True).order_by("id").first()
    if sheet is None:
        raise TooLate
    _agree(found, {**sheet.answers, **agreed})
    told = {code: {"found": list(values), "agreed": agreed[code]} for code, values in apart.items()}
    tell(actor, "reconciled", found, differences=told)
    return found


def _agree(assessment: Assessment, answers: Mapping[str, Any]) -> None:
    instrument = instrument_of(assessment)
    kept = {code: value for code, value in answers.items() if value is not None}
    result, stored = score(instrument, kept), encode(instrument, kept)
    move(
        assessment,
        State.RECONCILED,
        allowed={State.DONE},
        choices=list(stored.choices),
        background=stored.background,
        scores=result.scores,
        total=result.total,
        initial_level=result.initial_level,
        changes=[dataclasses.asdict(change_) for change_ in result.changes],
        final_level=result.final_level,
        verified=result.verified,
    )


@transaction.atomic
def sign(
    actor: Actor, assessment_id: int, *, name: str, relation: str, mark: str = ""
) -> Assessment:
    """Who gave the information signs, and with them the assessors. ``mark`` is the drawn line.

    Raises NotFound, NotAllowed, TooLate, Refused without name or relation.
    """
    found = lock(actor, assessment_id, Act.ASSESSMENT_DO)
    if not name.strip() or not relation.strip():
        raise Refused("请填信息提供者的姓名和与老人的关系。", field="name")
    if len(mark) > 40_000:
        raise Refused("签名太大了，请重新签。", field="mark")
    move(found, State.SIGNED, allowed={State.RECONCILED})
    base = {
        "assessment": found,
        "elder_id": found.elder_id,
        "region_id": found.region_id,
        "body_id": found.body_id,
    }
    sheets = found.sheets.filter(active=True).order_by("id")
    Signature.objects.bulk_create(
        [
            Signature(
                **base,
                kind="information_provider",
                name=name.strip()[:40],
                relation=relation.strip()[:20],
                mark=mark,
                at=clock.now(),
            ),
            *(
                Signature(
                    **base,
                    kind="assessor",
                    name=sheet.name,
                    account_id=sheet.account_id,
                    at=sheet.finished_at or clock.now(),
                )
                for sheet in sheets
            ),
        ]
    )
    tell(actor, "signed", found)
    return found


@transaction.atomic
def advance(actor: Actor, assessment_id: int) -> Assessment:
    """Take a signed assessment on: into the sample for review, into publicity, or to its result.

    The draw is by the assessment's own key and is recorded. Appeals are not reviewed again.
    Raises NotFound, NotAllowed, TooLate.
    """
    found = lock(actor, assessment_id, Act.ASSESSMENT_CONCLUDE)
    if found.state != State.SIGNED:
        raise TooLate
    process = instrument_of(found).process
    if found.appeal_of_id is None and found.review_drawn is None:
        hit = drawn(str(found.key), found.pk, process.review_percent)
        change(found, review_seed=str(found.key), review_drawn=hit)
        if hit and _ask_review(actor, found):
            return found
    _publicise_or_conclude(actor, found)
    return found


def _ask_review(actor: Actor, assessment: Assessment) -> bool:
    for body in bodies_for(assessment):
        if body.pk == assessment.body_id or body_conflict(body, assessment.elder, set()):
            continue
        for assessor in body.assessors.filter(left_on=None).order_by("-medical", "id"):
            if assessor_conflict(assessor, assessment.elder, clock.today()) is None:
                _give_review(actor, assessment, assessor)
                return True
    return False  # no second body here: the assessment goes on, drawn and not reviewed


def _give_review(actor: Actor, assessment: Assessment, assessor: Assessor) -> None:
    move(assessment, State.IN_REVIEW, allowed={State.SIGNED})
    Review.objects.create(
        assessment=assessment,
        elder_id=assessment.elder_id,
        region_id=assessment.region_id,
        body_id=assessor.body_id,
        assessor=assessor,
        asked_at=clock.now(),
    )
    if assessor.account_id:
        grant_access(
            person_id=assessment.elder_id,
            region=assessment.region_id,
            why=WHY,
            until=clock.now() + ACCESS,
            account_id=assessor.account_id,
        )
    tell(actor, "drawn_for_review", assessment, body=assessor.body_id)


@transaction.atomic
def review(
    actor: Actor, assessment_id: int, *, agrees: bool, doubted: tuple[str, ...] = (), note: str = ""
) -> Assessment:
    """The second body's word: it stands, or goes back to the assessors with the doubted items.

    Raises NotFound, NotAllowed, TooLate, Refused for a doubt without items or note.
    """
    found = lock(actor, assessment_id, Act.ASSESSMENT_REVIEW)
    asked = (
        Review.objects.select_for_update(of=("self",))
        .filter(assessment=found, done_at=None)
        .select_related("assessor")
        .first()
    )
    if asked is None or found.state != State.IN_REVIEW:
        raise TooLate
    if not actor.is_system and (
        asked.assessor is None or asked.assessor.account_id != actor.account_id
    ):
        raise NotAllowed
    known = instrument_of(found)
    if not agrees and (not doubted or len(note.strip()) < 4):
        raise Refused("请选有疑问的项目，并写明理由（至少 4 个字）。", field="note")
    if any(code not in known.items and code not in known.fields for code in doubted):
        raise NotFound
    asked.done_at, asked.agrees = clock.now(), agrees
    asked.doubted, asked.note = list(doubted), note.strip()[:300]
    asked.save(update_fields=["done_at", "agrees", "doubted", "note"])
    tell(actor, "reviewed", found, agrees=agrees, doubted=list(doubted))
    if agrees:
        _publicise_or_conclude(actor, found)
    else:
        move(found, State.DONE, allowed={State.IN_REVIEW})
        AssessorAnswers.objects.filter(assessment=found, active=True).update(
            finished_at=None, during=None
        )
        move(found, State.UNDER_WAY, allowed={State.DONE}, done_at=None)
    return found


def _publicise_or_conclude(actor: Actor, assessment: Assessment) -> None:
    days = instrument_of(assessment).process.publicity_days
    if not days:
        conclude(actor, assessment)
        return
    until = clock.today() + timedelta(days=days)
    before = {State.SIGNED, State.IN_REVIEW}
    move(assessment, State.PUBLICISED, allowed=before, publicity_until=until)
    tell(actor, "publicised", assessment, until=str(until))


def conclude(actor: Actor, assessment: Assessment) -> None:
    """Let a result stand: validity, notice, the register's fact, the event others wait for.

    Called on a locked assessment by the acts that lead here. Raises TooLate.
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
        "concluded",
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
    tell(actor, "appeal_decided", first, upheld=upheld, second=second.pk)


@transaction.atomic
def end_publicity(actor: Actor, assessment_id: int) -> Assessment:
    """After the days of publicity without objection the result stands.

    Raises NotFound, NotAllowed, TooLate (also before the last day has passed).
    """
    found = lock(actor, assessment_id, Act.ASSESSMENT_CONCLUDE)
    if found.publicity_until is None or clock.today() <= found.publicity_until:
        raise TooLate
    conclude(actor, found)
    return found


@transaction.atomic
def make_final(actor: Actor, assessment_id: int) -> Assessment:
    """After the days to appeal the result is final. Raises NotFound, NotAllowed, TooLate."""
    found = lock(actor, assessment_id, Act.ASSESSMENT_CONCLUDE)
    if found.appeal_until and clock.today() <= found.appeal_until:
        raise TooLate
    move(found, State.FINAL, allowed={State.NOTICED}, final_at=clock.now())
    tell(actor, "final", found)
    return found
