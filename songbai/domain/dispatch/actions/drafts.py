"""Drafting a day and changing a draft. Nobody is told anything."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.acting import Actor, Reach, on, publish, require
from songbai.core.errors import NotFound, Refused
from songbai.core.regions.rules import full
from songbai.core.travel import travel
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.dispatch.declares import DISPATCH_PLAN
from songbai.domain.dispatch.models import DayPlan, PlanLine
from songbai.domain.dispatch.planner.drafting import Draft, Terms, draft_of
from songbai.domain.dispatch.planner.facts import Decided, Facts
from songbai.domain.dispatch.planner.lines import Line
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.queries.days import Area, basis_of, facts_of, minute_of, moment_of
from songbai.domain.dispatch.queries.doubts import calls_of_plan, doubt_of
from songbai.domain.dispatch.queries.plans import figures_of_plan, key_of, line_of, prefix_of
from songbai.domain.dispatch.queries.plans import get as get_plan
from songbai.domain.dispatch.queries.trials import Edit, NotReady, moved
from songbai.domain.dispatch.rules import PlanState
from songbai.domain.dispatch.solver.day.problem import BadProblem
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import get as get_order
from songbai.domain.orders.rules import OrderState

from . import common


class NotADraft(Refused):
    """这份计划已经公布或作废，不能再改。请看最新的计划。"""


class DoesNotFit(Refused):
    """这样排不下：赶不到、过了下班时间、没带要用的车，或和已定的撞上。请换一个人，或换一个时间。"""

    field = "staff"


def draft(
    actor: Actor,
    day: date,
    *,
    area: Area | None = None,
    cause: str = "排一版看看",
    terms: Terms | None = None,
    parent: DayPlan | None = None,
) -> DayPlan:
    """Make a plan of a day, from where everybody is now, for dispatchers to look at.

    Nobody is told. Raises NotAllowed, NotReady, DoesNotFit when what is pinned does not fit
    together.
    """
    require(actor, DISPATCH_PLAN)
    area = area or Area(actor.region or "")
    terms = terms or Terms()
    known = {key: one for key, one in (terms.decided or {}).items() if one.despite}
    facts = facts_of(actor, day, area, {int(key.partition("+")[0]) for key in known})
    made = made_of(facts, terms)
    return keep(actor, day, area, cause, facts, made, terms, parent)


@transaction.atomic
def drop(actor: Actor, plan_id: int) -> None:
    """Throw a draft away. Raises NotFound, NotAllowed, NotADraft."""
    require(actor, DISPATCH_PLAN)
    found = get_plan(actor, plan_id)
    require_area(actor, found)
    lock_draft(plan_id)
    DayPlan.objects.filter(pk=plan_id, state=PlanState.DRAFT).update(state=PlanState.DROPPED)
    announce(actor, found, "plan.dropped")


def redraft(actor: Actor, plan_id: int) -> DayPlan:
    """Plan a draft's day again as things are now; what was pinned in it stays pinned.

    Raises NotFound, NotAllowed, NotReady, DoesNotFit.
    """
    require(actor, DISPATCH_PLAN)
    before = get_plan(actor, plan_id)
    terms = Terms(decided=_pins(before), seed=before.seed)
    area = Area(prefix_of(before.region_id))
    return draft(actor, before.day, area=area, cause="按新情况重排", terms=terms, parent=before)


@transaction.atomic
def move(
    actor: Actor,
    plan_id: int,
    key: str,
    staff_id: int,
    start: int | None = None,
    *,
    knowing: bool = False,
    reason: str = "",
) -> PlanLine:
    """Give one visit of a draft to somebody, at a minute of the day if given; it is pinned there.

    The rest of the draft stays with whom it is; starts move along. Where the elder is away, or
    somebody else is there then, only ``knowing`` it, for a reason. Raises NotFound, NotAllowed,
    NotADraft, Outdated, DoesNotFit, Doubtful, ReasonMissing.
    """
    require(actor, DISPATCH_PLAN)
    seen = get_plan(actor, plan_id)
    require_area(actor, seen)
    found = lock_draft(plan_id)
    line = _line_for(actor, found, key)
    doubt = doubt_of(line.order, line.starts_at or line.order.window_start, [])
    because = common.asked(doubt, reason, knowing=knowing)
    done = moved(actor, found, line, Decided(staff_id, start, because))
    if done is None:
        raise DoesNotFit
    meant = doubt_of(line.order, moment_of(found.day, done.start), calls_of_plan(found, line.order))
    because = common.asked(meant, reason, knowing=knowing)
    _rewrite(actor, found, done)
    line.refresh_from_db()
    line.pinned, line.fixed, line.override_reason = True, start is not None, because[:120]
    line.save(update_fields=["pinned", "fixed", "override_reason"])
    _changed(actor, found, line, meant)
    return line


@transaction.atomic
def pin(
    actor: Actor,
    plan_id: int,
    key: str,
    *,
    pinned: bool,
    fixed: bool = False,
    knowing: bool = False,
    reason: str = "",
) -> PlanLine:
    """Pin a visit of a draft to its caregiver (and its time), or let it go.

    What is in doubt (the elder is away, or somebody else is there then) is pinned only ``knowing``
    it, for a reason. Raises NotFound, NotAllowed, NotADraft, Doubtful, ReasonMissing.
    """
    require(actor, DISPATCH_PLAN)
    require_area(actor, get_plan(actor, plan_id))
    found = lock_draft(plan_id)
    line = line_of(found, key)
    if line.staff_id is None or line.starts_at is None:
        raise NotFound
    line.pinned, line.fixed = pinned or fixed, fixed
    stays = line.before is not None and line.before.starts_at == line.starts_at
    doubt = ""
    if line.pinned and not line.override_reason and not stays:
        doubt = doubt_of(line.order, line.starts_at, calls_of_plan(found, line.order))
        line.override_reason = common.asked(doubt, reason, knowing=knowing)[:120]
    elif not line.pinned:
        line.override_reason = ""
    line.save(update_fields=["pinned", "fixed", "override_reason"])
    if doubt:
        _changed(actor, found, line, doubt)
    return line


def _line_for(actor: Actor, found: DayPlan, key: str) -> PlanLine:
    """The line of a draft; an open one for an order that was left out as its elder is away.

    Raises NotFound.
    """
    with suppress(NotFound):
        return line_of(found, key)
    order_id, _, seat = key.partition("+")
    order = get_order(actor, int(order_id) if order_id.isascii() and order_id.isdecimal() else 0)
    day = order.window_start.astimezone(clock.SHANGHAI).date()
    if order.state != OrderState.ACCEPTED or day != found.day or seat:
        raise NotFound
    require(actor, DISPATCH_PLAN, Reach(order.region_id))
    area = Area(prefix_of(found.region_id), frozenset({order.provider_id}))
    found.basis = basis_of(facts_of(actor, day, area, {order.pk})) | found.basis
    found.save(update_fields=["basis"])
    return PlanLine.objects.create(
        plan=found,
        order=order,
        elder_id=order.elder_id,
        region_id=order.region_id,
        provider_id=order.provider_id,
        minutes=order.minutes,
        changed=False,
    )


def _changed(actor: Actor, found: DayPlan, line: PlanLine, doubt: str) -> None:
    """Say that a draft was changed; and of which order in spite of which doubt, for what reason."""
    despite = {"order": line.order_id, "doubt": doubt, "override": line.override_reason}
    announce(actor, found, "plan.changed", **(despite if doubt else {}))


def made_of(facts: Facts, terms: Terms) -> Draft:
    """Let the planner work. Raises NotReady, DoesNotFit when pins do not fit together."""
    from songbai.domain.dispatch.planner import engine

    if not engine.ready():
        raise NotReady
    try:
        return draft_of(facts, terms, house(), travel(), catalogue().skill_words)
    except BadProblem as error:
        raise DoesNotFit from error


def _pins(found: DayPlan) -> dict[str, Decided]:
    return {
        key_of(line): Decided(
            line.staff_id or 0,
            minute_of(found.day, line.starts_at) if line.fixed and line.starts_at else None,
            line.override_reason,
        )
        for line in found.lines.filter(pinned=True)
    }


@transaction.atomic
def keep(
    actor: Actor,
    day: date,
    area: Area,
    cause: str,
    facts: Facts,
    made: Draft,
    terms: Terms,
    parent: DayPlan | None,
) -> DayPlan:
    """Keep a draft with its lines; it takes the place of its parent."""
    found = DayPlan.objects.create(
        region_id=full(area.region),
        day=day,
        cause=cause[:80],
        parent=parent,
        seed=terms.seed,
        whole=made.whole,
        cost=made.cost,
        figures=made.figures.as_json(),
        basis=basis_of(facts),
        made_by_id=actor.account_id,
        made_by=actor.name,
        made_at=clock.now(),
    )
    owners = (
        scope.visible(Order, actor)
        .only("elder_id", "region_id", "provider_id")
        .in_bulk({line.need.order_id for line in made.lines})
    )
    PlanLine.objects.bulk_create(
        _row(found, line, owners[line.need.order_id], terms.decided or {}) for line in made.lines
    )
    if parent is not None:
        DayPlan.objects.filter(pk=parent.pk, state=PlanState.DRAFT).update(state=PlanState.DROPPED)
    announce(actor, found, "plan.drafted")
    return found


def _row(found: DayPlan, line: Line, order: Order, decided: Mapping[str, Decided]) -> PlanLine:
    fixed = decided.get(line.need.key)
    stays = fixed is not None and line.staff_id is not None
    return PlanLine(
        plan=found,
        order=order,
        seat=line.need.seat,
        elder_id=order.elder_id,
        region_id=order.region_id,
        provider_id=order.provider_id,
        before_id=line.need.standing.assignment_id if line.need.standing else None,
        pinned=stays,
        fixed=stays and fixed is not None and fixed.start is not None,
        override_reason=fixed.despite if stays and fixed else "",
        **_values(found.day, line),
    )


def _values(day: date, line: Line) -> dict[str, Any]:
    return {
        "staff_id": line.staff_id,
        "staff_name": line.staff_name,
        "starts_at": None if line.start is None else moment_of(day, line.start),
        "minutes": line.need.minutes,
        "travel_minutes": line.travel_minutes,
        "metres": line.metres,
        "familiar": line.familiar,
        "reason": line.reason,
        "why": dict(line.why or {}),
        "changed": line.changed,
    }


def _rewrite(actor: Actor, found: DayPlan, done: Edit) -> None:
    """Write the lines of one provider that a move has changed, and the numbers of the whole."""
    rows = {key_of(row): row for row in found.lines.filter(provider_id=done.provider_id)}
    touched = []
    for line in done.lines:
        row, values = rows[line.need.key], _values(found.day, line)
        if not line.changed and not row.changed:
            continue
        for name, value in values.items():
            setattr(row, name, value)
        touched.append(row)
    PlanLine.objects.bulk_update(
        touched,
        [
            "staff",
            "staff_name",
            "starts_at",
            "travel_minutes",
            "metres",
            "familiar",
            "reason",
            "why",
            "changed",
        ],
    )
    cost = found.cost + done.extra
    figures = figures_of_plan(actor, found, cost).as_json()
    DayPlan.objects.filter(pk=found.pk).update(cost=cost, figures=figures)


def lock_draft(plan_id: int) -> DayPlan:
    """The draft, locked until the transaction ends. Raises NotADraft."""
    found = DayPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    if found.state != PlanState.DRAFT:
        raise NotADraft
    return found


def require_area(actor: Actor, found: DayPlan) -> None:
    """A plan is for whoever may dispatch in all of its area."""
    require(actor, DISPATCH_PLAN, Reach(found.region_id))


def announce(actor: Actor, found: DayPlan, kind: str, **more: Any) -> None:
    """Wake the desks of the area; no family and no caregiver hears of it."""
    publish(kind, actor, **on("plan", found), day=found.day.isoformat(), cause=found.cause, **more)
