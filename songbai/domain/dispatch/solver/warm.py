"""Compiles every kernel, so that the first plan of a new version does not wait for it."""

from pathlib import Path

import numpy as np

from songbai.domain.dispatch.solver.compiled import FOLDER
from songbai.domain.dispatch.solver.day.explain import cheap_slots, explain
from songbai.domain.dispatch.solver.day.plan import plan_day
from songbai.domain.dispatch.solver.day.problem import Caregiver, Problem, Relation, Visit
from songbai.domain.dispatch.solver.effort import Effort


def warm() -> Path:
    """Compile all of them; returns the kernels' folder."""
    warm_day()
    return FOLDER


def warm_day() -> None:
    """Plan, explain and price one tiny day: compiles what a real one needs."""
    problem = Problem(
        caregivers=(Caregiver("a", 0, 480, 1080), Caregiver("b", 0, 480, 1080)),
        visits=(Visit("x", 1, 500, 600, 30), Visit("y", 1, 500, 600, 30)),
        travel={"ebike": np.array([[0.0, 5.0], [5.0, 0.0]])},
        relations=(Relation("x", "y", 0, 0),),
    )
    plan = plan_day(problem, Effort(iterations=2))
    explain(problem, plan, "x")
    cheap_slots(problem, plan, Visit("z", 1, 500, 600, 30), [(500, 600)])
