"""Who assesses, and when: a body by fair share, assessors without an interest, a booked time; or
those whom the manager of the body chooses.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, Q

from songbai.core import clock, scope
from songbai.core.accounts.actions import end_access
from songbai.core.accounts.models import Access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import Refused
from songbai.core.found import refusing
from songbai.core.regions.rules import inside
from songbai.core.sql import called
from songbai.core.waiting import wait_for
from songbai.domain.assessments.declares import ASSESSMENT_ASSIGN, ASSESSMENT_BOOK, ASSESSMENT_TEAM
from songbai.domain.assessments.models import Assessment, Assessor, AssessorAnswers, Body, Recusal
from songbai.domain.assessments.rules.instrument import load
from songbai.domain.assessments.rules.process import (
    AssessorLoad,
    BodyLoad,
    Conflict,
    State,
    choose_assessors,
    fair_order,
)
from songbai.domain.elders.models import Elder, Proxy

from .common import WHY, TooLate, let_in, lock, move, tell
from .requesting import release

#: A body that served an elder within this time has an interest.
SERVED_WITHIN = timedelta(days=365)
#: Shares are counted over this time.
SHARE_OVER = timedelta(days=365)
_FAIR_LOCK = 4_219_501  # one choice of a body at a time, so that shares stay fair


class NobodyFree(Refused):
    """现在没有符合条件的评估机构和评估员（要两位，其中一位有医护背景，且与老人没有利害关系）。请稍后再分派。"""


class InterestHeld(Refused):
    """这家机构或这位评估员不能评估这位老人。"""


class TimeTaken(Refused):
    """这个时间评估员已有别的安排。请换一个时间。"""

    field = "start"


def body_conflict(body: Body, elder: Elder, avoid: set[int]) -> Conflict | None:
    """Why a body may not judge this elder; ``avoid`` are bodies of a disputed result."""
    if body.pk in avoid:
        return Conflict.BEFORE
    since = clock.now() - SERVED_WITHIN
    serves = (
        body.serves_as
        and Access.objects.filter(
            person_id=elder.pk, organisation_id=body.serves_as, valid_until__gt=since
        ).exists()
    )
    return Conflict.SERVES if serves else None


def assessor_conflict(assessor: Assessor, elder: Elder, on: date) -> Conflict | None:
    """Why an assessor may not judge this elder."""
    if assessor.certificate_until < on:
        return Conflict.CERTIFICATE
    if Recusal.objects.filter(assessor=assessor, elder=elder).exists():
        return Conflict.DECLARED
    kin = (
        assessor.account_id
        and scope.visible(Proxy, SYSTEM)
        .filter(elder=elder, account_id=assessor.account_id)
        .exists()
    )
    return Conflict.KIN if kin else None


@transaction.atomic
def assign(actor: Actor, assessment_id: int, body_id: int | None = None) -> Assessment:
    """Give an accepted assessment to a body and two of its assessors.

    Without ``body_id`` the body with the smallest share for its size is taken. Raises NotFound,
    NotAllowed, TooLate, NobodyFree, InterestHeld (for a body that was named).
    """
    found = lock(actor, assessment_id, ASSESSMENT_ASSIGN)
    if found.state != State.ACCEPTED:
        raise TooLate
    called("pg_advisory_xact_lock", _FAIR_LOCK)
    avoid = disputed_bodies(found)
    for body in bodies_for(found, body_id):
        why = body_conflict(body, found.elder, avoid)
        if why and body_id:
            raise InterestHeld(f"{why}，不能由它评估。")
        team = None if why else _team(body, found)
        if team:
            _send(actor, found, body, team)
            return found
    raise NobodyFree


def disputed_bodies(assessment: Assessment) -> set[int]:
    """Bodies that judged, or reviewed, the result an appeal is about."""
    first = assessment.appeal_of
    if first is None:
        return set()
    reviewers = set(first.reviews.values_list("body_id", flat=True))
    return {first.body_id or 0} | reviewers


def bodies_for(assessment: Assessment, only: int | None = None) -> list[Body]:
    """Bodies of the elder's district that use the instrument, least used for their size first."""
    since = clock.now() - SHARE_OVER
    rows = Body.objects.filter(
        **inside(assessment.region_id[:6]),
        instruments__contains=[assessment.instrument],
        ended_on=None,
    ).annotate(given=Count("assessments", filter=Q(assessments__assigned_at__gte=since)))
    if only:
        rows = rows.filter(pk=only)
    known = {body.pk: body for body in rows}
    loads = [BodyLoad(body.pk, body.capacity, body.given) for body in known.values()]
    return [known[load.body] for load in fair_order(loads, str(assessment.key))]


