"""Compiles every kernel, so that the first plan of a new version does not wait for it."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from songbai.domain.dispatch.solver.compiled import FOLDER
from songbai.domain.dispatch.solver.day.explain import cheap_slots, explain_all
from songbai.domain.dispatch.solver.day.plan import plan_day
from songbai.domain.dispatch.solver.day.problem import Caregiver, Problem, Relation, Visit
from songbai.domain.dispatch.solver.instance import parse
from songbai.domain.dispatch.solver.search import Effort, search


def warm() -> Path:
    """Solve one tiny problem of each kind, each in a process; returns the kernels' folder."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        for job in [processes.submit(kind) for kind in (warm_benchmark, warm_day)]:
            job.result()
    return FOLDER


def warm_benchmark() -> None:
    """Compile what a benchmark day needs."""
    pair = [{"service": "s", "duration": 10}, {"service": "t", "duration": 10}]
    patient = {
        "id": "p",
        "time_window": [0, 60],
        "required_caregivers": pair,
        "synchronization": {"type": "simultaneous"},
    }
    crew = [{"id": c, "abilities": ["s", "t"]} for c in "ab"]
    tiny = {
        "patients": [patient],
        "caregivers": crew,
        "services": [{"id": "s"}, {"id": "t"}],
        "distances": [[0, 5], [5, 0]],
    }
    search(parse(tiny, "tiny"), Effort(iterations=1))


def warm_day() -> None:
    """Plan, explain and price one tiny day: compiles what a real one needs."""
    problem = Problem(
        caregivers=(Caregiver("a", 0, 480, 1080), Caregiver("b", 0, 480, 1080)),
        visits=(Visit("x", 1, 500, 600, 30), Visit("y", 1, 500, 600, 30)),
        travel={"ebike": np.array([[0.0, 5.0], [5.0, 0.0]])},
        relations=(Relation("x", "y", 0, 0),),
    )
    plan = plan_day(problem, Effort(iterations=2))
    explain_all(problem, plan, ["x"])
    cheap_slots(problem, plan, Visit("z", 1, 500, 600, 30), [(500, 600)])
