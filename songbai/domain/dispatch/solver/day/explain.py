"""Why this caregiver, what a move would cost, which slots are cheap: exact, by trying."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from songbai.domain.dispatch.solver.day.arrays import Arrays, arrays_of, may, seconds
from songbai.domain.dispatch.solver.day.insert import (
    Spot,
    broken_routes,
    cost_of,
    spot_of,
    spots_everywhere,
    spots_of,
)
from songbai.domain.dispatch.solver.day.plan import read_plan
from songbai.domain.dispatch.solver.day.problem import (
    BadProblem,
    Caregiver,
    Plan,
    Problem,
    Visit,
)
from songbai.domain.dispatch.solver.day.rebuild import place_in, price_everywhere, take_from
from songbai.domain.dispatch.solver.day.walk import walk


@dataclass(frozen=True)
class Alternative:
    """A caregiver who could make the visit: extra points for all, and her ``number`` of it."""

    caregiver: str
    extra: float
    start: float
    number: int


@dataclass(frozen=True)
class Reasons:
    """Why a visit is where it is.

    Attributes:
        familiar: None when the elder knows nobody yet, or nobody goes.
        others: who else could, cheapest first, other visits staying where they are.
        barred: caregiver → why not (skill, refused, vehicle, full).
        unmet: wishes that could not be met, in words for the desk.
    """

    familiar: bool | None
    others: tuple[Alternative, ...]
    barred: dict[str, str]
    unmet: tuple[str, ...]


def load_plan(problem: Problem, plan: Plan) -> Arrays:
    """The plan, exactly, in arrays. Raises: BadProblem: the plan does not belong to the problem."""
    arrays = arrays_of(problem)
    index = {v.id: i for i, v in enumerate(problem.visits)}
    for k, caregiver in enumerate(problem.caregivers):
        for assignment in plan.routes.get(caregiver.id, ()):
            if assignment.visit not in index:
                raise BadProblem(f"visit {assignment.visit}: not in the problem")
            place_in(arrays, k, index[assignment.visit], arrays.length[k])
    cost_of(arrays)
    return arrays


def explain_all(
    problem: Problem, plan: Plan, visit_ids: Sequence[str], most: int = 5
) -> dict[str, Reasons]:
    """Why visits are where they are, and what each other caregiver would have cost."""
    arrays = load_plan(problem, plan)
    return {one: _explained(problem, arrays, _find(problem, one), most) for one in visit_ids}


def _explained(problem: Problem, arrays: Arrays, v: int, most: int) -> Reasons:
    visit, here = problem.visits[v], int(arrays.stops["route"][v])
    start = int(arrays.stops["start"][v]) / 60
    before = cost_of(arrays)[0]
    number, broken = -1, 0
    if here >= 0:
        number = arrays.order[here, : arrays.length[here]].tolist().index(v)
        take_from(arrays, v)
        _, broken = cost_of(arrays)  # who is brought on by a visit may come late without it
    else:
        before -= float(arrays.stops["unserved_price"][v])
    spots = {} if broken else spots_everywhere(arrays, v)
    away = [spot for k, spot in spots.items() if k != here]
    away.sort(key=lambda spot: (spot.cost, problem.caregivers[spot.caregiver].id))
    others = tuple(
        Alternative(
            problem.caregivers[spot.caregiver].id,
            spot.cost - before,
            _start(arrays, v, spot),
            spot.number,
        )
        for spot in away[:most]
    )
    barred = {
        caregiver.id: why_not(visit, caregiver) or "时间排不下"
        for k, caregiver in enumerate(problem.caregivers)
        if k != here and k not in spots
    }
    if here < 0:
        return Reasons(None, others, barred, ())
    place_in(arrays, here, v, number)
    cost_of(arrays)
    who = problem.caregivers[here]
    familiar = who.id in visit.known if visit.known else None
    return Reasons(familiar, others, barred, tuple(_unmet(visit, who, start)))


def places_for(problem: Problem, plan: Plan, visit: Visit) -> list[Alternative]:
    """Everybody who could make a visit more, cheapest first; all others stay where they are.

    For a problem without relations: each route is then looked at alone, and the price is exact.
    """
    v, names = len(problem.visits), [caregiver.id for caregiver in problem.caregivers]
    arrays = load_plan(replace(problem, visits=(*problem.visits, visit)), plan)
    stops, crew, _, travel, fit, order, length, _ = arrays
    extra, number = np.empty(len(names)), np.empty(len(names), np.int64)
    price_everywhere(arrays, v, extra, number)
    found = []
    for k in np.flatnonzero(number >= 0).tolist():
        place_in(arrays, k, v, int(number[k]))
        walk(stops, crew, travel, fit, order, length, k, -1, 0, True)
        start = int(stops["start"][v]) / 60
        take_from(arrays, v)
        found.append(Alternative(names[k], float(extra[k]), start, int(number[k])))
    return sorted(found, key=lambda one: (one.extra, one.caregiver))


def as_it_will_be(problem: Problem, plan: Plan) -> Problem:
    """The problem in which whoever cannot keep what stands is late as she will be, and no later.

    Her rest is left out when what stands leaves no room for it.
    """
    for rested in (True, False):
        late = {problem.caregivers[k].id for k in broken_routes(load_plan(problem, plan))}
        if late:
            problem = _late(problem, plan, late, rested=rested)
    return problem


def _late(problem: Problem, plan: Plan, late: set[str], *, rested: bool) -> Problem:
    crew = [
        caregiver if rested or caregiver.id not in late else replace(caregiver, breaks=())
        for caregiver in problem.caregivers
    ]
    problem = replace(problem, caregivers=tuple(crew))
    starts = (load_plan(problem, plan).stops["start"] / 60).tolist()
    hers = {a.visit: name for name in late for a in plan.routes.get(name, ())}
    ends: dict[str, float] = {}
    visits = []
    for visit, start in zip(problem.visits, starts, strict=True):
        if visit.id in hers:
            name = hers[visit.id]
            ends[name] = max(ends.get(name, 0.0), start + visit.minutes)
            opens = visit.earliest if visit.pinned_start is None else visit.pinned_start
            visit = replace(visit, pinned_start=None, earliest=opens, latest=start, hard=True)
        visits.append(visit)
    longer = [
        replace(c, most_overtime=max(c.most_overtime, ends[c.id] - c.ends)) if c.id in ends else c
        for c in crew
    ]
    return replace(problem, visits=tuple(visits), caregivers=tuple(longer))


def why_not(visit: Visit, caregiver: Caregiver) -> str | None:
    """Why the caregiver may not make the visit whatever the time; None when they may."""
    missing = visit.skills - caregiver.skills
    reasons = [
        (bool(missing), "没有" + "、".join(sorted(missing)) + "资格"),
        (caregiver.id in visit.forbidden, "老人不要这位护理员"),
        (visit.only is not None and caregiver.id not in visit.only, "不在可派的人里"),
        (visit.pinned_to not in (None, caregiver.id), "已经钉给别人"),
        (not may(visit, caregiver), "车里装不下"),
    ]
    return next((words for barred, words in reasons if barred), None)


def moved(problem: Problem, plan: Plan, visit_id: str, caregiver_id: str) -> Plan | None:
    """The plan with one visit at its cheapest place on somebody's route; everybody else stays.

    Starts are timed anew. None when a hard limit would be broken.
    """
    v = _find(problem, visit_id)
    k = [caregiver.id for caregiver in problem.caregivers].index(caregiver_id)
    routes = {name: tuple(a for a in r if a.visit != visit_id) for name, r in plan.routes.items()}
    arrays = load_plan(problem, replace(plan, routes=routes))
    spots = spots_of(arrays, v, k)
    if not spots:
        return None
    place_in(arrays, k, v, spots[0].number)
    return read_plan(problem, arrays)


@dataclass(frozen=True)
class Slot:
    """A window offered to a caller: extra points and when somebody would come; None: nobody can."""

    extra: float | None = None
    start: float | None = None


def cheap_slots(
    problem: Problem, plan: Plan, visit: Visit, windows: Sequence[tuple[float, float]]
) -> list[Slot]:
    """What each window would cost for a new visit, in the order given.

    The visit is put in at its cheapest place; everybody else stays where they are.
    """
    wider = replace(problem, visits=(*problem.visits, replace(visit, hard=True)))
    arrays = load_plan(wider, plan)
    v = len(problem.visits)
    before = cost_of(arrays)[0] - float(arrays.stops["unserved_price"][v])
    slots = []
    for earliest, latest in windows:
        if latest < earliest:
            raise BadProblem(f"window {earliest}–{latest}: the wrong way round")
        arrays.stops["opens"][v] = seconds(earliest)
        arrays.stops["closes"][v] = seconds(latest)
        spot = spot_of(arrays, v)
        slots.append(Slot(spot.cost - before, _start(arrays, v, spot)) if spot else Slot())
    return slots


def _find(problem: Problem, visit_id: str) -> int:
    for i, visit in enumerate(problem.visits):
        if visit.id == visit_id:
            return i
    raise BadProblem(f"visit {visit_id}: not in the problem")


def _start(arrays: Arrays, v: int, spot: Spot) -> float:
    place_in(arrays, spot.caregiver, v, spot.number)
    cost_of(arrays)
    start = int(arrays.stops["start"][v]) / 60
    take_from(arrays, v)
    cost_of(arrays)
    return start


def _unmet(visit: Visit, who: Caregiver, start: float) -> list[str]:
    unmet = []
    if visit.known and who.id not in visit.known:
        unwanted = visit.known <= visit.forbidden
        unmet.append("老人不要熟悉的那位" if unwanted else "熟悉老人的人去不了")
    if visit.preferred and who.id not in visit.preferred:
        unmet.append("老人想要的人去不了")
    if start > visit.latest + 1 / 60:
        unmet.append(f"比约定晚 {start - visit.latest:.0f} 分钟")
    if visit.announced_to not in (None, who.id):
        unmet.append("和通知过的人不同")
    if visit.announced_start is not None and abs(start - visit.announced_start) > 1:
        unmet.append(f"比通知的时间差 {abs(start - visit.announced_start):.0f} 分钟")
    return unmet
