"""Says whether a plan keeps every hard limit. Written from the problem alone, without the search.

It reads the planned starts; times within a second are equal.
"""

from itertools import pairwise

from songbai.domain.dispatch.solver.day.problem import (
    Assignment,
    Break,
    Caregiver,
    Plan,
    Problem,
    Visit,
)

SECOND = 1.01 / 60


def faults(problem: Problem, plan: Plan) -> list[str]:
    """What the plan breaks, in words; empty when it is sound."""
    visits = {v.id: v for v in problem.visits}
    found = _everything_once(problem, plan)
    if found:
        return found
    for caregiver in problem.caregivers:
        route = plan.routes.get(caregiver.id, ())
        for assignment in route:
            found += _visit_faults(visits[assignment.visit], caregiver, assignment)
        found += _route_faults(problem, visits, caregiver, route)
    return found + _relation_faults(problem, plan)


def _everything_once(problem: Problem, plan: Plan) -> list[str]:
    listed = [a.visit for route in plan.routes.values() for a in route] + list(plan.unserved)
    wanted = [v.id for v in problem.visits]
    return [] if sorted(listed) == sorted(wanted) else ["visits are missing or there twice"]


def _visit_faults(visit: Visit, who: Caregiver, at: Assignment) -> list[str]:
    found = []
    if not visit.skills <= who.skills or who.id in visit.forbidden:
        found.append(f"{visit.id}: {who.id} may not")
    if visit.only is not None and who.id not in visit.only:
        found.append(f"{visit.id}: {who.id} is not among those allowed")
    if visit.pinned_to not in (None, who.id):
        found.append(f"{visit.id}: pinned to {visit.pinned_to}")
    if visit.pinned_start is not None:
        if abs(at.start - visit.pinned_start) > SECOND:
            found.append(f"{visit.id}: pinned to another time")
    elif at.start < visit.earliest - SECOND or (visit.hard and at.start > visit.latest + SECOND):
        found.append(f"{visit.id}: outside its window")
    return found


def _route_faults(
    problem: Problem, visits: dict[str, Visit], who: Caregiver, route: tuple[Assignment, ...]
) -> list[str]:
    if not route:
        return []
    matrix = problem.travel[who.mode]
    gaps: list[tuple[float, float | None, float]] = []  # free from, must begin, road between
    load = who.load
    place, free = who.start_place, who.starts
    for assignment in route:
        visit = visits[assignment.visit]
        road = float(matrix[place, visit.place])
        if who.capacity is not None and load + visit.amount > who.capacity:
            if who.refill_place is None:
                return [f"{who.id}: more than the vehicle holds"]
            road = float(matrix[place, who.refill_place] + matrix[who.refill_place, visit.place])
            road, load = road + who.refill_minutes, 0
        load += visit.amount
        gaps.append((free, assignment.start, road))
        place = visit.place if visit.end_place is None else visit.end_place
        free = assignment.start + visit.minutes
    home = 0.0 if who.end_place is None else float(matrix[place, who.end_place])
    gaps.append((free, None, home))
    found = [
        f"{a.visit} and {b.visit} out of order" for a, b in pairwise(route) if b.start < a.start
    ]
    found += [
        f"{who.id}: too little time on the way" for f, s, r in gaps if s and s < f + r - SECOND
    ]
    return found + _rest_faults(who, gaps)


def _rest_faults(who: Caregiver, gaps: list[tuple[float, float | None, float]]) -> list[str]:
    """Each break finds room in a gap, and the shift with its overtime still suffices."""
    waiting: list[Break] = sorted(who.breaks, key=lambda b: b.earliest)
    found = []
    for free, start, road in gaps:
        now = free
        while waiting:
            begin = max(now, waiting[0].earliest)
            fits = start is not None and begin + waiting[0].minutes + road <= start + SECOND
            owed = start is None and now + road > waiting[0].latest + SECOND
            if not fits and not owed:
                break
            if begin > waiting[0].latest + SECOND:
                found.append(f"{who.id}: rests too late")
            now = begin + waiting.pop(0).minutes
        if start is None and now + road > who.ends + who.most_overtime + len(gaps) * SECOND:
            found.append(f"{who.id}: home too late")
    return found


def _relation_faults(problem: Problem, plan: Plan) -> list[str]:
    found = []
    for relation in problem.relations:
        first, second = plan.find(relation.first), plan.find(relation.second)
        if first is None or second is None:
            if first is not second:
                found.append(f"{relation.first}, {relation.second}: only one of them is made")
            continue
        lag = second.start - first.start
        if lag < relation.least - SECOND:
            found.append(f"{relation.second}: too soon after {relation.first}")
        if relation.most is not None and lag > relation.most + SECOND:
            found.append(f"{relation.second}: too late after {relation.first}")
        together = first.caregiver == second.caregiver
        if relation.same_caregiver is not None and together != relation.same_caregiver:
            found.append(f"{relation.first}, {relation.second}: wrong people")
    return found
