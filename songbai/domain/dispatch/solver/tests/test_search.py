import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.dispatch.checker import check
from songbai.domain.dispatch.solver.anneal import anneal
from songbai.domain.dispatch.solver.instance import BadInstance, as_json, load, parse
from songbai.domain.dispatch.solver.mix import combined, laid_out, mix
from songbai.domain.dispatch.solver.ruin import wreck
from songbai.domain.dispatch.solver.schedule import phases
from songbai.domain.dispatch.solver.search import Effort, Progress, search, start
from songbai.domain.dispatch.solver.tests.benchmark import random_day
from songbai.domain.dispatch.solver.timing import lateness_of, time_all, travel_of, worst_of
from songbai.domain.dispatch.solver.visits import (
    LATE,
    TRAVEL,
    WORST,
    Day,
    Work,
    as_visits,
    day_of,
    routes_of,
    work_of,
)

pytestmark = pytest.mark.long

seeds = st.integers(0, 10_000)


@settings(max_examples=25)
@given(seed=seeds, patients=st.integers(1, 25), caregivers=st.integers(6, 9))
def test_any_day_is_planned_feasibly_at_the_stated_cost(
    seed: int, patients: int, caregivers: int
) -> None:
    data = random_day(seed, patients, caregivers)
    instance = parse(data, "random")
    found = search(instance, Effort(iterations=20_000, seed=seed))
    verdict = check(data, as_json(instance, found))
    assert verdict.faults == ()
    assert verdict.cost == pytest.approx(found.cost.value, abs=1e-3)


def recomputed(work: Work, day: Day) -> tuple[int, int, int]:
    """Travel, lateness and worst lateness from nothing but the routes."""
    plan = work.visits.copy()
    assert time_all(plan, day.travel, len(day.able))
    assert (plan["start"] == work.visits["start"]).all()
    return travel_of(plan, day.travel), lateness_of(plan), worst_of(plan)


@settings(max_examples=10)
@given(seed=seeds)
def test_the_cost_kept_equals_the_cost_recomputed_after_every_accepted_move(seed: int) -> None:
    instance = parse(random_day(seed, 20, 7), "random")
    day, work = day_of(instance), work_of(instance, seed)
    start(instance, day, work)
    accepted = 0
    for step in range(1500):
        done = wreck(day, work, 1, 3000.0) if step % 10 == 0 else anneal(day, work, 1, 8000.0)
        if done:
            accepted += 1
            kept = (work.tally[TRAVEL], work.tally[LATE], work.tally[WORST])
            assert kept == recomputed(work, day)
        assert not work.visits["queued"][: instance.services].any()
    assert accepted > 20


def test_the_same_seed_and_iterations_give_the_same_plan_on_two_cores_too() -> None:
    instance = parse(random_day(3, 20, 7), "random")
    effort = Effort(iterations=40_000, cores=2, seed=7)
    first, second = search(instance, effort), search(instance, effort)
    assert first.routes == second.routes
    assert np.array_equal(first.start, second.start)


def test_another_seed_takes_another_way() -> None:
    instance = parse(random_day(3, 40, 7), "random")
    routes = {search(instance, Effort(iterations=1, seed=s)).routes for s in range(5)}
    assert len(routes) > 1


def test_the_search_stops_when_told() -> None:
    told: list[Progress] = []

    def once(progress: Progress) -> bool:
        told.append(progress)
        return False

    search(parse(random_day(1, 10, 6), "random"), Effort(seconds=60), once)
    assert len(told) == 1


@pytest.mark.parametrize(("seconds", "services"), [(0, 0), (0.1, 500), (10, 13), (60, 1300)])
def test_phases_fill_the_effort_without_gaps(seconds: float, services: int) -> None:
    found = phases(seconds, services)
    assert found[0].fresh
    assert found[0].begin == 0
    assert found[-1].end == pytest.approx(1)
    assert all(a.end == b.begin and a.begin < a.end for a, b in pairwise(found))


def test_more_time_means_more_plans_made_afresh_for_short_days() -> None:
    def fresh(services: int) -> int:
        return sum(phase.fresh for phase in phases(10, services))

    assert fresh(100) > fresh(1300) == 1


@settings(max_examples=15)
@given(seed=seeds)
def test_a_child_serves_everybody_at_the_cost_it_states(seed: int) -> None:
    instance = parse(random_day(seed, 25, 8), "random")
    day = day_of(instance)
    parents = []
    for heat in (30_000.0, 10_000.0):
        work = work_of(instance, seed)
        start(instance, day, work)
        anneal(day, work, 3000, heat)
        parents.append(work)
    first, second = (as_visits(work.words.copy()) for work in parents)
    child = work_of(instance, seed + 1)
    if not mix(instance, day, child, first, second, np.random.default_rng(seed)):
        return
    child.tally[WORST] = worst_of(child.visits)
    assert (child.tally[TRAVEL], child.tally[LATE], child.tally[WORST]) == recomputed(child, day)
    served = [v for route in routes_of(child.visits, instance.services) for v in route]
    assert sorted(served) == list(range(instance.services))


def test_routes_taken_over_go_to_the_caregiver_who_had_most_of_them() -> None:
    data = random_day(1, 6, 6)
    for crew in data["caregivers"]:
        crew["abilities"] = ["s1", "s2", "s3"]
    instance = parse(data, "random")
    n = instance.services
    routes: list[list[int]] = [[], list(range(n)), [], [], [], []]
    mixed, missing = combined(instance, laid_out(instance, routes), [[2, 1]])
    assert mixed[1] == [2, 1]
    assert sorted(missing) == [v for v in range(n) if v not in (1, 2)]


def test_a_progress_callback_that_fails_ends_the_search_on_all_cores() -> None:
    def fail(_progress: Progress) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        search(parse(random_day(1, 10, 6), "random"), Effort(seconds=60, cores=2), fail)


def test_a_third_caregiver_is_refused(tmp_path: Path) -> None:
    data = random_day(1, 3, 6)
    data["patients"][0]["required_caregivers"] = [{"service": "s1"}] * 3
    with pytest.raises(BadInstance, match="p0: 3 services"):
        parse(data, "random")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"patients": 3}', "nonsense"])
def test_garbage_is_named_not_crashed_on(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)
    with pytest.raises(BadInstance, match=r"bad\.json"):
        load(file)


def test_nobody_able_is_said_before_the_search() -> None:
    data = random_day(1, 3, 6)
    data["caregivers"] = [{"id": "c", "abilities": []}]
    with pytest.raises(BadInstance, match="no caregiver has the ability"):
        parse(data, "random")


def test_a_window_of_the_benchmark_is_met_exactly() -> None:
    file = Path("bench/hhcrsp/instances/InstanzCPLEX_HCSRP_10_5.json")
    instance = load(file)
    found = search(instance, Effort(iterations=200_000))
    assert found.cost.value == pytest.approx(189.543, abs=0.001)
    assert check(json.loads(file.read_text()), as_json(instance, found)).faults == ()
