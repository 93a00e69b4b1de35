"""Giving a vehicle to a shift, and taking it off; the day's plans follow."""

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.acting import Actor, Reach, on, publish, require
from songbai.core.errors import NotFound, Refused
from songbai.core.found import found_in
from songbai.domain.dispatch.declares import VEHICLE_GIVE
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.actions import put_on_shift
from songbai.domain.providers.models import Shift, Vehicle
from songbai.domain.providers.rules import VehicleKind

from .common import take_turn


class ShiftOver(Refused):
    """这一班已经结束，或请了假，不能再换车。请选还没结束的班次。"""

    field = "shift"


@transaction.atomic
def give_vehicle(actor: Actor, shift_id: int, vehicle_id: int) -> Shift:
    """Somebody has a vehicle for a whole shift, in place of the one she had, if any.

    Raises NotFound, NotAllowed, ShiftOver, VehicleTaken.
    """
    shift = _shift_to_change(actor, shift_id)
    vehicle = found_in(
        scope.visible(Vehicle, actor).filter(
            pk=vehicle_id, provider_id=shift.provider_id, retired_on=None
        ),
        NotFound("没有这辆车，或已停用。请选这家服务商在用的车。"),
    )
    if shift.vehicle_id == vehicle.pk:
        return shift
    before = shift.vehicle
    put_on_shift(shift, vehicle)
    if before is not None:
        _tell(actor, "vehicle.taken_off", shift, before)
    _tell(actor, "vehicle.given", shift, vehicle)
    return shift


@transaction.atomic
def take_vehicle(actor: Actor, shift_id: int) -> int:
    """Somebody has no vehicle any more: it broke down, or another one needs it.

    Her visits stand until a plan that gives them to others is published. Returns how many of them
    need the vehicle. Raises NotFound, NotAllowed, ShiftOver.
    """
    shift = _shift_to_change(actor, shift_id)
    before = shift.vehicle
    if before is None:
        return 0
    put_on_shift(shift, None)
    return _tell(actor, "vehicle.taken_off", shift, before)


def _shift_to_change(actor: Actor, shift_id: int) -> Shift:
    """The shift, in its provider's turn. Raises NotFound, NotAllowed, ShiftOver."""
    require(actor, VEHICLE_GIVE)
    rows = scope.visible(Shift, actor).select_related("staff", "vehicle")
    seen = found_in(rows.filter(pk=shift_id), NotFound("没有找到这个班次。请回到车辆页重新选。"))
    require(actor, VEHICLE_GIVE, Reach(seen.region_id, organisations=frozenset({seen.provider_id})))
    take_turn(seen.date, [seen.provider_id])
    shift = rows.get(pk=shift_id)
    if shift.sick_at is not None or shift.during.upper <= clock.now():
        raise ShiftOver
    return shift


def _left(shift: Shift, kind: VehicleKind) -> int:
    """Visits of a shift that have not begun and cannot be made with the vehicle she has now."""
    has = shift.vehicle.kind if shift.vehicle else ""
    if has == kind:
        return 0
    return Assignment.objects.filter(
        staff_id=shift.staff_id,
        seat=1,
        state=AssignmentState.ACTIVE,
        starts_at__gte=shift.during.lower,
        starts_at__lt=shift.during.upper,
        order__vehicle=kind,
        order__state=OrderState.ASSIGNED,
        begun_at=None,
    ).count()


def _tell(actor: Actor, kind: str, shift: Shift, vehicle: Vehicle) -> int:
    """The shift's event, which provider, caregiver and desk hear; returns the visits left."""
    account = shift.staff.account_id
    left = _left(shift, VehicleKind(vehicle.kind)) if kind == "vehicle.taken_off" else 0
    publish(
        kind,
        actor,
        **on("shift", shift),
        organisation_id=shift.provider_id,
        topics=(f"account:{account}",) if account else (),
        day=shift.date.isoformat(),
        caregiver=shift.staff.name,
        vehicle=str(vehicle),
        visits=left,
    )
    return left
