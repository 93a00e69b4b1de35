from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songbai.domain.dispatch.solver.anneal import anneal
from songbai.domain.dispatch.solver.checker import check
from songbai.domain.dispatch.solver.instance import BadInstance, as_json, load, parse
from songbai.domain.dispatch.solver.ruin import wreck
from songbai.domain.dispatch.solver.search import Effort, Progress, cycles_of, search, start
from songbai.domain.dispatch.solver.tests.benchmark import random_day
from songbai.domain.dispatch.solver.timing import lateness_of, time_all, travel_of, worst_of
from songbai.domain.dispatch.solver.visits import LATE, TRAVEL, WORST, Day, Work, day_of, work_of

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


def test_more_time_means_more_cycles_for_short_days() -> None:
    assert cycles_of(Effort(seconds=10), 13) > cycles_of(Effort(seconds=10), 400) == 1


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
