"""What the towns do with a cycle: settle what the checks found, confirm their part."""

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, publish, require, system_only
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.core.regions.rules import bounds
from songbai.core.sql import run
from songbai.domain.benefits.declares import BENEFIT_CHECK
from songbai.domain.benefits.models import Cycle, CycleException, Snapshot, TownPart
from songbai.domain.benefits.queries.cycles import confirmed, exceptions_of, parts_of
from songbai.domain.benefits.rules.cycle import Change, ExceptionState, Outcome, State

from . import steps


class AlreadySettled(Refused):
    """这一条已经处理过了，或批次已经过了核对这一步。请刷新再看。"""


class StillOpen(Refused):
    """还有没处理的核对事项，处理完才能确认。"""


class AlreadyConfirmed(Refused):
    """这个镇街已经确认过了。"""


_UNSAID = {"settled_at": None, "settled_by_id": None, "settled_by": "", "reason": ""}
_PARTS = """
INSERT INTO benefits_townpart (cycle_id, region_id, people, fen, changes, confirmed_by)
SELECT x.cycle_id, x.place, count(*) FILTER (WHERE x.outcome = %s),
  coalesce(sum(x.amount) FILTER (WHERE x.outcome = %s), 0),
  count(*) FILTER (WHERE x.change NOT IN %s), ''
FROM (
  SELECT d.*, coalesce(r.code, left(d.region_id, 6) || '000000') AS place
  FROM benefits_decision d
    LEFT JOIN regions_region r ON r.code = left(d.region_id, 9) || '000'
  WHERE d.snapshot_id = %s
) x GROUP BY x.cycle_id, x.place
HAVING count(*) FILTER (WHERE x.outcome = %s OR x.change NOT IN %s) > 0
ORDER BY 1, 2
"""


@transaction.atomic
def send_to_towns(actor: Actor, snapshot: Snapshot) -> None:
    """Ask each town to look at its part of every checked cycle of a snapshot.

    A town where nobody is paid and nothing changed has no part. Raises NotAllowed, WrongState.
    """
    system_only(actor)
    still, yes = (int(Change.NONE), int(Change.SAME)), int(Outcome.YES)
    run(_PARTS.replace("%s", "{}").format(yes, yes, still, snapshot.pk, yes, still))
    for cycle in snapshot.cycles.order_by("pk"):
        steps.advance(actor, cycle, State.IN_TOWNS)


@transaction.atomic
def settle(actor: Actor, exception_id: int, *, pay: bool, reason: str) -> CycleException:
    """Say of one exception that the money goes out as decided, or not in this cycle.

    Raises NotAllowed, NotFound, ReasonMissing, AlreadySettled.
    """
    found = _exception(actor, exception_id)
    reason_in(reason, "请写明核对的情况，至少 4 个字，审批的人会看到。")
    now = clock.now()
    settled = CycleException.objects.filter(
        pk=found.pk,
        state=ExceptionState.OPEN,
        blocking=True,
        cycle__in=Cycle.objects.filter(state__in=[State.CHECKED, State.IN_TOWNS]),
    ).update(
        state=ExceptionState.RELEASED if pay else ExceptionState.HELD,
        settled_at=now,
        settled_by_id=actor.account_id,
        settled_by=actor.name,
        reason=reason.strip()[:120],
    )
    if settled != 1:
        raise AlreadySettled
    found.refresh_from_db()
    publish(
        f"exception.{found.state}",
        actor,
        subject=("cycle", found.cycle_id),
        region=found.region_id,
        person_id=found.elder_id,
        about=found.kind,
    )
    return found


@transaction.atomic
def open_again(actor: Actor, exception_id: int) -> CycleException:
    """Take back what was said of one exception, while the town has not confirmed its part.

    Raises NotAllowed, NotFound, AlreadySettled.
    """
    found = _exception(actor, exception_id)
    # Whoever confirms the part at the same time waits here.
    list(parts_of(found.cycle, found.region_id).select_for_update())
    again = CycleException.objects.filter(
        pk=found.pk,
        state__in=[ExceptionState.RELEASED, ExceptionState.HELD],
        cycle__in=Cycle.objects.filter(state__in=[State.CHECKED, State.IN_TOWNS]),
    )
    if (
        confirmed(found.cycle, found.region_id)
        or again.update(state=ExceptionState.OPEN, **_UNSAID) != 1
    ):
        raise AlreadySettled
    found.refresh_from_db()
    publish(
        "exception.open_again",
        actor,
        subject=("cycle", found.cycle_id),
        region=found.region_id,
        person_id=found.elder_id,
        about=found.kind,
    )
    return found


def _exception(actor: Actor, exception_id: int) -> CycleException:
    found = found_in(CycleException.objects.filter(pk=exception_id))
    require(actor, BENEFIT_CHECK, Reach(found.region_id))
    return found


@transaction.atomic
def confirm(actor: Actor, part_id: int) -> TownPart:
    """A town has looked at its part: who is new, who stopped, how much, nothing left open.

    Raises NotAllowed, NotFound, StillOpen, AlreadyConfirmed, WrongState.
    """
    part = found_in(TownPart.objects.select_related("cycle").filter(pk=part_id))
    require(actor, BENEFIT_CHECK, Reach(part.region_id))
    if part.cycle.state != State.IN_TOWNS:
        raise steps.WrongState
    if open_in(actor, part):
        raise StillOpen
    done = TownPart.objects.filter(pk=part.pk, confirmed_at=None).update(
        confirmed_at=clock.now(), confirmed_by_id=actor.account_id, confirmed_by=actor.name
    )
    if done != 1:
        raise AlreadyConfirmed
    part.refresh_from_db()
    publish(
        "cycle.town_confirmed",
        actor,
        subject=("cycle", part.cycle_id),
        region=part.region_id,
        people=part.people,
        fen=part.fen,
    )
    return part


def open_in(actor: Actor, part: TownPart) -> bool:
    """Whether something blocking is open in a town's part."""
    low, _ = bounds(part.region_id)
    rows = exceptions_of(actor, part.cycle).filter(
        state=ExceptionState.OPEN, blocking=True, region_id__range=(low, f"{low[:9]}999")
    )
    return rows.exists()
