"""What is said from the door when a visit cannot go on as planned."""

import uuid
from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, publish, require
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.orders.actions import lock
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.declares import VISIT_DO, VISIT_LOOK

from .. import rules
from ..errors import NotDueYet, WhereMissing
from ..models import Report, Visit
from ..queries import is_away, reports
from ..rules import Trouble, Where


@transaction.atomic
def report(
    actor: Actor,
    assignment_id: int,
    kind: Trouble,
    *,
    record: uuid.UUID,
    note: str = "",
    where: Where | None = None,
) -> Report:
    """Say from the door that nobody opens, or that the elder is unwell; once said stays said.

    Who is not awaited yet, or at another's, says where she knows it from.
    The desk has it to see to, the family is told, and the visit's money is held until somebody has
    looked. Steps wait while somebody is unwell. That nobody opens is taken only when somebody is
    awaited. Raises NotFound, NotAllowed, NotDueYet, WhereMissing, TooLate.
    """
    require(actor, VISIT_DO)
    assignment = found_in(visible_assignments(actor).filter(pk=assignment_id))
    when = assignment.starts_at.astimezone(clock.SHANGHAI).date()
    if when > clock.today():
        raise NotDueYet("还没到上门的日子。有事请打给机构，或打 12349。")
    if kind is Trouble.NO_ANSWER and not rules.is_awaited(assignment.starts_at, clock.now()):
        raise NotDueYet(
            f"约的是 {clock.shown(assignment.starts_at)}，"
            f"提前 {rules.EARLY.seconds // 60} 分钟以内才能报。先打电话问老人，到时间再报。"
        )
    order = lock(assignment.order_id)
    visit = Visit.objects.filter(assignment=assignment).first()
    said = open_report(assignment, kind)
    if said is not None:
        return said
    if kind is Trouble.NO_ANSWER and visit is not None:
        raise TooLate("已经签到了，不能再报没人开门。老人不舒服请报“老人不舒服”。")
    if when < clock.today() or order.state not in {OrderState.ASSIGNED, OrderState.IN_SERVICE}:
        raise TooLate("这一单已经结束或取消了。有事请打给机构，或打 12349。")
    if where is None and visit is None and kind is Trouble.UNWELL and is_away(assignment):
        raise WhereMissing
    return enter_report(actor, assignment, kind, note.strip(), record, where or Where.DOOR)


def open_report(assignment: Assignment, kind: Trouble) -> Report | None:
    """What was reported of a kind and nobody has seen to."""
    return Report.objects.filter(assignment=assignment, kind=kind, seen_at=None).first()


def enter_report(
    actor: Actor,
    assignment: Assignment,
    kind: Trouble,
    note: str,
    record: uuid.UUID,
    where: Where = Where.DOOR,
) -> Report:
    """Write down what is said from a door, and tell desk and family."""
    said = Report.objects.create(
        record=record,
        assignment=assignment,
        order_id=assignment.order_id,
        elder_id=assignment.elder_id,
        region_id=assignment.region_id,
        provider_id=assignment.provider_id,
        kind=kind,
        where=where,
        note=note[:120],
        at=clock.now(),
    )
    _tell_report(actor, "visit.reported", said, note=said.note)
    return said


@transaction.atomic
def see_to(actor: Actor, report_id: int, outcome: str) -> Report:
    """Say what became of a report; the family reads it, and steps may go on.

    Raises NotFound, NotAllowed, ReasonMissing, TooLate.
    """
    require(actor, VISIT_LOOK)
    found = found_in(reports(actor).filter(pk=report_id))
    require(actor, VISIT_LOOK, Reach(found.region_id))
    reason_in(outcome, "请写明怎么处理的，至少 4 个字，家里会看到。", field="outcome")
    return close_report(actor, found, outcome.strip()[:120])


def door_opened(actor: Actor, assignment: Assignment) -> None:
    """Who has checked in at the door and by its code need not be waited for any more."""
    waiting = assignment.reports.filter(kind=Trouble.NO_ANSWER, seen_at=None)
    for said in waiting.select_related("assignment"):
        close_report(actor, said, "门开了，护理员签到了")


def close_report(actor: Actor, found: Report, outcome: str) -> Report:
    """Say what became of a report. Raises TooLate."""
    changes = {"seen_at": clock.now(), "seen_by": actor.name, "outcome": outcome}
    if Report.objects.filter(pk=found.pk, seen_at=None).update(**changes) != 1:
        raise TooLate("已经有人处理过了。请刷新看最新的。")
    for name, value in changes.items():
        setattr(found, name, value)
    _tell_report(actor, "visit.report_seen", found, outcome=outcome)
    return found


def _tell_report(actor: Actor, kind: str, said: Report, **payload: Any) -> None:
    account = said.assignment.account_id
    publish(
        kind,
        actor,
        subject=("order", said.order_id),
        region=said.region_id,
        person_id=said.elder_id,
        organisation_id=said.provider_id,
        topics=(f"account:{account}",) if account else (),
        trouble=said.kind,
        where=said.where,
        caregiver=said.assignment.staff_name,
        **payload,
    )
