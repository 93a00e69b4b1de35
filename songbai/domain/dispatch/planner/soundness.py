"""Whether what stands is a plan at all: sent by hand, travel is nobody's promise."""

from collections.abc import Mapping

from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.solver.day.arrays import may
from songbai.domain.dispatch.solver.day.explain import load_plan
from songbai.domain.dispatch.solver.day.insert import broken_routes
from songbai.domain.dispatch.solver.day.problem import Plan

from .facts import Decided, Facts
from .prices import House
from .tasks import Apart, Task, task_of


def sound_task(
    facts: Facts,
    provider_id: int,
    house: House,
    travel: Travel,
    *,
    keep: bool = False,
    decided: Mapping[str, Decided] | None = None,
) -> Task:
    """``task_of`` without those whose standing day breaks a limit: what stands is then a plan."""
    task = task_of(facts, provider_id, house, travel, keep=keep, decided=decided)
    apart = overfull(task, task.standing)
    if not apart.staff:
        return task
    return task_of(facts, provider_id, house, travel, keep=keep, decided=decided, apart=apart)


def overfull(task: Task, plan: Plan) -> Apart:
    """Who cannot do what a plan gives her, and those visits."""
    problem = task.problem
    visits = {visit.id: visit for visit in problem.visits}
    broken = set(broken_routes(load_plan(problem, plan)))
    bad = [
        caregiver.id
        for k, caregiver in enumerate(problem.caregivers)
        if k in broken
        or any(not may(visits[a.visit], caregiver) for a in plan.routes[caregiver.id])
    ]
    staff = frozenset(task.members[name].staff_id for name in bad)
    return Apart(
        staff,
        frozenset(
            a.visit
            for name, route in plan.routes.items()
            if task.members[name].staff_id in staff
            for a in route
        ),
    )
