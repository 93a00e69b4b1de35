"""Who may apply for the insurance's assessment."""

from itertools import product

import pytest

from songbai.domain.assessments.rules.answers import ImpossibleAnswers
from songbai.domain.assessments.rules.gate import judge

from .forms import GBT, LTCI


def filled(a: int, b: int, rest: str = "独立") -> dict[str, str]:
    """A self-assessment with so many dependent a-items and b-items."""
    return {
        **{f"a{n}": "依赖" if n <= a else rest for n in (1, 2, 3)},
        **{f"b{n}": "依赖" if n <= b else rest for n in (1, 2, 3)},
    }


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [(0, 0, "A"), (0, 1, "B"), (0, 2, "B"), (1, 0, "B"), (1, 1, "C"), (0, 3, "C"), (2, 0, "D"),
     (1, 2, "D"), (3, 0, "E"), (2, 1, "E"), (2, 2, "E"), (1, 3, "E"), (3, 1, "F"), (3, 2, "F"),
     (2, 3, "F"), (3, 3, "G")],
)  # fmt: skip
def test_outcomes_count_what_depends_on_others(a: int, b: int, outcome: str) -> None:
    result = judge(LTCI, filled(a, b, rest="部分独立"))
    assert (result.outcome, result.passed) == (outcome, outcome in "EFG")


def test_more_dependence_never_shuts_the_door() -> None:
    for a, b in product(range(3), range(3)):
        open_ = judge(LTCI, filled(a, b)).passed
        assert judge(LTCI, filled(a + 1, b)).passed >= open_
        assert judge(LTCI, filled(a, b + 1)).passed >= open_


def test_every_line_must_be_answered() -> None:
    with pytest.raises(ImpossibleAnswers) as refused:
        judge(LTCI, {**filled(1, 1), "a1": "也许", "c9": "独立", "b2": None})
    assert [problem.item for problem in refused.value.problems] == ["a1", "b2", "c9"]


def test_an_instrument_without_gate_has_none() -> None:
    with pytest.raises(ImpossibleAnswers, match="没有自评表"):
        judge(GBT, filled(3, 3))
