"""A public instance solved as a day is: ``python -m bench.dispatch --day``.

The benchmark's problem is a day with these weights and nothing else: a minute on the road and a
minute late cost one point each, everybody is served. The worst lateness, which the benchmark counts
once more, has no price in a day; it is counted afterwards.
"""

from typing import Any

import numpy as np

from songbai.domain.dispatch.solver.day.plan import plan_day
from songbai.domain.dispatch.solver.day.problem import (
    Caregiver,
    Plan,
    Problem,
    Relation,
    Visit,
    Weights,
)
from songbai.domain.dispatch.solver.search import Effort

#: Minutes after which no route of any instance is still under way.
LATEST = 100_000.0
WEIGHTS = Weights(
    waiting_minute=0,
    late_minute=1,
    overtime_minute=0,
    unserved=1e6,
    unfair_work_minute=0,
    unfair_travel_minute=0,
)


def problem_of(data: dict[str, Any]) -> Problem:
    """The day of a decoded instance file; a visit is named patient:service."""
    usual = {s["id"]: s.get("default_duration", 0) for s in data["services"]}
    visits, relations = [], []
    for place, patient in enumerate(data["patients"], start=1):
        earliest, latest = patient["time_window"]
        names = []
        for need in patient["required_caregivers"]:
            kind = need["service"]
            names.append(f"{patient['id']}:{kind}")
            minutes = need.get("duration", usual[kind])
            visits.append(
                Visit(names[-1], place, earliest, latest, minutes, skills=frozenset({kind}))
            )
        if len(names) == 2:
            sync = patient["synchronization"]
            least, most = (0, 0) if sync["type"] == "simultaneous" else sync["distance"]
            relations.append(Relation(names[0], names[1], least, most, same_caregiver=False))
    crew = tuple(
        Caregiver(str(c["id"]), 0, 0, LATEST, end_place=0, skills=frozenset(c["abilities"]))
        for c in data["caregivers"]
    )
    road = {"ebike": np.array(data["distances"], dtype=np.float64)}
    return Problem(crew, tuple(visits), road, tuple(relations), WEIGHTS)


def as_solution(plan: Plan) -> dict[str, Any]:
    """The routes as the checker reads them; it finds the earliest starts itself."""
    routes = []
    for caregiver, route in plan.routes.items():
        stops = [assignment.visit.rsplit(":", 1) for assignment in route]
        visits = [{"patient": patient, "service": service} for patient, service in stops]
        routes += [{"caregiver": caregiver, "visits": visits}] if visits else []
    return {"routes": routes}


def solved(data: dict[str, Any], seconds: float, seed: int = 1) -> dict[str, Any]:
    """The solution that the day engine finds in the time."""
    return as_solution(plan_day(problem_of(data), Effort(seconds=seconds, seed=seed)))
