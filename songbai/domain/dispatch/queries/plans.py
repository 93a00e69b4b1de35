"""Reading plans of a day: drafts, what they change, what they would bring."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from songbai.core import scope
from songbai.core.acting import Actor, require
from songbai.core.errors import NotFound
from songbai.core.found import found_in
from songbai.core.regions.rules import DIGITS, level_of
from songbai.domain.dispatch.declares import DISPATCH_READ
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.planner.drafting import count_as_it_stands, trips_of
from songbai.domain.dispatch.planner.figures import Figures, Trip, figures_of
from songbai.domain.dispatch.rules import PlanState

from .days import Area, facts_of


def prefix_of(region: str) -> str:
    """The code prefix of a 12-digit code."""
    return region[: DIGITS[level_of(region)]]


def key_of(line: PlanLine | Assignment) -> str:
    """The name of a line's, or an assignment's, need in the solver's problem."""
    return str(line.order_id) if line.seat == 1 else f"{line.order_id}+{line.seat}"


def visible(actor: Actor) -> QuerySet[DayPlan]:
    """Plans in the actor's area. Raises NotAllowed."""
    require(actor, DISPATCH_READ)
    return scope.visible(DayPlan, actor)


def get(actor: Actor, plan_id: int) -> DayPlan:
    """One plan in the actor's area. Raises NotFound, NotAllowed."""
    return found_in(visible(actor).filter(pk=plan_id))


def drafts(actor: Actor, day: date) -> list[DayPlan]:
    """Drafts of a day, the newest first, each with ``changes``: how many lines change something."""
    rows = visible(actor).filter(day=day, state=PlanState.DRAFT)
    return list(
        rows.annotate(changes=Count("lines", filter=Q(lines__changed=True))).order_by("-pk")
    )


def line_of(found: DayPlan, key: str) -> PlanLine:
    """The line of a plan with that key. Raises NotFound, also for what is no key."""
    order_id, _, seat = key.partition("+")
    if not (order_id.isascii() and order_id.isdecimal() and (seat or "1").isdecimal()):
        raise NotFound
    return found_in(found.lines.filter(order_id=int(order_id), seat=int(seat or 1)))


def lines_of_plan(found: DayPlan, *, changed: bool = False) -> QuerySet[PlanLine]:
    """The lines of a plan by caregiver and time, with their elders; ``changed``: only those."""
    rows = found.lines.select_related("elder", "order", "before")
    if changed:
        rows = rows.filter(changed=True)
    return rows.order_by("staff_id", "starts_at", "order_id", "seat")


def figures_of_plan(actor: Actor, found: DayPlan, cost: float) -> Figures:
    """The numbers of a plan as its lines stand now."""
    rows = list(found.lines.all())
    known = {row.order_id for row in rows if row.override_reason}
    facts = facts_of(actor, found.day, Area(prefix_of(found.region_id)), known)
    going = [row for row in rows if row.staff_id is not None]
    every: list[Trip] = [*trips_of(facts, begun=True), *going]
    return figures_of(every, facts.members, len(rows) - len(going), cost)


def figures_as_it_stands(actor: Actor, day: date) -> Figures:
    """The numbers of a day as everybody was told. Raises NotAllowed."""
    return count_as_it_stands(facts_of(actor, day, Area(actor.region or "")))


@dataclass(frozen=True)
class Difference:
    """One visit that two plans do differently; None: nobody goes."""

    line: PlanLine
    other: PlanLine | None


def compare(one: DayPlan, other: DayPlan) -> list[Difference]:
    """Where two plans of a day differ, by time."""
    there = {(row.order_id, row.seat): row for row in other.lines.all()}
    found = []
    for row in lines_of_plan(one):
        twin = there.get((row.order_id, row.seat))
        if twin is None or (row.staff_id, row.starts_at) != (twin.staff_id, twin.starts_at):
            found.append(Difference(row, twin))
    return found


class Change(StrEnum):
    """What a line changes."""

    NEW = "新派"
    PERSON = "换人"
    TIME = "改时间"
    NOBODY = "没人去了"


def change_of(line: PlanLine) -> Change | None:
    """What a line with its ``before`` changes; None: nothing."""
    if not line.changed:
        return None
    if line.before is None:
        return Change.NEW
    if line.staff_id is None:
        return Change.NOBODY
    return Change.TIME if line.before.staff_id == line.staff_id else Change.PERSON


def sentence(line: PlanLine) -> str:
    """Why, in one sentence for the desk; names are masked."""
    others = line.why.get("others", [])
    if line.staff_id is None:
        barred = "，".join(f"{b['count']} 人{b['words']}" for b in line.why.get("barred", []))
        return f"没有人能去：{barred or '这一天没有人上班'}"
    if not others:
        return f"{line.reason}，没有别人能去" if line.reason else ""
    first = others[0]
    extra = round(first["extra"])
    price = f"多花 {extra} 分" if extra > 0 else f"少花 {-extra} 分" if extra < 0 else "一样"
    return f"{line.reason}，换成{first['name']}{price}"
