"""Levels by the book, and what holds for every instrument and every set of answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.assessments.rules.answers import ImpossibleAnswers, unanswered
from songbai.domain.assessments.rules.scoring import Result, score, within

from .forms import GBT, INSTRUMENTS, LTCI, OLD, answers, best, totalling, values, worst

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("total", "level"),
    [(90, 0), (89, 1), (66, 1), (65, 2), (46, 2), (45, 3), (30, 3), (29, 4), (0, 4)],
)
def test_levels_of_the_standard_by_total(total: int, level: int) -> None:
    result = score(GBT, totalling(total))
    assert (result.total, result.initial_level, result.final_level) == (total, level, level)


def test_the_sections_of_the_standard_add_up_to_ninety() -> None:
    assert score(GBT, best()).scores == {"B.1": 32, "B.2": 15, "B.3": 28, "B.4": 15}
    assert len(GBT.items) == 26


@pytest.mark.parametrize(
    ("background", "rules", "final"),
    [
        ({"A.5.11": True}, ["coma"], 4),
        ({"B.3.9": "coma"}, ["coma"], 4),
        ({"A.4.1": ["F00"]}, ["dementia"], 2),
        ({"A.4.1": ["f00"]}, ["dementia"], 2),
        ({"A.4.1": ["痴呆"]}, ["dementia"], 2),
        ({"A.4.1": ["F03.9", "I10"]}, ["dementia"], 2),
        ({"A.4.1": ["F04"]}, ["mental_disorder"], 2),
        ({"A.4.1": ["I10", "G30"]}, [], 1),
        ({"A.2.14": {"跌倒": 1}}, [], 1),
        ({"A.2.14": {"跌倒": 2}}, ["risk_events"], 2),
        ({"A.2.14": {"跌倒": 1, "走失": 1}}, ["risk_events"], 2),
        ({"A.4.1": ["F00"], "A.2.14": {"跌倒": 3}}, ["dementia", "risk_events"], 2),
        ({"A.4.1": ["F00"], "A.5.11": True}, ["coma", "dementia"], 4),
        ({"A.4.1": [], "A.2.14": {}, "A.5.11": False}, [], 1),
    ],
)
def test_what_moves_a_level(background: dict[str, Any], rules: list[str], final: int) -> None:
    result = score(GBT, {**totalling(80), **background})
    assert [change.rule for change in result.changes] == rules
    assert (result.initial_level, result.final_level) == (1, final)


def test_only_what_depends_on_an_open_question_is_unverified() -> None:
    assert score(GBT, {**totalling(80), "A.4.1": ["F00"]}).verified
    both = {"A.4.1": ["F00"], "A.2.14": {"跌倒": 2}}
    assert not score(GBT, {**totalling(80), **both}).verified
    assert score(GBT, {**totalling(40), **both}).verified is True  # level 4 either way


def test_a_change_says_why() -> None:
    [change] = score(GBT, {**totalling(50), "A.2.14": {"跌倒": 2, "噎食": 1}}).changes
    assert "共 3 次" in change.reason
    assert (change.before, change.after) == (2, 3)


@pytest.mark.parametrize(
    ("adl", "cognition", "senses", "grade"),
    [
        (100, 16, 12, 0), (100, 3, 12, 1), (65, 4, 4, 1), (65, 16, 1, 2), (60, 15, 12, 2),
        (45, 1, 12, 3), (40, 15, 12, 3), (40, 3, 11, 4), (0, 0, 0, 5),
    ],
)  # fmt: skip
def test_grades_of_care_insurance(adl: int, cognition: int, senses: int, grade: int) -> None:
    result = score(LTCI, of_sections(adl, cognition, senses))
    assert result.scores == {"1": adl, "2": cognition, "3": senses}
    assert (result.final_level, result.verified) == (grade, False)


def of_sections(*wanted: int) -> dict[str, Any]:
    """Answers to the insurance's instrument with these section scores."""
    found: dict[str, Any] = {}
    for section, left in zip(LTCI.sections, wanted, strict=True):
        for item in section.items:
            found[item.code] = max(points for points in item.points if points <= left)
            left -= found[item.code]
        assert left == 0
    return found


