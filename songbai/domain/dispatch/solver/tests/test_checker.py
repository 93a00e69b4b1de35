from typing import Any

import pytest

from bench.dispatch.checker import check


def day() -> dict[str, Any]:
    """One patient for two people at once, one for one; office at 10 minutes from both."""
    return {
        "patients": [
            {
                "id": "p1",
                "time_window": [60, 90],
                "required_caregivers": [{"service": "a"}, {"service": "b"}],
                "synchronization": {"type": "simultaneous"},
            },
            {
                "id": "p2",
                "time_window": [0, 30],
                "required_caregivers": [{"service": "a", "duration": 70}],
            },
        ],
        "caregivers": [{"id": "x", "abilities": ["a"]}, {"id": "y", "abilities": ["a", "b"]}],
        "services": [{"id": "a", "default_duration": 20}, {"id": "b", "default_duration": 20}],
        "distances": [[0, 10, 10], [10, 0, 5], [10, 5, 0]],
    }


def routes(x: str, y: str, **starts: float) -> dict[str, Any]:
    """``x="p2a p1a"`` and so on."""

    def visits(text: str) -> list[dict[str, Any]]:
        made = [{"patient": word[:2], "service": word[2]} for word in text.split()]
        return [v | ({"start": starts[v["patient"]]} if starts else {}) for v in made]

    return {
        "routes": [{"caregiver": "x", "visits": visits(x)}, {"caregiver": "y", "visits": visits(y)}]
    }


def test_a_sound_plan_costs_a_third_of_its_parts() -> None:
    verdict = check(day(), routes("p2a p1a", "p1b"))
    # p2 begins at 10 and ends at 80, p1 begins at 85 for both: nobody is late
    assert verdict.faults == ()
    assert (verdict.travel, verdict.lateness, verdict.worst) == (45, 0, 0)
    assert verdict.cost == 15


def test_waiting_for_the_other_makes_both_late() -> None:
    data = day()
    data["patients"][1]["required_caregivers"][0]["duration"] = 100
    verdict = check(data, routes("p2a p1a", "p1b"))
    assert (verdict.lateness, verdict.worst) == (50, 25)


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (routes("p1a", "p1b"), "not delivered"),
        (routes("p1a p2a", "p1b p2a"), "delivered twice"),
        (routes("p1b p2a", "p1a"), "x is not able"),
        (routes("p2a", "p1a p1b"), "both services by one caregiver"),
        (routes("p2a p1a", "p1b", p1=85, p2=5), "before anybody can be there"),
        (routes("p2a p1a", "p1b", p1=60, p2=10), "overlap"),
        (routes("p2a p1a", "p1b", p1=59, p2=10), "before it opens"),
    ],
)
def test_each_constraint_is_seen(plan: dict[str, Any], fault: str) -> None:
    assert any(fault in f for f in check(day(), plan).faults)


def test_a_circle_of_waiting_is_seen() -> None:
    data = day()
    data["patients"][1] = {
        "id": "p2",
        "time_window": [0, 30],
        "required_caregivers": [{"service": "a"}, {"service": "b"}],
        "synchronization": {"type": "simultaneous"},
    }
    data["caregivers"][0]["abilities"] = ["a", "b"]
    circle = routes("p1a p2a", "p2b p1b")
    assert check(data, circle).faults == ("the routes wait for each other in a circle",)


def test_a_lag_is_held_both_ways() -> None:
    data = day()
    data["patients"][0]["synchronization"] = {"type": "sequential", "distance": [30, 40]}
    plan = routes("p2a p1a", "p1b")
    assert check(data, plan).lateness == 25  # the second half starts at 115
    plan = routes("p2a p1a", "p1b", p1=90, p2=10)
    assert any("do not fit together" in f for f in check(data, plan).faults)
