"""Writing providers."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date

from django.db import transaction

from songbai.core import clock, texts
from songbai.core.acting import Actor, on, publish, system_only
from songbai.core.errors import NotFound, Refused
from songbai.core.found import refusing
from songbai.core.regions.queries import region as region_by_code
from songbai.core.waiting import wait_for

from .models import (
    BusinessRegistration,
    MedicalPlace,
    Provider,
    Shift,
    StaffMember,
    Vehicle,
)
from .rules import CEASED, RegistrationStatus


class WrongUscc(Refused):
    """统一社会信用代码不对，请核对 18 位代码。"""

    field = "uscc"


class VehicleTaken(Refused):
    """这辆车这个时间已经在别人的班次上。请先从那个班次取下，或换一辆车。"""

    field = "vehicle"


@dataclass(frozen=True)
class Registered:
    """What the market regulator says about one organisation, as of ``changed_on``."""

    uscc: str
    name: str
    region: str
    status: RegistrationStatus
    changed_on: date
    address: str = ""
    legal_person: str = ""
    phone: str = ""
    established_on: date | None = None


@transaction.atomic
def note_registration(actor: Actor, said: Registered) -> BusinessRegistration:
    """Keep the newest word of the market regulator, and carry it to the provider it concerns.

    A provider takes over the registered name; one that was cancelled or revoked has left from that
    day. Nobody becomes a provider by this: admission is the bureau's act. An older word than the
    one that is known changes nothing. Raises NotAllowed, WrongUscc, UnknownRegion.
    """
    system_only(actor)
    if not texts.is_credit_code(said.uscc):
        raise WrongUscc
    region = region_by_code(said.region)
    provider = Provider.objects.select_for_update().filter(uscc=said.uscc).first()
    known = BusinessRegistration.objects.select_for_update().filter(uscc=said.uscc).first()
    if known is not None and known.changed_on > said.changed_on:
        return known
    values = {
        "name": said.name,
        "region": region,
        "address": said.address,
        "legal_person": said.legal_person,
        "phone": said.phone,
        "status": said.status,
        "established_on": said.established_on or (known.established_on if known else None),
        "changed_on": said.changed_on,
        "provider": provider,
    }
    kept, _ = BusinessRegistration.objects.update_or_create(uscc=said.uscc, defaults=values)
    if provider is not None:
        _carry_over(actor, provider, said)
    return kept


@dataclass(frozen=True)
class MedicalSaid:
    """What is known of one hospital or health centre; ``code``: its licence number."""

    code: str
    name: str
    region: str
    address: str
    longitude: float
    latitude: float
    phone: str = ""
    closed_on: date | None = None


@transaction.atomic
def publish_medical_places(actor: Actor, said: Iterable[MedicalSaid]) -> int:
    """Bring hospitals and health centres up to date by licence number; others stay as they are.

    Returns how many were said. Raises NotAllowed, UnknownRegion.
    """
    system_only(actor)
    rows = [MedicalPlace(**{**asdict(one), "region": region_by_code(one.region)}) for one in said]
    MedicalPlace.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[field.name for field in fields(MedicalSaid) if field.name != "code"],
    )
    return len(rows)


def take_off_shift(staff: StaffMember, day: date) -> int:
    """Somebody does not work on a day after all; returns how many shifts that takes away.

    Called inside dispatch's transaction, which has asked for the right and tells.
    """
    return Shift.objects.filter(staff=staff, date=day, sick_at=None).update(sick_at=clock.now())


def end_work(staff: StaffMember, day: date) -> None:
    """Somebody works no more from a day on. Called inside dispatch's transaction, as above.

    Raises NotFound for who has left already.
    """
    if not StaffMember.objects.filter(pk=staff.pk, left_on=None).update(left_on=day):
        raise NotFound
    now = clock.now()
    Shift.objects.filter(staff=staff, date__gte=day, sick_at=None).update(sick_at=now)


def work_again(staff: StaffMember) -> None:
    """It was an error: the shifts to come that were taken off with it are worked after all.

    Called inside dispatch's transaction, as above. Raises NotFound for who works already.
    """
    if not StaffMember.objects.filter(pk=staff.pk, left_on__isnull=False).update(left_on=None):
        raise NotFound
    began = clock.day_bounds(staff.left_on or clock.today())[0]
    off = Shift.objects.filter(staff=staff, date__gte=clock.today(), sick_at__gte=began)
    off.update(sick_at=None)


def put_on_shift(shift: Shift, vehicle: Vehicle | None) -> None:
    """A shift has a vehicle from now on, or none any more.

    Called inside dispatch's transaction, which has asked for the right and tells.
    Of two at once the second waits for the vehicle: the constraint alone is a deadlock, each row
    waiting for the other. Raises VehicleTaken.
    """
    with refusing(VehicleTaken, "vehicle_in_one_shift_at_a_time"):
        if vehicle is not None:
            wait_for([f"vehicle:{vehicle.pk}"])
        Shift.objects.filter(pk=shift.pk).update(vehicle=vehicle)
    shift.vehicle = vehicle


def _carry_over(actor: Actor, provider: Provider, said: Registered) -> None:
    changed = []
    if provider.name != said.name:
        provider.name = said.name
        changed.append("name")
    if said.status in CEASED and provider.exited_on is None:
        provider.exited_on = said.changed_on
        changed.append("exited_on")
    if not changed:
        return
    provider.save(update_fields=changed)
    publish(
        "providers.left" if "exited_on" in changed else "providers.renamed",
        actor,
        **on("provider", provider),
        organisation_id=provider.pk,
        status=said.status.value,
    )
