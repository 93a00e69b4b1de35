"""A caregiver has died, or works here no more: her visits to come go to others."""

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.accounts.models import Account
from songbai.core.accounts.numbers import death_of
from songbai.core.acting import Actor, Reach, on, publish, require, system_only
from songbai.core.events.queries import history
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.domain.dispatch.declares import DISPATCH_PLAN
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.elders.actions.passing import close_for_death, take_back_death
from songbai.domain.elders.actions.turning import ask_to_see_to, need_not_be_seen_to
from songbai.domain.elders.models import Followed
from songbai.domain.orders.actions import lock
from songbai.domain.orders.rules import CANCELLABLE, OrderState
from songbai.domain.providers.actions import end_work, work_again
from songbai.domain.providers.models import StaffMember

from .common import reopen, take_back, take_turn, tell

#: What families and whoever looks at a visit read of it.
GONE = "护理员不再上门"
#: The cause of what somebody sees to because its caregiver has died or left.
_STAFF = "staff"
_DIED = "护理员登记去世"


@transaction.atomic
def note_gone(actor: Actor, staff_id: int, why: str, *, died: bool) -> int:
    """A caregiver has died, or has left: she is on no shift any more, and what she has not begun
    waits for somebody else; families are told that she does not come. Where she is in a house now
    somebody is asked to call. Who has died logs in no more, until an officer has looked.

    Returns how many visits wait. Raises NotFound, NotAllowed, ReasonMissing.
    """
    require(actor, DISPATCH_PLAN)
    staff = found_in(scope.visible(StaffMember, actor).filter(pk=staff_id, left_on=None))
    require(actor, DISPATCH_PLAN, Reach(staff.region_id))
    said = reason_in(why, "请写明谁说的、哪天的事，至少 4 个字。", field="why")
    hers = Assignment.objects.filter(staff=staff, state=AssignmentState.ACTIVE)
    ahead = hers.filter(begun_at=None, order__state__in=CANCELLABLE).order_by("starts_at", "pk")
    for day in sorted({row.starts_at.astimezone(clock.SHANGHAI).date() for row in ahead}):
        take_turn(day, [staff.provider_id])
    end_work(staff, clock.today())
    waiting = 0
    for row in ahead:
        order = lock(row.order_id)
        if order.state not in CANCELLABLE:
            continue
        take_back([row], GONE)
        reopen(order)
        tell(actor, "assignment.dropped", order, row)
        waiting += 1
    inside = hers.filter(order__state=OrderState.IN_SERVICE, ended_at=None)
    for row in inside.select_related("order", "elder"):
        words = f"订单 {row.order.number} 的护理员不再上班，上门还没有做完，请打电话问情况"
        ask_to_see_to(row.elder, "in_service", row.order_id, words, _STAFF, staff=staff.pk)
    publish(
        "staff.gone",
        actor,
        **on("staff", staff),
        organisation_id=staff.provider_id,
        caregiver=staff.name,
        why=said[:120],
        died=died,
        visits=waiting,
    )
    if died and staff.account_id:
        account = Account.objects.get(pk=staff.account_id)
        close_for_death(actor, account, f"{_DIED}：{said}", staff.region_id)
    return waiting


@transaction.atomic
def note_back(actor: Actor, staff_id: int, why: str) -> StaffMember:
    """It was an error: she works again, on the shifts that were taken off, and logs in again where
    the desk said that she has died; visits stay as they are.

    Raises NotFound, NotAllowed, ReasonMissing.
    """
    require(actor, DISPATCH_PLAN)
    rows = scope.visible(StaffMember, actor).filter(pk=staff_id, left_on__isnull=False)
    staff = found_in(rows)
    require(actor, DISPATCH_PLAN, Reach(staff.region_id))
    said = reason_in(why, "请写明为什么恢复，至少 4 个字。", field="why")
    work_again(staff)
    listed = scope.visible(Followed, actor).filter(cause=_STAFF, detail__staff=staff.pk)
    need_not_be_seen_to(listed, actor.name, "护理员还在上班，登记错了")
    if staff.account_id:
        take_back_death(actor, staff.account_id, _DIED, said)
    publish(
        "staff.back",
        actor,
        **on("staff", staff),
        organisation_id=staff.provider_id,
        caregiver=staff.name,
        why=said[:120],
    )
    return staff


@transaction.atomic
def follow_death(actor: Actor, account_id: int) -> None:
    """A caregiver whose death was entered elsewhere is on no shift any more, and on them again when
    it was none. Raises NotAllowed.
    """
    system_only(actor)
    hers = scope.visible(StaffMember, actor).filter(account_id=account_id).order_by("pk")
    if death_of(account_id) is not None:
        for staff in hers.filter(left_on=None):
            note_gone(actor, staff.pk, "账号登记本人去世", died=True)
        return
    for staff in hers.exclude(left_on=None):
        gone = history("staff", staff.pk).filter(kind="staff.gone").last()
        if gone is not None and gone.payload["died"]:
            note_back(actor, staff.pk, "核对过，本人还在")
