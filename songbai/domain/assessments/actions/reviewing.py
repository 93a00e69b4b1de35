"""A second body looks at a random sample: who, what they say, and somebody else in their place."""

from collections import Counter
from collections.abc import Iterator

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.actions import end_access
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.reasons import ReasonMissing, too_short
from songbai.domain.assessments.declares import ASSESSMENT_CONCLUDE, ASSESSMENT_REVIEW
from songbai.domain.assessments.models import Assessment, Assessor, AssessorAnswers, Review
from songbai.domain.assessments.queries import instrument_of
from songbai.domain.assessments.rules.process import State

from .assigning import assessor_conflict, bodies_for, body_conflict
from .common import WHY, TooLate, let_in, lock, move, tell
from .concluding import publicise_or_conclude


class NoReviewer(Refused):
    """现在没有另一家机构的评估员可以复核（要有登录账号，证书有效，与老人没有利害关系）。"""


def reviewers(assessment: Assessment) -> Iterator[Assessor]:
    """Assessors of other bodies who can log in and have no interest, the least burdened first."""
    today = clock.today()
    for body in bodies_for(assessment):
        if body.pk == assessment.body_id or body_conflict(body, assessment.elder, set()):
            continue
        open_ = Review.objects.filter(body=body, done_at=None).values_list("assessor_id", flat=True)
        waiting = Counter(open_)
        staff = body.assessors.filter(left_on=None, account__isnull=False)
        for one in sorted(staff, key=lambda one: (waiting[one.pk], not one.medical, one.pk)):
            if assessor_conflict(one, assessment.elder, today) is None:
                yield one


def ask_review(actor: Actor, assessment: Assessment) -> bool:
    """Give a signed assessment to somebody of a second body; False where there is nobody."""
    one = next(reviewers(assessment), None)
    if one is None:
        return False  # the assessment goes on, drawn and not reviewed
    move(assessment, State.IN_REVIEW, allowed={State.SIGNED})
    Review.objects.create(
        assessment=assessment,
        elder_id=assessment.elder_id,
        region_id=assessment.region_id,
        body_id=one.body_id,
        assessor=one,
        asked_at=clock.now(),
    )
    _let_in(actor, assessment, one)
    return True


def _let_in(actor: Actor, assessment: Assessment, assessor: Assessor) -> None:
    let_in(assessment, account_id=assessor.account_id)
    tell(actor, "assessment.drawn_for_review", assessment, body=assessor.body_id)


@transaction.atomic
def change_reviewer(actor: Actor, assessment_id: int) -> Assessment:
    """Give a review that waits to somebody else (illness, left the body).

    Raises NotFound, NotAllowed, TooLate, NoReviewer.
    """
    found = lock(actor, assessment_id, ASSESSMENT_CONCLUDE)
    asked = _open_review(found)
    other = next((one for one in reviewers(found) if one.pk != asked.assessor_id), None)
    if other is None:
        raise NoReviewer
    if asked.assessor and asked.assessor.account_id:
        end_access(person_id=found.elder_id, why=WHY, account_id=asked.assessor.account_id)
    asked.assessor, asked.body_id = other, other.body_id
    asked.save(update_fields=["assessor", "body"])
    _let_in(actor, found, other)
    return found


def _open_review(assessment: Assessment) -> Review:
    asked = (
        Review.objects.select_for_update(of=("self",))
        .filter(assessment=assessment, done_at=None)
        .select_related("assessor")
        .first()
    )
    if asked is None or assessment.state != State.IN_REVIEW:
        raise TooLate
    return asked


@transaction.atomic
def review(
    actor: Actor, assessment_id: int, *, agrees: bool, doubted: tuple[str, ...] = (), note: str = ""
) -> Assessment:
    """The second body's word: it stands, or goes back to the assessors with the doubted items.

    Raises NotFound, NotAllowed, TooLate, Refused for a doubt without items or note.
    """
    found = lock(actor, assessment_id, ASSESSMENT_REVIEW)
    asked = _open_review(found)
    if not actor.is_system and (
        asked.assessor is None or asked.assessor.account_id != actor.account_id
    ):
        raise NotAllowed
    known = instrument_of(found)
    if not agrees and (not doubted or too_short(note)):
        raise ReasonMissing("请选有疑问的项目，并写明理由（至少 4 个字）。", field="note")
    if any(code not in known.items and code not in known.fields for code in doubted):
        raise NotFound
    asked.done_at, asked.agrees = clock.now(), agrees
    asked.doubted, asked.note = list(doubted), note.strip()[:300]
    asked.save(update_fields=["done_at", "agrees", "doubted", "note"])
    tell(actor, "assessment.reviewed", found, agrees=agrees, doubted=list(doubted))
    if agrees:
        publicise_or_conclude(actor, found)
    else:
        move(found, State.DONE, allowed={State.IN_REVIEW})
        AssessorAnswers.objects.filter(assessment=found, active=True).update(
            finished_at=None, during=None
        )
        move(found, State.UNDER_WAY, allowed={State.DONE}, done_at=None)
    return found
