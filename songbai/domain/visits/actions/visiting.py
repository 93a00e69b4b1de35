"""Checking in, recording, checking out. A record carries its own id and may come twice or late."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, publish, require
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.core.geo import Place, distance_km
from songbai.core.reasons import reason_in, too_short
from songbai.core.waiting import wait_for
from songbai.domain.catalogue import measures
from songbai.domain.catalogue.rules import Step
from songbai.domain.dispatch.actions import note_begun, note_ended, note_not_given
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import visible as visible_assignments
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import home_of
from songbai.domain.elders.rules import door
from songbai.domain.orders.actions import (
    hold_back,
    lock,
    mark_in_service,
    mark_served,
    note_looked_at,
)
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import ends_away
from songbai.domain.orders.queries import get as get_order
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.declares import VISIT_DO, VISIT_LOOK

from .. import rules
from ..errors import ImpossibleValue, NotDueYet, ReasonNeeded, StillElsewhere, WrongElder
from ..models import Visit, VisitStep
from ..queries import asked_steps, get, is_unwell, overlap_of, still_at, troubles_of
from ..rules import HOLDS_MONEY, NEEDS_REASON, Doubt, Trouble, VisitState
from .reporting import close_report, door_opened, enter_report, open_report


@dataclass(frozen=True)
class Scan:
    """What a phone sends: the record's own id, the scanned text, position and its own time."""

    record: uuid.UUID
    code: str = ""
    place: Place | None = None
    device_time: datetime | None = None
    reason: str = ""


def check_in(actor: Actor, assignment_id: int, scan: Scan) -> Visit:
    """Begin a visit; a second call for the same assignment returns the visit as it is.

    Who has another visit of the day open ends that first, or says why not.
    Raises NotFound, NotAllowed, WrongElder, ReasonNeeded, StillElsewhere, NotDueYet, TooLate.
    """
    require(actor, VISIT_DO)
    mine = visible_assignments(actor).select_related("elder", "staff", "order")
    assignment = found_in(mine.filter(pk=assignment_id))
    begun = Visit.objects.filter(assignment=assignment).first()
    if begun:
        return begun
    received = clock.now()
    happened = rules.record_time(scan.device_time, received)
    day = assignment.starts_at.astimezone(clock.SHANGHAI).date()
    if happened.astimezone(clock.SHANGHAI).date() < day:
        raise NotDueYet
    metres = _metres(home_of(assignment.elder), scan)
    scanned, planned = _matches(assignment.elder, scan.code), assignment.starts_at
    doubts = rules.doubts_coming(
        metres, planned, happened, scan.device_time, received, scanned=scanned
    )
    _demand_reason(doubts, scan, metres)
    try:
        with transaction.atomic():
            # One door at a time: of two check-ins at once the second waits here and is asked.
            wait_for([f"at the door:{assignment.staff_id}"])
            order = lock(assignment.order_id)
            begun = Visit.objects.filter(assignment=assignment).first()
            if begun:
                return begun
            stands = visible_assignments(actor).filter(pk=assignment.pk).exists()
            waiting = order.state == OrderState.ASSIGNED
            joins = order.caregivers > 1 and order.state == OrderState.IN_SERVICE
            if not (waiting or joins) or not stands:
                raise TooLate("这一单已经取消或改派了，不用上门。请看最新路线。")
            doubts += _elsewhere(assignment, happened, scan)
            visit = visit_of(assignment, scan, metres, happened, received, doubts)
            visit.save(force_insert=True)
            note_begun(assignment, happened)
            if waiting:
                mark_in_service(actor, order)
            _tell(actor, "visit.checked_in", visit, doubts)
            if not NEEDS_REASON & {*doubts}:
                door_opened(actor, assignment)
            return visit
    except IntegrityError:
        begun = Visit.objects.filter(assignment=assignment).first()
        if begun is None:
            raise
        return begun