@pytest.mark.parametrize(
    ("dimensions", "level"),
    [
        ((100, 0, 0, 1), 0), ((100, 0, 0, 2), 1), ((100, 1, 0, 0), 1), ((65, 0, 3, 3), 2),
        ((95, 1, 2, 2), 1), ((65, 2, 2, 2), 2), ((45, 1, 0, 0), 2), ((60, 2, 2, 2), 3),
        ((60, 3, 0, 0), 3), ((40, 0, 0, 0), 3),
    ],
)  # fmt: skip
def test_levels_of_the_old_standard(dimensions: tuple[int, ...], level: int) -> None:
    assert score(OLD, dict(zip(OLD.items, dimensions, strict=True))).final_level == level


def test_every_wrong_answer_is_named() -> None:
    wrong = {**best(), "B.1.1": 5, "B.1.2": True, "B.1.3": "4", "B.1.4": 4.0, "B.9": 1}
    wrong |= {"A.2.14": {"跌倒": -1}, "A.4.1": ["dementia"], "A.5.11": "yes"}
    del wrong["B.2.1"]
    with pytest.raises(ImpossibleAnswers) as refused:
        score(GBT, wrong)
    named = {problem.item for problem in refused.value.problems}
    assert named == {
        "B.1.1",
        "B.1.2",
        "B.1.3",
        "B.1.4",
        "B.9",
        "B.2.1",
        "A.2.14",
        "A.4.1",
        "A.5.11",
    }


@pytest.mark.parametrize("nothing", [None, [], "x", 3])
def test_no_answers_are_refused(nothing: object) -> None:
    with pytest.raises(ImpossibleAnswers):
        score(GBT, nothing)


def test_the_end_of_an_assessment_asks_for_what_may_move_the_level() -> None:
    assert {p.item for p in unanswered(GBT, best())} == {"A.2.14", "A.4.1", "A.5.11"}
    assert unanswered(GBT, {"A.2.14": {}, "A.4.1": [], "A.5.11": False}) == []


@pytest.mark.parametrize(
    ("code", "span", "inside"),
    [("F00", "F00-F03", True), ("F03.9", "F00-F03", True), ("F04", "F00-F03", False),
     ("F00-F03", "F00-F99", True), ("F00-F99", "F00-F03", False), ("I25", "I25", True),
     ("C80", "C00-D48", True), ("", "F00-F03", False)],
)  # fmt: skip
def test_ranges_of_diagnoses(code: str, span: str, inside: bool) -> None:
    assert within(code, span) is inside


def adds_up(result: Result, ceiling: int) -> None:
    """Each step of the explanation begins where the one before ended."""
    assert result.total == sum(result.scores.values())
    level = result.initial_level
    for change in result.changes:
        assert change.before == level
        assert change.reason
        level = change.after
    assert result.final_level == level <= ceiling
    assert result.final_level >= result.initial_level


@pytest.mark.parametrize("code", INSTRUMENTS)
@given(data=st.data())
def test_the_explanation_adds_up(code: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[code]
    result = score(instrument, data.draw(answers(instrument)))
    adds_up(result, instrument.ceiling)
    for section in instrument.sections:
        assert section.lowest <= result.scores[section.code] <= section.highest


@pytest.mark.parametrize("code", INSTRUMENTS)
@given(data=st.data())
def test_the_level_never_falls_when_an_answer_worsens(code: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[code]
    before = data.draw(answers(instrument))
    worse = dict(before)
    for item in data.draw(st.lists(st.sampled_from(list(instrument.items.values())))):
        steps = values(item)
        place = steps.index(worse[item.code])
        worse[item.code] = steps[data.draw(st.integers(place, len(steps) - 1))]
    assert score(instrument, worse).final_level >= score(instrument, before).final_level


@given(data=st.data())
def test_more_to_report_never_lowers_a_level(data: st.DataObject) -> None:
    before = data.draw(answers(GBT))
    falls = before.get("A.2.14", {})
    more = {
        **before,
        "A.2.14": {**falls, "跌倒": falls.get("跌倒", 0) + data.draw(st.integers(0, 3))},
        "A.4.1": [*before.get("A.4.1", []), *data.draw(st.lists(st.sampled_from(["F01", "F20"])))],
        "A.5.11": before.get("A.5.11", False) or data.draw(st.booleans()),
    }
    assert score(GBT, more).final_level >= score(GBT, before).final_level


@pytest.mark.parametrize("code", INSTRUMENTS)
def test_the_ends_of_a_scale_are_its_best_and_worst(code: str) -> None:
    instrument = INSTRUMENTS[code]
    assert score(instrument, best(instrument)).final_level == 0
    assert score(instrument, worst(instrument)).final_level == instrument.ceiling
