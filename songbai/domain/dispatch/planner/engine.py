"""Letting the solver search, with compiled kernels or not at all.

The first process of a version compiles for about a minute and keeps the machine code on disk;
every later one reads it in a few seconds. Until then ``ready`` says no and the caller asks the
person to try again; one order alone is tried without machine code (``hand``).
"""

import threading
import time
from collections.abc import Collection
from dataclasses import replace

from songbai.domain.dispatch.solver.day.explain import load_plan
from songbai.domain.dispatch.solver.day.plan import plan_day, read_plan
from songbai.domain.dispatch.solver.day.problem import Plan
from songbai.domain.dispatch.solver.search import Effort, Progress
from songbai.domain.dispatch.solver.warm import warm_day

from .tasks import Task

#: Rounds of ruin and recreate: so many for each visit, at most so many in all.
ROUNDS_EACH, MOST_ROUNDS = 100, 20_000
#: Seconds after which a search stops early; the plan then depends on the machine too.
MOST_SECONDS = 4.0
#: Seconds a person is made to wait for kernels that are only read from disk.
PATIENCE = 10.0
_ready = threading.Event()
_begun = threading.Lock()
_thread: threading.Thread | None = None
_since = 0.0


def ready(wait: float = PATIENCE) -> bool:
    """Whether kernels are there; they are fetched in the background the first time.

    ``wait``: seconds since the fetching began; who comes later waits for less.
    """
    global _thread, _since
    if _ready.is_set():
        return True
    with _begun:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_fetch, name="planner", daemon=True)
            _since = time.monotonic()
            _thread.start()
    return _ready.wait(max(0.0, _since + wait - time.monotonic()))


def is_ready() -> bool:
    """Whether kernels are there; nobody fetches them because of this question."""
    return _ready.is_set()


def _fetch() -> None:
    warm_day()
    _ready.set()


def search(task: Task, seed: int, seconds: float = MOST_SECONDS) -> tuple[Plan, bool]:
    """The best plan found, and whether the search ended as it should (else: time was up).

    The same task, seed and a whole search give the same plan. Raises BadProblem when what is pinned
    does not fit together.
    """
    until = time.monotonic() + seconds
    rounds = min(MOST_ROUNDS, ROUNDS_EACH * max(1, len(task.problem.visits)))
    whole = True

    def going_on(_: Progress) -> bool:
        nonlocal whole
        whole = time.monotonic() < until
        return whole

    effort = Effort(seconds=seconds, iterations=rounds, seed=seed)
    plan = plan_day(task.problem, effort, task.standing, going_on)
    return replace(plan, cost=round(plan.cost, 6)), whole


def settled(task: Task) -> Plan:
    """What stands, timed anew, with its cost; AssertionError when it breaks a limit."""
    return read_plan(task.problem, load_plan(task.problem, task.standing))


def expected(task: Task, fixed: Collection[str] = ()) -> dict[str, int]:
    """When each standing visit would begin if nothing were changed, whatever limits it breaks.

    ``fixed``: keys whose time a dispatcher has decided; they are left out.
    """
    arrays = load_plan(task.problem, task.standing)
    placed = {a.visit for route in task.standing.routes.values() for a in route}
    return {
        visit.id: round(int(arrays.stops["start"][i]) / 60)
        for i, visit in enumerate(task.problem.visits)
        if visit.id in placed and visit.id not in fixed
    }