@transaction.atomic
def record_step(
    actor: Actor, visit_id: int, code: str, *, done: bool, value: str = ""
) -> VisitStep:
    """Tick (or untick) a step of the standard, with its measured value.

    A dangerous value is kept and reported to desk and family; it leaves the step undone, and the
    others wait until it was measured again, save what else is measured of somebody who may be ill.
    Raises NotFound, NotAllowed, TooLate, ImpossibleValue,
    Refused for a step the item does not have.
    """
    require(actor, VISIT_DO)
    visit = get(actor, visit_id, for_update=True)
    if visit.state != VisitState.SERVING:
        raise TooLate("已经签退，记录不能再改。要更正请联系机构。")
    if is_unwell(visit.assignment):
        raise TooLate("您报了老人不舒服，先停下来。调度问过以后才能接着做；要走就签退，写明原因。")
    steps = {step.code: step for step in asked_steps(visit)}
    asked = steps.get(code)
    if asked is None:
        raise Refused("这项服务没有这个步骤。请刷新页面。")
    standing = [one for one in _dangers(visit, steps) if one.code != code]
    if done and standing and not measures.example(asked.measure or ""):
        raise TooLate(f"“{standing[0].name}”量到的数还不对，先照着做，再量一次，才能接着做别的。")
    reading = measures.read(asked.measure, value) if done and asked.measure else None
    if reading and reading.problem:
        raise ImpossibleValue(reading.problem)
    step, _ = VisitStep.objects.update_or_create(
        visit=visit,
        code=code,
        defaults={
            "elder_id": visit.elder_id,
            "region_id": visit.region_id,
            "provider_id": visit.provider_id,
            "name": asked.name,
            "value": (reading.text if reading else value.strip())[:60],
            "done": done and not (reading and reading.danger),
            "at": clock.now(),
        },
    )
    _watch(actor, visit, reading.danger if reading else "", _dangers(visit, steps))
    return step


def _dangers(visit: Visit, steps: Mapping[str, Step]) -> list[VisitStep]:
    """Steps that a dangerous value left undone."""
    undone = visit.steps.filter(done=False).exclude(value="")
    asked = ((steps.get(one.code), one) for one in undone)
    return [one for step, one in asked if step and measures.read(step.measure, one.value).danger]


def _watch(actor: Actor, visit: Visit, danger: str, standing: Sequence[VisitStep]) -> None:
    """Report what was measured; once no dangerous value stands the report is seen to."""
    said = open_report(visit.assignment, Trouble.DANGER)
    if danger and said is None:
        measured = danger.split("，")[0]
        enter_report(actor, visit.assignment, Trouble.DANGER, measured, uuid.uuid4())
    elif said is not None and not standing:
        close_report(actor, said, "护理员照着做了，又量了一次，现在没有危险的数")


@transaction.atomic
def check_out(actor: Actor, visit_id: int, scan: Scan) -> Visit:
    """End a visit, at the home or, when the elder is not brought back, at the destination.

    A second call returns it as it is. Raises NotFound, NotAllowed, WrongElder, ReasonNeeded.
    """
    require(actor, VISIT_DO)
    visit = get(actor, visit_id, for_update=True)
    if visit.state == VisitState.CHECKED_OUT:
        return visit
    received = clock.now()
    happened = max(rules.record_time(scan.device_time, received), visit.in_at)
    metres = _metres(ends_away(visit.order) or home_of(visit.elder), scan)
    done = set(visit.steps.filter(done=True).values_list("code", flat=True))
    missing = [step.name for step in asked_steps(visit) if step.required and step.code not in done]
    stayed = rules.stay((visit.in_at, visit.in_received), (happened, received), visit.order.minutes)
    doubts = rules.doubts_leaving(
        metres,
        stayed,
        missing,
        scan.device_time,
        received,
        scanned=_matches(visit.elder, scan.code),
        returns=visit.order.returns,
    )
    doubts += troubles_of(visit.assignment) + overlap_of(visit, happened)
    _demand_reason(doubts, scan, metres, missing, stayed.minutes)
    order = lock(visit.order_id)
    changes = changes_of(visit, scan, metres, happened, received, doubts)
    Visit.objects.filter(pk=visit.pk, state=VisitState.SERVING).update(**changes)
    for name, value in changes.items():
        setattr(visit, name, value)
    note_ended(visit.assignment_id, happened)
    if not Visit.objects.filter(order=order, state=VisitState.SERVING).exists():
        # Of two who came together the last one out; a doubt about either holds the money.
        came = Visit.objects.filter(order=order, state=VisitState.CHECKED_OUT)
        found = came.values_list("doubts", flat=True)
        mark_served(actor, order, doubtful=any(HOLDS_MONEY & {*said} for said in found))
    _tell(actor, "visit.checked_out", visit, doubts)
    return visit


@transaction.atomic
def look(actor: Actor, order_id: int, *, given: bool, reason: str) -> Order:
    """Say, after a look at the doubts, whether the care was given; the money follows.

    A visit by which none was given counts nowhere; while its time is not over somebody else may
    be sent.
    Raises NotFound, NotAllowed, ReasonMissing, TooLate.
    """
    require(actor, VISIT_LOOK)
    seen = get_order(actor, order_id)
    require(actor, VISIT_LOOK, Reach(seen.region_id))
    reason_in(reason, "请写明问了谁、怎么说的，至少 4 个字。")
    order = lock(order_id)
    note_looked_at(actor, order, given=given, reason=reason.strip()[:120])
    if not given:
        came = Visit.objects.filter(order=order, state=VisitState.CHECKED_OUT)
        came.update(state=VisitState.NOT_GIVEN)
        note_not_given(actor, order)
    return order


