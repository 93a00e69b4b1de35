from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from songbai.domain.dispatch.solver.day.explain import (
    cheap_slots,
    explain_all,
    load_plan,
    moved,
)
from songbai.domain.dispatch.solver.day.insert import cost_of
from songbai.domain.dispatch.solver.day.plan import plan_day
from songbai.domain.dispatch.solver.day.problem import (
    Assignment,
    BadProblem,
    Break,
    Caregiver,
    Plan,
    Problem,
    Relation,
    Visit,
    Weights,
)
from songbai.domain.dispatch.solver.search import Effort
from songbai.domain.dispatch.solver.tests.faults import faults

pytestmark = pytest.mark.long

SHORT = Effort(iterations=40)


def line(places: int) -> dict[str, np.ndarray]:
    """Places on a line, ten minutes apart; a car takes half."""
    at = np.arange(places, dtype=float)
    road = np.abs(at[:, None] - at[None, :]) * 10
    return {"ebike": road, "car": road / 2}


def crew(*names: str, **more: object) -> tuple[Caregiver, ...]:
    """Caregivers at place 0, eight to six."""
    return tuple(Caregiver(name, 0, 480, 1080, **more) for name in names)  # type: ignore[arg-type]


def who(plan: Plan, visit: str) -> str | None:
    """Who makes a visit."""
    found = plan.find(visit)
    return found.caregiver if found else None


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Days with everything in them."""
    names = ["a", "b", "c", "d"][: draw(st.integers(1, 4))]
    capacity = st.sampled_from([None, 1, 2])
    members = tuple(
        Caregiver(
            name,
            draw(st.integers(0, 5)),
            480,
            draw(st.sampled_from([720, 1080])),
            end_place=draw(st.sampled_from([None, 0])),
            most_overtime=draw(st.sampled_from([0, 60])),
            skills=draw(st.sampled_from([frozenset(), frozenset({"bath"})])),
            mode=draw(st.sampled_from(["ebike", "car"])),
            breaks=draw(st.sampled_from([(), (Break(690, 780, 30),)])),
            capacity=(most := draw(capacity)),
            load=draw(st.integers(0, most or 0)),
            refill_place=draw(st.sampled_from([None, 0])),
            refill_minutes=10,
        )
        for name in names
    )
    visits = tuple(_visit(draw, f"v{i}", names) for i in range(draw(st.integers(1, 9))))
    pairs = st.sampled_from([(0, 0, False), (10, 60, False), (30, None, None), (0, 240, True)])
    relations = tuple(
        Relation(visits[i].id, visits[i + 1].id, *draw(pairs))
        for i in range(0, len(visits) - 1, 2)
        if draw(st.booleans())
    )
    return Problem(members, visits, line(6), relations)


def _visit(draw: st.DrawFn, name: str, names: list[str]) -> Visit:
    earliest = draw(st.integers(480, 900))
    return Visit(
        name,
        draw(st.integers(0, 5)),
        earliest,
        earliest + draw(st.sampled_from([0, 60, 180])),
        draw(st.sampled_from([15, 45, 90])),
        end_place=draw(st.sampled_from([None, 3])),
        hard=draw(st.booleans()),
        skills=draw(st.sampled_from([frozenset(), frozenset({"bath"})])),
        known=draw(st.sampled_from([frozenset(), frozenset(names[:1])])),
        forbidden=draw(st.sampled_from([frozenset(), frozenset(names[-1:])])),
        announced_to=draw(st.sampled_from([None, names[0]])),
        amount=draw(st.sampled_from([0, 1])),
    )


@settings(max_examples=60)
@given(problem=problems(), seed=st.integers(0, 99))
def test_every_hard_limit_holds_on_any_day(problem: Problem, seed: int) -> None:
    plan = plan_day(problem, Effort(iterations=30, seed=seed))
    assert faults(problem, plan) == []


@settings(max_examples=30)
@given(problem=problems())
def test_the_plans_cost_is_the_cost_of_its_routes_alone(problem: Problem) -> None:
    plan = plan_day(problem, SHORT)
    points, broken = cost_of(load_plan(problem, plan))
    assert broken == 0
    assert points == pytest.approx(plan.cost, abs=1e-6)


@settings(max_examples=30)
@given(problem=problems())
def test_pinned_visits_stay_where_they_are_pinned(problem: Problem) -> None:
    before = plan_day(problem, SHORT)
    pins = {a.visit: a for route in before.routes.values() for a in route[:1]}
    visits = tuple(
        replace(v, pinned_to=pins[v.id].caregiver, pinned_start=pins[v.id].start)
        if v.id in pins
        else v
        for v in problem.visits
    )
    fixed = replace(problem, visits=visits, relations=())
    after = plan_day(fixed, SHORT)
    assert faults(fixed, after) == []
    for visit, assignment in pins.items():
        found = after.find(visit)
        assert found is not None
        assert (found.caregiver, found.start) == (assignment.caregiver, assignment.start)


@settings(max_examples=30)
@given(problem=problems())
def test_another_caregiver_never_makes_the_day_worse(problem: Problem) -> None:
    plan = plan_day(problem, Effort(iterations=100))
    helper = Caregiver("helper", 0, 480, 1080, most_overtime=60)
    fair = replace(problem.weights, unfair_work_minute=0)  # the fair share depends on who is there
    without = replace(problem, weights=fair)
    more = replace(without, caregivers=(*problem.caregivers, helper))
    alone = plan_day(without, Effort(iterations=100), begin_with=plan)
    assert plan_day(more, Effort(iterations=100), begin_with=alone).cost <= alone.cost + 1e-6


@settings(max_examples=30)
@given(problem=problems())
def test_what_others_would_cost_is_true(problem: Problem) -> None:
    plan = plan_day(problem, SHORT)
    for visit in problem.visits[:3]:
        if any(visit.id in (r.first, r.second) for r in problem.relations):
            continue
        for other in explain_all(problem, plan, [visit.id])[visit.id].others:
            moved = {
                name: tuple(a for a in route if a.visit != visit.id)
                for name, route in plan.routes.items()
            }
            rest = replace(plan, routes=moved)
            named = tuple(
                replace(v, only=frozenset({other.caregiver})) if v.id == visit.id else v
                for v in problem.visits
            )
            prices = _all_prices(replace(problem, visits=named), rest, visit.id, other.caregiver)
            assert min(prices) - plan.cost == pytest.approx(other.extra, abs=1e-6)


def test_nobody_else_could_make_a_visit_that_brings_its_caregiver_to_the_next() -> None:
    """A break taken before the way leaves no time for it: only who was brought along is there."""
    brought = Visit("v", 1, 480, 480, 15, end_place=3)
    firm = Visit("w", 3, 720, 720, 90, hard=True)
    b = Caregiver("b", 1, 480, 1080, breaks=(Break(690, 780, 30),))
    problem = Problem((*crew("a"), b), (brought, firm), line(6))
    plan = plan_day(problem, SHORT)
    assert [a.visit for a in plan.routes["b"]] == ["v", "w"]
    reasons = explain_all(problem, plan, ["v"])["v"]
    assert (reasons.others, moved(problem, plan, "v", "a")) == ((), None)


def _all_prices(problem: Problem, rest: Plan, visit: str, caregiver: str) -> list[float]:
    route = rest.routes[caregiver]
    prices = []
    for number in range(len(route) + 1):
        tried = (*route[:number], Assignment(visit, caregiver, 0, 0), *route[number:])
        plan = replace(rest, routes={**rest.routes, caregiver: tried})
        points, broken = cost_of(load_plan(problem, plan))
        if not broken:
            prices.append(points)
    return prices


def test_the_same_seed_gives_the_same_plan() -> None:
    visits = tuple(Visit(f"v{i}", i % 6, 480 + 30 * i, 540 + 30 * i, 30) for i in range(12))
    problem = Problem(crew("a", "b"), visits, line(6))
    assert plan_day(problem, SHORT) == plan_day(problem, SHORT)


def test_somebody_the_elder_knows_comes_when_it_is_not_far() -> None:
    visit = Visit("v", 1, 480, 600, 30, known=frozenset({"b"}))
    assert who(plan_day(Problem(crew("a", "b"), (visit,), line(3)), SHORT), "v") == "b"


def test_somebody_refused_never_comes() -> None:
    visit = Visit("v", 1, 480, 600, 30, forbidden=frozenset({"a"}))
    problem = Problem(crew("a"), (visit,), line(3))
    plan = plan_day(problem, SHORT)
    assert plan.unserved == ("v",)
    assert "老人不要" in explain_all(problem, plan, ["v"])["v"].barred["a"]


def test_the_more_important_visit_is_made() -> None:
    rush = [Visit(n, 1, 480, 500, 60, hard=True, priority=p) for n, p in (("x", 1), ("y", 3))]
    assert plan_day(Problem(crew("a"), tuple(rush), line(3)), SHORT).unserved == ("x",)


def test_a_bath_van_fills_up_between() -> None:
    van = crew("van", capacity=1, refill_place=5, refill_minutes=20)
    visits = tuple(Visit(f"v{i}", 1, 480, 1000, 30, amount=1) for i in range(2))
    first, second = plan_day(Problem(van, visits, line(6)), SHORT).routes["van"]
    assert second.start - first.end == 40 + 20 + 40


def test_what_is_used_already_brings_the_refill_forward() -> None:
    visits = tuple(Visit(f"v{i}", 1, 480, 1000, 30, amount=1) for i in range(2))
    for used, gap, begins in ((0, 0, 490), (1, 100, 490), (2, 0, 480 + 50 + 20 + 40)):
        van = crew("van", capacity=2, load=used, refill_place=5, refill_minutes=20)
        first, second = plan_day(Problem(van, visits, line(6)), SHORT).routes["van"]
        assert (first.start, second.start - first.end) == (begins, gap)


def test_more_used_than_fits_is_refused() -> None:
    with pytest.raises(BadProblem, match="more is used"):
        Problem(crew("van", capacity=2, load=3), (), line(2))


def test_an_escort_ends_at_the_hospital() -> None:
    escort = Visit("go", 1, 480, 500, 60, end_place=5)
    after = Visit("next", 5, 480, 1000, 30)
    first, second = plan_day(Problem(crew("a"), (escort, after), line(6)), SHORT).routes["a"]
    assert (first.visit, second.visit, second.start) == ("go", "next", first.end)


def test_an_announced_visit_keeps_its_caregiver_unless_it_pays() -> None:
    visit = Visit("v", 1, 480, 600, 30, announced_to="b", announced_start=490)
    near, far = Caregiver("a", 1, 480, 1080), Caregiver("b", 0, 480, 1080)
    assert who(plan_day(Problem((near, far), (visit,), line(3)), SHORT), "v") == "b"
    cheap = Weights(changed_caregiver=5)
    problem = Problem((near, far), (visit,), line(3), weights=cheap)
    assert who(plan_day(problem, SHORT), "v") == "a"


def test_a_slot_beside_a_neighbour_is_cheaper_than_one_far_away_in_time() -> None:
    problem = Problem(crew("a"), (Visit("v", 5, 600, 600, 30, hard=True),), line(6))
    plan = plan_day(problem, SHORT)
    near, far, closed = cheap_slots(
        problem, plan, Visit("new", 5, 0, 0, 30), [(630, 650), (900, 920), (100, 200)]
    )
    assert near.extra is not None and far.extra is not None
    assert near.extra < far.extra
    assert near.start == 630
    assert closed.extra is None


@pytest.mark.parametrize(
    ("visit", "words"),
    [
        (Visit("v", 9, 480, 600, 30), "not in the matrix"),
        (Visit("v", 1, 600, 480, 30), "wrong way round"),
        (Visit("v", 1, 480, 600, 30, pinned_to="nobody"), "not on shift"),
        (Visit("v", 1, 480, 600, 30, priority=-1), "below zero"),
    ],
)
def test_contradictions_are_named(visit: Visit, words: str) -> None:
    with pytest.raises(BadProblem, match=words):
        Problem(crew("a"), (visit,), line(3))


def test_pins_that_cannot_be_are_refused() -> None:
    visits = tuple(Visit(n, 1, 480, 600, 60, pinned_to="a", pinned_start=500) for n in ("x", "y"))
    with pytest.raises(BadProblem, match="do not fit together: x, y"):
        plan_day(Problem(crew("a"), visits, line(3)), SHORT)


def test_weights_come_from_data_and_unknown_names_are_refused() -> None:
    rows = yaml.safe_load(Path("catalogues/dispatch_weights.yaml").read_text(encoding="utf-8"))
    assert Weights.read(rows["weights"]) == Weights()
    with pytest.raises(BadProblem, match="speed"):
        Weights.read({"speed": 1})


def test_a_day_without_visits_is_an_empty_plan() -> None:
    plan = plan_day(Problem(crew("a"), (), line(2)), SHORT)
    assert (plan.routes, plan.unserved, plan.cost) == ({"a": ()}, (), 0)
