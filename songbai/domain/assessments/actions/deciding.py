"""From two sheets to one result that stands: conferring, signing, the days that must pass."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.domain.assessments.declares import ASSESSMENT_CONCLUDE, ASSESSMENT_DO
from songbai.domain.assessments.models import Assessment, Signature
from songbai.domain.assessments.queries import disagreements, instrument_of
from songbai.domain.assessments.rules.answers import Problem, encode
from songbai.domain.assessments.rules.process import State, drawn
from songbai.domain.assessments.rules.scoring import score

from .common import TooLate, change, lock, move, tell
from .concluding import conclude, publicise_or_conclude
from .reviewing import ask_review


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
    found = lock(actor, assessment_id, ASSESSMENT_DO)
    if found.state != State.DONE:
        raise TooLate
    apart = {one.code: one.values for one in disagreements(found)}
    missing = [Problem(code, "还没有商定") for code in apart if code not in agreed]
    if missing:
        raise StillDifferent(missing)
    extra = [code for code in agreed if code not in apart]
    if extra:
        raise Refused(f"这些项目两位评估员填得一样，不能改：{'、'.join(extra)}")
    sheet = found_in(found.sheets.filter(active=True).order_by("id"), TooLate)
    _agree(found, {**sheet.answers, **agreed})
    told = {code: {"found": list(values), "agreed": agreed[code]} for code, values in apart.items()}
    tell(actor, "assessment.reconciled", found, differences=told)
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
    found = lock(actor, assessment_id, ASSESSMENT_DO)
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
    tell(actor, "assessment.signed", found)
    return found


@transaction.atomic
def advance(actor: Actor, assessment_id: int) -> Assessment:
    """Take a signed assessment on: into the sample for review, into publicity, or to its result.

    The draw is by the assessment's own key and is recorded. Appeals are not reviewed again.
    Raises NotFound, NotAllowed, TooLate.
    """
    found = lock(actor, assessment_id, ASSESSMENT_CONCLUDE)
    if found.state != State.SIGNED:
        raise TooLate
    process = instrument_of(found).process
    if found.appeal_of_id is None and found.review_drawn is None:
        hit = drawn(str(found.key), found.pk, process.review_percent)
        change(found, review_seed=str(found.key), review_drawn=hit)
        if hit and ask_review(actor, found):
            return found
    publicise_or_conclude(actor, found)
    return found


@transaction.atomic
def end_publicity(actor: Actor, assessment_id: int) -> Assessment:
    """After the days of publicity without objection the result stands.

    Raises NotFound, NotAllowed, TooLate (also before the last day has passed).
    """
    found = lock(actor, assessment_id, ASSESSMENT_CONCLUDE)
    if found.publicity_until is None or clock.today() <= found.publicity_until:
        raise TooLate
    conclude(actor, found)
    return found


@transaction.atomic
def make_final(actor: Actor, assessment_id: int) -> Assessment:
    """After the days to appeal the result is final. Raises NotFound, NotAllowed, TooLate."""
    found = lock(actor, assessment_id, ASSESSMENT_CONCLUDE)
    if found.appeal_until and clock.today() <= found.appeal_until:
        raise TooLate
    move(found, State.FINAL, allowed={State.NOTICED}, final_at=clock.now())
    tell(actor, "assessment.final", found)
    return found
