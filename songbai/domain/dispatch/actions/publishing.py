"""Making a plan true: whole or not at all, and everybody told one thing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.core.errors import Refused
from songbai.core.reasons import ReasonMissing, too_short
from songbai.domain.dispatch.declares import DISPATCH_PLAN
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.planner.drafting import Draft, Terms
from songbai.domain.dispatch.queries.days import Area, basis_of, facts_of
from songbai.domain.dispatch.queries.doubts import doubts_of_plan
from songbai.domain.dispatch.queries.plans import get as get_plan
from songbai.domain.dispatch.queries.plans import lines_of_plan, prefix_of
from songbai.domain.dispatch.rules import PlanState, Refusal
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember

from . import common
from .drafts import announce, drop, keep, lock_draft, made_of, require_area

#: How often one press plans anew because something changed meanwhile.
TRIES = 4


#: A draft may tell of a visit that should have begun so long ago; then it must be made anew.
OVERDUE = timedelta(minutes=10)


class Outdated(Refused):
    """做好这份计划以后，派单、排班或订单又有了变化，还没有公布，也没有通知任何人。请按新情况重排一次。"""


@dataclass(frozen=True)
class Planned:
    """What planning a day at one press did."""

    assigned: list[Assignment]
    open: dict[int, Refusal]


@dataclass(frozen=True)
class Published:
    """What publishing did: who was sent, and orders left open."""

    assigned: list[Assignment]
    opened: list[int]


def plan(actor: Actor, day: date) -> Planned:
    """Find somebody for every open order of a day in the actor's area, at one press.

    What stands is not moved. Where something changed while it was planned, it is planned again.
    What is in doubt stays open for a hand. Raises NotAllowed, NotReady, Outdated, LeavesAlone,
    Doubtful.
    """
    require(actor, DISPATCH_PLAN)
    area = Area(actor.region or "")
    for attempt in range(TRIES):
        facts = facts_of(actor, day, area)
        terms = Terms(keep=True)
        made = made_of(facts, terms)
        if not any(line.changed for line in made.lines):
            return Planned([], _open(made))
        found = keep(actor, day, area, "一键排单", facts, made, terms, None)
        ask_first = dict.fromkeys(_left_open(found), Refusal.ASK_FIRST)
        try:
            done = publish(actor, found.pk)
        except (common.LeavesAlone, common.Doubtful):
            drop(actor, found.pk)  # who is left alone is named on a draft, never at one press
            raise
        except Outdated:
            drop(actor, found.pk)
            if attempt == TRIES - 1:
                raise
        else:
            return Planned(done.assigned, _open(made) | ask_first)
    raise Outdated


@transaction.atomic
def publish(
    actor: Actor,
    plan_id: int,
    *,
    leaving: Collection[int] = (),
    knowing: Collection[int] = (),
    reason: str = "",
) -> Published:
    """Make a draft true, and tell those whose plan changes; all of it or nothing.

    A visit that was announced is left without anybody, or put off beyond its time, only when its
    order is named in ``leaving``, for a reason, which the family is told. Where the elder is away,
    or somebody else is there then, somebody is sent only ``knowing`` it of the order, for a reason,
    unless one was given when it was pinned. Raises NotFound, NotAllowed, NotADraft, Outdated,
    LeavesAlone, Doubtful, Departed, ReasonMissing.
    """
    require(actor, DISPATCH_PLAN)
    seen = get_plan(actor, plan_id)
    require_area(actor, seen)
    lines = list(lines_of_plan(seen, changed=True).order_by("order_id", "seat"))
    common.take_turn(seen.day, {line.provider_id for line in lines})
    found = lock_draft(plan_id)
    orders = {
        order.pk: order
        for order in scope.visible(Order, actor)
        .select_for_update(of=("self",))
        .select_related("provider", "elder")
        .filter(pk__in={line.order_id for line in lines})
        .order_by("pk")
    }
    _require_true_basis(actor, found, lines, orders)
    broken = [line.order_id for line in lines if line.breaks_word]
    if unnamed := sorted(set(broken) - set(leaving)):
        raise common.LeavesAlone([orders[order_id] for order_id in unnamed])
    if broken and too_short(reason):
        raise ReasonMissing("请写明为什么没人去，或去得这么晚，至少 4 个字；家里会看到。")
    doubts = _doubts(lines, orders, knowing, reason)
    done = _make_true(actor, lines, orders, reason, doubts)
    DayPlan.objects.filter(pk=plan_id, state=PlanState.DRAFT).update(
        state=PlanState.PUBLISHED, published_by=actor.name, published_at=clock.now()
    )
    announce(actor, found, "plan.published", changed=len(lines))
    return done


def _left_open(found: DayPlan) -> list[int]:
    """Orders that nobody was told of and that one press does not send anybody to, in doubt."""
    lines = lines_of_plan(found, changed=True)
    left = [line for line, _ in doubts_of_plan(list(lines)) if line.before is None]
    PlanLine.objects.filter(pk__in=[line.pk for line in left]).update(
        staff=None, staff_name="", starts_at=None, changed=False
    )
    return [line.order_id for line in left]


def _doubts(
    lines: Sequence[PlanLine], orders: Mapping[int, Order], knowing: Collection[int], reason: str
) -> dict[int, str]:
    """By order, the doubts in spite of which somebody is sent; each line has its reason.

    Raises Doubtful, ReasonMissing.
    """
    found = doubts_of_plan(lines)
    fresh = [(line, doubt) for line, doubt in found if not line.override_reason]
    unknown = [(line, doubt) for line, doubt in fresh if line.order_id not in knowing]
    if unknown:
        raise common.Doubtful(
            [f"{orders[line.order_id].number}：{doubt}" for line, doubt in unknown]
        )
    for line, doubt in fresh:
        line.override_reason = common.asked(doubt, reason, knowing=True)
    return {line.order_id: doubt for line, doubt in found}


def _open(made: Draft) -> dict[int, Refusal]:
    return {int(key.partition("+")[0]): why for key, why in made.refused.items()}


def _require_true_basis(
    actor: Actor, found: DayPlan, lines: Sequence[PlanLine], orders: Mapping[int, Order]
) -> None:
    """Who works, who was sent and what is wanted must be as it was when the plan was made."""
    providers = {line.provider_id for line in lines}
    area = Area(prefix_of(found.region_id), frozenset(providers))
    # Whoever went to hospital meanwhile, or died, is told by name.
    here = {line.order_id for line in lines}
    now = basis_of(facts_of(actor, found.day, area, here))
    if any(now.get(str(one)) != found.basis.get(str(one)) for one in providers):
        raise Outdated
    waiting = {OrderState.ACCEPTED, OrderState.ASSIGNED}
    if any(orders[line.order_id].state not in waiting for line in lines):
        raise Outdated
    passed = clock.now() - OVERDUE
    if any(line.starts_at is not None and line.starts_at < passed for line in lines):
        raise Outdated(
            "草稿里有的上门时间已经过了，还没有公布，也没有通知任何人。请按新情况重排一次。"
        )


def _make_true(
    actor: Actor,
    lines: Sequence[PlanLine],
    orders: Mapping[int, Order],
    reason: str,
    doubts: Mapping[int, str],
) -> Published:
    going = [line for line in lines if line.staff_id is not None]
    left = [line for line in lines if line.staff_id is None]
    before = _taken_back(lines, reason)
    staff = scope.visible(StaffMember, actor).in_bulk({line.staff_id for line in going})
    rows = [
        common.row_of(actor, orders[n.order_id], _sent(n), staff[n.staff_id or 0]) for n in going
    ]
    try:
        common.write(rows)
    except (common.NotFree, common.AlreadyTaken) as error:
        raise Outdated from error
    for line, row in zip(going, rows, strict=True):
        because = reason if line.breaks_word else ""
        doubt = doubts.get(row.order_id, "")
        _tell_change(actor, row.order, before.get(line.before_id or 0), row, because, doubt)
    for line in left:
        common.reopen(orders[line.order_id])
        if line.before_id:
            common.tell(actor, "assignment.dropped", orders[line.order_id], before[line.before_id])
    return Published(rows, [line.order_id for line in left])


def _taken_back(lines: Sequence[PlanLine], reason: str) -> dict[int, Assignment]:
    """What stood, taken back: by the new plan, or for the reason why nobody goes any more."""
    before = Assignment.objects.in_bulk({line.before_id for line in lines} - {None})
    alone = [before[line.before_id] for line in lines if line.before_id and line.breaks_word]
    common.take_back([row for row in before.values() if row not in alone], "按新的排班改派")
    common.take_back(alone, reason)
    return before


def _sent(line: PlanLine) -> common.Sent:
    others = [
        {"name": o["name"], "start": o["start"], "extra": round(o["extra"])}
        for o in line.why.get("others", [])
    ]
    return common.Sent(
        line.staff_id or 0,
        line.starts_at or clock.now(),
        line.travel_minutes,
        line.metres,
        line.reason,
        others,
        line.override_reason,
        seat=line.seat,
    )


def _tell_change(
    actor: Actor, order: Order, was: Assignment | None, row: Assignment, because: str, doubt: str
) -> None:
    """One word for each: who comes, who comes instead, or when she comes instead."""
    despite = {"doubt": doubt} if doubt else {}
    if was is not None and was.staff_id == row.staff_id:
        told = was.starts_at.isoformat()
        common.tell(actor, "assignment.moved", order, row, was=told, because=because, **despite)
        return
    if was is not None:
        common.tell(actor, "assignment.withdrawn", order, was)
    common.tell(actor, "order.assigned", order, row, **despite)
