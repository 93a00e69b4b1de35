"""Visits by volume: the rows the actions write, with the doubts the rules find.

Whoever loads sees to it that nobody is at two doors at once: it is not looked for here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from songbai.core.accounts.rules import Actor
from songbai.core.geo import Place, distance_km
from songbai.core.loading import fresh
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.loading import Past

from .actions import Scan, changes_of, visit_of
from .models import Visit, VisitStep
from .rules import HOLDS_MONEY, Doubt, doubts_coming, doubts_leaving, stay

#: What she writes for each doubt that asks for a reason.
Reasons = Mapping[Doubt, str]


def check_in(
    past: Past,
    actor: Actor,
    received: datetime,
    assignment: Assignment,
    scan: Scan,
    home: Place,
    reasons: Reasons,
) -> Visit:
    """The caregiver has come, by her phone's time; the record was received a little later."""
    at = scan.device_time or received
    metres = _metres(home, scan)
    doubts = doubts_coming(
        metres, assignment.starts_at, at, scan.device_time, received, scanned=bool(scan.code)
    )
    scan = _explained(scan, doubts, reasons)
    row = visit_of(assignment, scan, metres, at, received, doubts, fresh(Visit))
    visit = past.load.add(row)
    assignment.begun_at = at
    past.begin(actor, at, assignment.order)
    _tell(past, actor, at, "visit.checked_in", visit, doubts)
    return visit


def record_step(
    past: Past, at: datetime, visit: Visit, code: str, name: str, value: str
) -> VisitStep:
    """A step of the standard is done."""
    step: VisitStep = past.load.add(
        fresh(VisitStep)(
            visit_id=visit.pk,
            elder_id=visit.elder_id,
            region_id=visit.region_id,
            provider_id=visit.provider_id,
            code=code,
            name=name,
            value=value,
            at=at,
        )
    )
    return step


def check_out(
    past: Past,
    actor: Actor,
    received: datetime,
    visit: Visit,
    scan: Scan,
    end: Place,
    reasons: Reasons,
) -> None:
    """The caregiver has left, all required steps done."""
    at, order = scan.device_time or received, visit.assignment.order
    metres = _metres(end, scan)
    doubts = doubts_leaving(
        metres,
        stay((visit.in_at, visit.in_received), (at, received), order.minutes),
        (),
        scan.device_time,
        received,
        scanned=bool(scan.code),
        returns=order.returns,
    )
    scan = _explained(scan, doubts, reasons)
    for name, value in changes_of(visit, scan, metres, at, received, doubts).items():
        setattr(visit, name, value)
    visit.assignment.ended_at = at
    past.serve(actor, at, order, doubtful=bool(HOLDS_MONEY & {*visit.doubts}))
    _tell(past, actor, at, "visit.checked_out", visit, doubts)


def _explained(scan: Scan, doubts: Sequence[Doubt], reasons: Reasons) -> Scan:
    return replace(scan, reason=next((reasons[d] for d in doubts if d in reasons), ""))


def _metres(where: Place, scan: Scan) -> int | None:
    return round(distance_km(where, scan.place) * 1000) if scan.place else None


def _tell(
    past: Past, actor: Actor, at: datetime, kind: str, visit: Visit, doubts: Sequence[Doubt]
) -> None:
    past.tell(
        actor,
        at,
        kind,
        visit.assignment.order,
        visit=visit.pk,
        caregiver=visit.assignment.staff_name,
        doubts=[doubt.value for doubt in doubts],
    )