@transaction.atomic
def deny(actor: Actor, order_id: int, why: str) -> Order:
    """The family says that nobody came or the care was not given as asked; somebody looks.

    Raises NotFound, NotAllowed, ReasonMissing, TooLate.
    """
    reason_in(why, "请写一句哪里没做好，至少 4 个字，核对的人会看到。", field="why")
    order = hold_back(actor, order_id, why.strip()[:120])
    for visit in Visit.objects.filter(order=order, state=VisitState.CHECKED_OUT):
        doubts = sorted({*visit.doubts, Doubt.DENIED})
        Visit.objects.filter(pk=visit.pk).update(doubts=doubts)
    return order


def _matches(elder: Elder, code: str) -> bool:
    """True when the elder's code was scanned, False when none was.

    Raises WrongElder for anything else.
    """
    if not code.strip():
        return False
    if door.read(code) != elder.door_code:
        raise WrongElder
    return True


def _elsewhere(assignment: Assignment, happened: datetime, scan: Scan) -> list[Doubt]:
    """Whether she is at another door by her own record. Raises StillElsewhere without a reason.

    One left open long after its time was only forgotten.
    """
    other = still_at(assignment.staff_id, assignment, happened)
    if other is None:
        return []
    if too_short(scan.reason):
        raise StillElsewhere(f" {clock.shown(other.in_at)} 在{other.elder.name}家签到，还没签退")
    ends = other.in_at + timedelta(minutes=other.order.minutes)
    return [Doubt.OVERLAP] if happened < ends else []


def _metres(where: Place, scan: Scan) -> int | None:
    return round(distance_km(where, scan.place) * 1000) if scan.place else None


def _demand_reason(
    doubts: list[Doubt],
    scan: Scan,
    metres: int | None,
    missing: list[str] | None = None,
    minutes: int | None = None,
) -> None:
    serious = [doubt for doubt in doubts if doubt in NEEDS_REASON]
    if not serious or not too_short(scan.reason):
        return
    details = []
    if Doubt.FAR in serious:
        details.append(f"离家 {rules.distance_words(metres)}")
    if Doubt.NOT_THERE in serious:
        details.append(f"离目的地 {rules.distance_words(metres)}")
    if Doubt.SHORT in serious:
        details.append(f"才 {minutes} 分钟")
    if missing:
        details.append("还没做：" + "、".join(missing))
    raise ReasonNeeded(serious, f"（{'，'.join(details)}）" if details else "")


def visit_of(
    assignment: Assignment,
    scan: Scan,
    metres: int | None,
    happened: datetime,
    received: datetime,
    doubts: list[Doubt],
    make: Callable[..., Visit] = Visit,
) -> Visit:
    """The row of a visit that begins."""
    return make(
        assignment=assignment,
        order_id=assignment.order_id,
        staff_id=assignment.staff_id,
        account_id=assignment.account_id,
        elder_id=assignment.elder_id,
        region_id=assignment.region_id,
        provider_id=assignment.provider_id,
        in_record=scan.record,
        in_at=happened,
        in_received=received,
        in_scanned=bool(scan.code.strip()),
        in_longitude=scan.place.longitude if scan.place else None,
        in_latitude=scan.place.latitude if scan.place else None,
        in_metres=metres,
        in_reason=scan.reason.strip()[:120],
        doubts=sorted(set(doubts)),
    )


def changes_of(
    visit: Visit,
    scan: Scan,
    metres: int | None,
    happened: datetime,
    received: datetime,
    doubts: list[Doubt],
) -> dict[str, Any]:
    """What a visit's row says from its end on."""
    return {
        "state": VisitState.CHECKED_OUT,
        "out_record": scan.record,
        "out_at": happened,
        "out_received": received,
        "out_scanned": bool(scan.code.strip()),
        "out_longitude": scan.place.longitude if scan.place else None,
        "out_latitude": scan.place.latitude if scan.place else None,
        "out_metres": metres,
        "out_reason": scan.reason.strip()[:120],
        "doubts": sorted({*visit.doubts, *doubts}),
    }


def _tell(actor: Actor, kind: str, visit: Visit, doubts: list[Doubt], **payload: Any) -> None:
    publish(
        kind,
        actor,
        subject=("order", visit.order_id),
        region=visit.region_id,
        person_id=visit.elder_id,
        organisation_id=visit.provider_id,
        topics=(f"account:{visit.account_id}",) if visit.account_id else (),
        visit=visit.pk,
        caregiver=visit.assignment.staff_name,
        doubts=[doubt.value for doubt in doubts],
        **payload,
    )
