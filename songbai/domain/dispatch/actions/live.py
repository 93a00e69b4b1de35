"""What happens while a day is carried out: somebody is absent, has begun, has ended, runs late."""

from datetime import date, datetime

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.acting import Actor, Reach, on, publish, require, system_only
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.core.travel import travel
from songbai.domain.dispatch.declares import DISPATCH_PLAN
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.planner.progress import expected_starts, will_be_late
from songbai.domain.dispatch.queries.days import Area, facts_of, minute_of, moment_of
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.actions import take_off_shift
from songbai.domain.providers.models import StaffMember

from .common import take_turn, tell


@transaction.atomic
def note_absent(actor: Actor, staff_id: int, day: date, why: str) -> int:
    """A caregiver is sick, or nobody can reach her: she does no more on that day.

    Her visits stand until a plan that gives them to others is published, so that each family hears
    once. Returns how many visits need somebody else. Raises NotFound, NotAllowed, ReasonMissing.
    """
    require(actor, DISPATCH_PLAN)
    staff = found_in(scope.visible(StaffMember, actor).filter(pk=staff_id, left_on=None))
    require(actor, DISPATCH_PLAN, Reach(staff.region_id))
    reason_in(why, "请写明原因，至少 2 个字，比如“发烧”“联系不上”。", least=2)
    take_turn(day, [staff.provider_id])
    take_off_shift(staff, day)
    left = Assignment.objects.filter(
        staff=staff,
        state=AssignmentState.ACTIVE,
        **clock.on_day("starts_at", day),
        order__state=OrderState.ASSIGNED,
        begun_at=None,
    ).count()
    publish(
        "staff.absent",
        actor,
        **on("staff", staff),
        organisation_id=staff.provider_id,
        topics=(f"account:{staff.account_id}",) if staff.account_id else (),
        day=day.isoformat(),
        why=why.strip()[:80],
        caregiver=staff.name,
        visits=left,
    )
    return left


def note_begun(assignment: Assignment, at: datetime) -> None:
    """Somebody has come. Called inside the visit's transaction."""
    Assignment.objects.filter(pk=assignment.pk).update(begun_at=at, expected_at=None)


def note_ended(assignment_id: int, at: datetime) -> None:
    """Somebody has gone. Called inside the visit's transaction."""
    Assignment.objects.filter(pk=assignment_id).update(ended_at=at)


def watch_progress(actor: Actor) -> int:
    """Say of today's visits which will be late, before they are; each is told once.

    Returns how many new ones there are. Raises NotAllowed.
    """
    system_only(actor)
    districts = {
        code[:6]
        for code in Assignment.objects.filter(
            state=AssignmentState.ACTIVE, **clock.on_day("starts_at", clock.today())
        )
        .order_by()
        .values_list("region_id", flat=True)
        .distinct()
    }
    return sum(_watch(actor, district) for district in sorted(districts))


@transaction.atomic
def _watch(actor: Actor, district: str) -> int:
    today = clock.today()
    expected = expected_starts(facts_of(actor, today, Area(district)), travel())
    rows = Assignment.objects.select_for_update(of=("self",), skip_locked=True).filter(
        pk__in=expected, state=AssignmentState.ACTIVE, begun_at=None
    )
    late = 0
    for row in rows.order_by("pk"):
        warned = row.expected_at is not None
        if not will_be_late(minute_of(today, row.starts_at), expected[row.pk]):
            if warned:
                Assignment.objects.filter(pk=row.pk).update(expected_at=None)
            continue
        at = moment_of(today, expected[row.pk])
        if at != row.expected_at:
            Assignment.objects.filter(pk=row.pk).update(expected_at=at)
        if not warned:
            late += 1
            order = scope.visible(Order, actor).get(pk=row.order_id)
            tell(actor, "assignment.late_expected", order, row, expected=at.isoformat())
    return late