def _team(body: Body, assessment: Assessment) -> list[Assessor] | None:
    waiting = Q(sheets__active=True, sheets__finished_at=None)
    staff = list(
        body.assessors.filter(left_on=None)
        .annotate(waiting=Count("sheets", filter=waiting))
        .order_by("id")
    )
    today = clock.today()
    free = [one for one in staff if assessor_conflict(one, assessment.elder, today) is None]
    process = load(assessment.instrument).process
    loads = {one: AssessorLoad(one.pk, one.medical, one.waiting) for one in free}
    # Who can log in can fill the form at once; the others only after an account was linked.
    linked = [one_load for one, one_load in loads.items() if one.account_id]
    chosen = choose_assessors(linked, process) or choose_assessors(list(loads.values()), process)
    by_id = {one.pk: one for one in free}
    return [by_id[pk] for pk in chosen] if chosen else None


def _send(actor: Actor, assessment: Assessment, body: Body, team: list[Assessor]) -> None:
    let_in(assessment, organisation_id=body.pk)
    _let_in(assessment, team)
    move(
        assessment,
        State.ASSIGNED,
        allowed={State.ACCEPTED},
        body_id=body.pk,
        assigned_at=clock.now(),
    )
    _give_sheets(assessment, body, team)
    tell(
        actor,
        "assessment.assigned",
        assessment,
        body=body.name,
        assessors=[one.name for one in team],
    )


def _give_sheets(
    assessment: Assessment, body: Body, team: list[Assessor], during: DateTimeTZRange | None = None
) -> None:
    AssessorAnswers.objects.bulk_create(
        AssessorAnswers(
            assessment=assessment,
            assessor=one,
            elder_id=assessment.elder_id,
            region_id=assessment.region_id,
            body=body,
            account_id=one.account_id,
            name=one.name,
            during=during,
        )
        for one in team
    )


@transaction.atomic
def unassign(actor: Actor, assessment_id: int, reason: str) -> Assessment:
    """Take an assessment back from its body before the visit.

    Raises NotFound, NotAllowed, TooLate.
    """
    found = lock(actor, assessment_id, ASSESSMENT_ASSIGN)
    if found.state == State.BOOKED:
        move(found, State.ASSIGNED, allowed={State.BOOKED})
    release(found)
    tell(actor, "assessment.unassigned", found, reason=reason.strip()[:120])
    move(found, State.ACCEPTED, allowed={State.ASSIGNED}, body_id=None, assigned_at=None)
    return found


def wait_for_assessors(assessor_ids: Iterable[int]) -> None:
    """One booking of an assessor at a time: two at once would wait for each other for ever."""
    wait_for(f"assessor:{one}" for one in assessor_ids)


@transaction.atomic
def book(actor: Actor, assessment_id: int, start: datetime, minutes: int = 90) -> Assessment:
    """Agree on a time; booking again moves it. Both assessors must be free.

    Raises NotFound, NotAllowed, TooLate, TimeTaken, Refused for a time that has passed.
    """
    found = lock(actor, assessment_id, ASSESSMENT_BOOK)
    if start <= clock.now():
        raise Refused("这个时间已经过了。请选晚一点的时间。", field="start")
    if not 15 <= minutes <= 240:
        raise Refused("评估时间在 15 到 240 分钟之间。", field="minutes")
    again = found.state == State.BOOKED
    if not again:
        move(found, State.BOOKED, allowed={State.ASSIGNED})
    span = DateTimeTZRange(start, start + timedelta(minutes=minutes))
    with refusing(TimeTaken):
        sheets = found.sheets.filter(active=True)
        wait_for_assessors(sheets.values_list("assessor_id", flat=True))
        sheets.update(during=span)
    tell(actor, "assessment.booked", found, start=start.isoformat(), moved=again)
    return found


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
    team = _chosen(found, found.body, assessor_ids)
    before = list(found.sheets.filter(active=True).order_by("id"))
    staying = {sheet.assessor_id for sheet in before}
    chosen = {one.pk for one in team}
    found.sheets.filter(active=True).exclude(assessor_id__in=chosen).update(active=False)
    during = next((sheet.during for sheet in before if sheet.during), None)
    with refusing(TimeTaken):
        wait_for_assessors(one.pk for one in team)
        _give_sheets(found, found.body, [one for one in team if one.pk not in staying], during)
    _let_in(found, team)
    for sheet in before:
        if sheet.assessor_id not in chosen and sheet.account_id:
            end_access(person_id=found.elder_id, why=WHY, account_id=sheet.account_id)
    tell(actor, "assessment.team_chosen", found, assessors=[one.name for one in team])
    return list(found.sheets.filter(active=True).order_by("id"))


def _chosen(assessment: Assessment, body: Body, assessor_ids: Sequence[int]) -> list[Assessor]:
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
            let_in(assessment, account_id=one.account_id)
