"""Prices and limits of plans that contradict themselves are refused where they are read."""

import copy
from typing import Any

import pytest

from songbai.core import yaml_file
from songbai.domain.dispatch.planner.prices import FILE, parse
from songbai.domain.dispatch.solver.day.problem import BadProblem


@pytest.mark.parametrize(
    ("where", "wrong", "says"),
    [
        ("limits", {"rest_earliest": 900, "rest_latest": 600}, "wrong way round"),
        ("limits", {"most_overtime": -1}, "most_overtime: below zero"),
        ("weights", {"travel_minute": -1}, "is negative"),
        ("weights", {"travel_minut": 1}, "not known"),
    ],
)
def test_what_contradicts_itself_is_refused(where: str, wrong: dict[str, Any], says: str) -> None:
    raw = copy.deepcopy(yaml_file.read(FILE))
    raw[where] |= wrong
    with pytest.raises(BadProblem, match=says):
        parse(raw)
