"""A caregiver lets the desk see where she is at work: only if she chose to, only the last place."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from songbai.core import clock
from songbai.core.acting import Actor, require, system_only, wake
from songbai.core.errors import Refused
from songbai.core.geo import Place
from songbai.domain.dispatch.declares import POSITION_SHARE
from songbai.domain.dispatch.models import Position
from songbai.domain.dispatch.queries.positions import shift_at, visits_left
from songbai.domain.dispatch.rules import SOONEST, says_where
from songbai.domain.providers.models import StaffMember
from songbai.domain.providers.queries import staff_of_account

NOWHERE: dict[str, float | datetime | None] = dict.fromkeys(
    ("longitude", "latitude", "accuracy", "at", "received_at")
)


class NotShared(Refused):
    """您没有让调度看位置，位置没有收。要发，请先打开开关。"""


class NotAtWork(Refused):
    """现在不是您上班的时间，位置没有收。"""


class NobodyLeft(Refused):
    """今天的单都做完了，位置不用再发。"""


@dataclass(frozen=True)
class Fix:
    """What a phone says: where it is, good to how many metres, and when by its own clock."""

    place: Place
    accuracy: float
    at: datetime


@transaction.atomic
def share_position(actor: Actor, *, shared: bool) -> Position:
    """A caregiver chooses whether the desk may see where she is at work.

    Her row says what she chose last, and when. Switching off forgets at once where she was, and
    open maps with it. Raises NotAllowed, NotFound.
    """
    require(actor, POSITION_SHARE)
    staff = staff_of_account(actor)
    known = Position.objects.filter(staff=staff).first()
    if known is not None and known.shared == shared:
        return known
    chosen = Position(
        staff=staff,
        account_id=actor.account,
        region_id=staff.region_id,
        shared=shared,
        decided_at=clock.now(),
    )
    Position.objects.bulk_create(
        [chosen],
        update_conflicts=True,
        unique_fields=["staff"],
        update_fields=["region", "shared", "decided_at", *NOWHERE],
    )
    _tell_desks(staff)
    return Position.objects.get(staff=staff)


@transaction.atomic
def tell_position(actor: Actor, fix: Fix) -> bool:
    """A caregiver's phone says where she is; whether that was news.

    An older position than the one that is known changes nothing, in whatever order they come; nor
    does one that is stale, coarse, from before the shift, or seconds after the last.
    Raises NotAllowed, NotFound, NotShared, NotAtWork, NobodyLeft.
    """
    require(actor, POSITION_SHARE)
    staff, now = staff_of_account(actor), clock.now()
    own = Position.objects.filter(staff=staff, shared=True)
    if not own.exists():
        raise NotShared
    shift = shift_at(staff, now)
    if shift is None:
        raise NotAtWork
    if not visits_left(actor):
        raise NobodyLeft
    if fix.at < shift[0] or not says_where(fix.at, now, fix.accuracy):
        return False
    news = own.filter(Q(at=None) | Q(at__lt=fix.at - SOONEST)).update(
        region=staff.region_id,
        longitude=fix.place.longitude,
        latitude=fix.place.latitude,
        accuracy=fix.accuracy,
        at=fix.at,
        received_at=now,
    )
    if news:
        _tell_desks(staff)
    return bool(news)


def forget_positions(actor: Actor, before: datetime) -> int:
    """Forget where caregivers were before a moment; what they chose stays. Returns how many.

    Raises NotAllowed.
    """
    system_only(actor)
    return Position.objects.filter(received_at__lt=before).update(**NOWHERE)


def _tell_desks(staff: StaffMember) -> None:
    """Maps look again. Not an event: those are kept for good, and where somebody was is not."""
    wake("position.changed", [f"region:{staff.region_id[:6]}"])
