"""Where caregivers are who let the desk see it; only the last position, only while they work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.geo import Place
from songbai.core.regions.rules import inside
from songbai.core.sql import rows
from songbai.domain.dispatch.declares import DISPATCH_READ
from songbai.domain.dispatch.models import Position
from songbai.domain.dispatch.queries import visible
from songbai.domain.dispatch.rules import FRESH
from songbai.domain.providers.models import StaffMember


@dataclass(frozen=True)
class Seen:
    """A caregiver on shift and where she was last; ``fresh``: that is where she is."""

    staff_id: int
    name: str
    region: str
    place: Place
    at: datetime
    fresh: bool


def on_the_map(actor: Actor) -> list[Seen]:
    """Everybody of the desk's area who is on shift now and lets it be seen, by name.

    Raises NotAllowed.
    """
    require(actor, DISPATCH_READ)
    now = clock.now()
    rows = Position.objects.filter(
        at__isnull=False,
        **inside(actor.region or ""),
        staff__left_on=None,
        staff__shifts__during__contains=now,
        staff__shifts__sick_at=None,
    )
    return [
        Seen(row.staff_id, row.staff.name, row.region_id, place, at, now - at <= FRESH)
        for row in rows.select_related("staff").order_by("staff__name", "staff_id")
        for place, at in _known(row)
    ]


def fresh(staff_ids: Iterable[int], now: datetime) -> dict[int, tuple[Place, datetime]]:
    """For each of these who shares it, where she is and since when that is known."""
    since = now - FRESH
    rows = Position.objects.filter(
        staff_id__in=set(staff_ids), at__gte=since, received_at__gte=since
    )
    return {row.staff_id: known for row in rows for known in _known(row)}


def _known(row: Position) -> list[tuple[Place, datetime]]:
    """Where and when, if the row holds a place."""
    if row.longitude is None or row.latitude is None or row.seen_at is None:
        return []
    return [(Place(row.longitude, row.latitude), row.seen_at)]


@dataclass(frozen=True)
class Sharing:
    """What a caregiver has chosen, and until when her phone sends; None: not now."""

    shared: bool
    last: datetime | None
    until: datetime | None


def sharing_of(actor: Actor, staff: StaffMember) -> Sharing:
    """Whether a caregiver lets the desk see where she is, as her own page says it."""
    row = Position.objects.filter(staff=staff).first()
    if row is None or not row.shared:
        return Sharing(shared=False, last=None, until=None)
    until = None
    if visits_left(actor):
        shift = shift_at(staff, clock.now())
        until = shift[1] if shift else None
    return Sharing(shared=True, last=row.seen_at, until=until)


def visits_left(actor: Actor) -> bool:
    """Whether a caregiver has somebody to go to, or to leave, today."""
    today = visible(actor).filter(**clock.on_day("starts_at", clock.today()))
    return today.filter(ended_at=None).exists()


def shift_at(staff: StaffMember, moment: datetime) -> tuple[datetime, datetime] | None:
    """When a caregiver's shift of this moment begins and ends; None when she does not work then.

    Shifts are not hers to read; the database answers for her alone.
    """
    asked = "SELECT begins, ends FROM dispatch_own_shift(%s, %s, %s)"
    return next(((a, b) for a, b in rows(asked, [staff.pk, staff.account_id, moment])), None)
