"""What an elder asks of whoever comes; plans keep to it."""

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.acting import Actor, on, publish, require
from songbai.core.errors import NotFound, Refused
from songbai.core.found import found_in
from songbai.domain.dispatch.declares import DISPATCH_PLAN
from songbai.domain.dispatch.models import Wish
from songbai.domain.dispatch.rules import WISHED_SEX, WishKind
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of
from songbai.domain.providers.models import StaffMember


class WishUnclear(Refused):
    """请选一位护理员，或只选“女护理员”“男护理员”。"""

    field = "wish"


@transaction.atomic
def state_wish(actor: Actor, elder: Elder, kind: WishKind, staff_id: int | None = None) -> Wish:
    """Note a wish; the same wish again is the one there is, its opposite ends.

    Raises NotAllowed, NotFound for a caregiver that does not exist, WishUnclear.
    """
    require(actor, DISPATCH_PLAN, reach_of(elder))
    about_sex = kind in WISHED_SEX
    if about_sex is (staff_id is not None):
        raise WishUnclear
    staff = scope.visible(StaffMember, actor).filter(pk=staff_id).first() if staff_id else None
    if staff_id and staff is None:
        raise NotFound
    standing = Wish.objects.select_for_update().filter(elder=elder, ended_at=None)
    same = standing.filter(kind=kind, staff=staff).first()
    if same:
        return same
    replaced = standing.filter(kind__in=WISHED_SEX) if about_sex else standing.filter(staff=staff)
    replaced.update(ended_at=clock.now())
    wish = Wish.objects.create(
        elder=elder,
        region_id=elder.region_id,
        kind=kind,
        staff=staff,
        staff_name=staff.name if staff else "",
        said_by=actor.name[:40],
        said_at=clock.now(),
    )
    _tell(actor, "wish.stated", wish)
    return wish


@transaction.atomic
def end_wish(actor: Actor, wish_id: int) -> None:
    """Take a wish back. Raises NotFound, NotAllowed."""
    wish = found_in(Wish.objects.select_related("elder").filter(pk=wish_id, ended_at=None))
    require(actor, DISPATCH_PLAN, reach_of(wish.elder))
    Wish.objects.filter(pk=wish.pk).update(ended_at=clock.now())
    _tell(actor, "wish.ended", wish)


def _tell(actor: Actor, kind: str, wish: Wish) -> None:
    publish(kind, actor, **on("wish", wish), wish=wish.kind, caregiver=wish.staff_name)
