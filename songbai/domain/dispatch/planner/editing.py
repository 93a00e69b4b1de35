"""Changing a plan by hand: what a move costs before it is made, and the plan after it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.solver.day.explain import load_plan, moved
from songbai.domain.dispatch.solver.day.plan import read_plan
from songbai.domain.dispatch.solver.day.problem import Assignment, Plan, Problem

from .facts import Decided, Facts, Need
from .prices import House
from .soundness import overfull
from .tasks import Task, routed, task_of


@dataclass(frozen=True)
class Seat:
    """Where a draft has a visit: its key, who and when, and whether the time is fixed."""

    key: str
    staff_id: int
    start: int
    fixed: bool = False


@dataclass(frozen=True)
class Moved:
    """A plan before and after one move; ``extra`` points more, ``start`` of the moved visit."""

    task: Task
    before: Plan
    after: Plan
    start: int

    @property
    def extra(self) -> float:
        """What the move costs in points."""
        return self.after.cost - self.before.cost

    @property
    def changes(self) -> int:
        """How many visits go to somebody else or begin at another time."""
        before = {a.visit: (a.caregiver, a.start) for r in self.before.routes.values() for a in r}
        after = [a for route in self.after.routes.values() for a in route]
        return sum(before.get(a.visit) != (a.caregiver, a.start) for a in after)


def edited(
    facts: Facts, provider_id: int, seats: Iterable[Seat], house: House, travel: Travel
) -> tuple[Task, Plan]:
    """One provider's draft as a task and a plan, with the routes that its lines say.

    Whoever's route breaks a limit meanwhile is left out with all of it.
    """
    chosen = list(seats)
    fixed = {seat.key: Decided(seat.staff_id, seat.start) for seat in chosen if seat.fixed}
    task = task_of(facts, provider_id, house, travel, decided=fixed)
    plan = _routes(task, chosen)
    apart = overfull(task, plan)
    if apart.staff:
        task = task_of(facts, provider_id, house, travel, decided=fixed, apart=apart)
        plan = _routes(task, chosen)
    return task, plan


def move(task: Task, plan: Plan, key: str, target: Decided) -> Moved | None:
    """Give one visit to somebody, at a minute if given; None when a hard limit is broken.

    Everybody else keeps visits and order; starts move along.
    """
    if key not in task.needs:
        return None
    minute = target.start
    if minute is None:
        found = plan.find(key)
        minute = round(found.start) if found else task.needs[key].earliest
    who = task.caregiver_of(target.staff_id, minute)
    if who is None:
        return None
    problem = _with_start(task.problem, task.needs[key], who, target.start)
    before = read_plan(task.problem, load_plan(task.problem, plan))
    after = moved(problem, plan, key, who)
    found = after.find(key) if after else None
    if after is None or found is None:
        return None
    return Moved(replace(task, problem=problem), before, after, round(found.start))


def _with_start(problem: Problem, need: Need, who: str, start: int | None) -> Problem:
    if start is None:
        return problem
    earliest, latest = need.agreed
    visits = tuple(
        replace(
            visit,
            pinned_to=who,
            pinned_start=float(start),
            earliest=min(visit.earliest, max(earliest, start)),
            latest=max(visit.latest, latest),
        )
        if visit.id == need.key
        else visit
        for visit in problem.visits
    )
    return replace(problem, visits=visits)


def _routes(task: Task, seats: Iterable[Seat]) -> Plan:
    lengths = {visit.id: visit.minutes for visit in task.problem.visits}
    routes: dict[str, list[Assignment]] = {c.id: [] for c in task.problem.caregivers}
    for seat in seats:
        who = task.caregiver_of(seat.staff_id, seat.start)
        if who is not None and seat.key in lengths:
            end = seat.start + lengths[seat.key]
            routes[who].append(Assignment(seat.key, who, seat.start, end))
    return routed(task.problem, routes)
