"""The manager of a body chooses who goes."""

from collections.abc import Sequence

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.actions import end_access, grant_access
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.core.found import refusing
from songbai.domain.assessments.declares import ASSESSMENT_TEAM
from songbai.domain.assessments.models import Assessment, Assessor, AssessorAnswers, Body
from songbai.domain.assessments.rules.loading import load
from songbai.domain.assessments.rules.process import State

from .assigning import InterestHeld, TimeTaken, assessor_conflict, wait_for_assessors
from .common import ACCESS, WHY, TooLate, lock, tell


class WrongTeam(Refused):
    """人数或资格不对。"""

    field = "team"


@transaction.atomic
def choose_team(
    actor: Actor, assessment_id: int, assessor_ids: Sequence[int]
) -> list[AssessorAnswers]:
    """Send these assessors of the body, in the place of those who were sent; the time stays.

    Before the first answer only. Raises NotFound, NotAllowed, Stopped, TooLate, WrongTeam,
    InterestHeld, TimeTaken.
    """
    found = lock(actor, assessment_id, ASSESSMENT_TEAM)
    if found.state not in {State.ASSIGNED, State.BOOKED} or found.body is None:
        raise TooLate
    team = _team(found, found.body, assessor_ids)
    before = list(found.sheets.filter(active=True).order_by("id"))
    staying = {sheet.assessor_id for sheet in before}
    chosen = {one.pk for one in team}
    found.sheets.filter(active=True).exclude(assessor_id__in=chosen).update(active=False)
    during = next((sheet.during for sheet in before if sheet.during), None)
    with refusing(TimeTaken):
        wait_for_assessors(one.pk for one in team)
        AssessorAnswers.objects.bulk_create(
            AssessorAnswers(
                assessment=found,
                assessor=one,
                elder_id=found.elder_id,
                region_id=found.region_id,
                body=found.body,
                account_id=one.account_id,
                name=one.name,
                during=during,
            )
            for one in team
            if one.pk not in staying
        )
    _let_in(found, team)
    for sheet in before:
        if sheet.assessor_id not in chosen and sheet.account_id:
            end_access(person_id=found.elder_id, why=WHY, account_id=sheet.account_id)
    tell(actor, "assessment.team_chosen", found, assessors=[one.name for one in team])
    return list(found.sheets.filter(active=True).order_by("id"))


def _team(assessment: Assessment, body: Body, assessor_ids: Sequence[int]) -> list[Assessor]:
    """The assessors, if they are enough, qualified and without an interest."""
    process, today = load(assessment.instrument).process, clock.today()
    team = list(
        Assessor.objects.filter(pk__in=set(assessor_ids), body=body, left_on=None).order_by(
            "-medical", "id"
        )
    )
    if len(team) != process.assessors or len(set(assessor_ids)) != process.assessors:
        raise WrongTeam(f"要选 {process.assessors} 位本机构的评估员。")
    if sum(one.medical for one in team) < process.medical_at_least:
        raise WrongTeam(f"至少要有 {process.medical_at_least} 位有医护背景。")
    for one in team:
        why = assessor_conflict(one, assessment.elder, today)
        if why:
            raise InterestHeld(f"{one.name}：{why}，不能评估这位老人。", field="team")
    return team


def _let_in(assessment: Assessment, team: list[Assessor]) -> None:
    for one in team:
        if one.account_id:
            grant_access(
                person_id=assessment.elder_id,
                region=assessment.region_id,
                why=WHY,
                until=clock.now() + ACCESS,
                account_id=one.account_id,
            )
