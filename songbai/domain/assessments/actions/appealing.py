"""Not accepting a result: another body assesses again."""

import uuid

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.reasons import reason_in
from songbai.domain.assessments.declares import ASSESSMENT_APPEAL, ASSESSMENT_READ
from songbai.domain.assessments.models import Appeal, Assessment, Notice
from songbai.domain.assessments.rules.process import Channel, State

from .common import TooLate, lock, move, tell


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
