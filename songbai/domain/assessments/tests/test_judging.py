"""Agreement, funnels, needs, letters: pure."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.assessments.rules.agreement import (
    Stratum,
    funnel,
    table_of,
    weighted_kappa,
)
from songbai.domain.assessments.rules.letter import UNVERIFIED, UNVERIFIED_DAYS, letter
from songbai.domain.assessments.rules.needs import load_indications, suggest
from songbai.domain.assessments.rules.process import (
    TRANSITIONS,
    AssessorLoad,
    BodyLoad,
    State,
    choose_assessors,
    fair_order,
)
from songbai.domain.assessments.rules.scoring import score

from .forms import GBT, INSTRUMENTS, LTCI, answers, best, totalling, worst

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [
        ([[20, 0], [0, 20]], 1.0),
        ([[10, 10], [10, 10]], 0.0),
        ([[0, 5], [5, 0]], -1.0),
        ([[20, 5], [10, 15]], 0.4),  # the example of every textbook: 70 % seen, 50 % by chance
        ([[5, 0], [0, 0]], None),
        ([[0, 0], [0, 0]], None),
    ],
)
def test_kappa_of_known_tables(counts: list[list[int]], kappa: float | None) -> None:
    found = weighted_kappa(counts)
    assert found == (pytest.approx(kappa) if kappa is not None else None)


def test_a_distant_disagreement_weighs_more() -> None:
    near = weighted_kappa([[9, 1, 0], [1, 9, 0], [0, 0, 10]])
    far = weighted_kappa([[9, 0, 1], [0, 10, 0], [1, 0, 9]])
    assert near is not None and far is not None and near > far


def test_only_a_square_table_has_a_kappa() -> None:
    with pytest.raises(ValueError, match="square"):
        weighted_kappa([[1, 2]])


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(0, 50)))
def test_who_is_named_first_does_not_matter(pairs: dict[tuple[int, int], int]) -> None:
    turned: dict[tuple[int, int], int] = {(b, a): n for (a, b), n in pairs.items()}
    kappa = weighted_kappa(table_of(pairs, 5))
    assert kappa == weighted_kappa(table_of(turned, 5))
    assert kappa is None or -1 - 1e-9 <= kappa <= 1 + 1e-9


def peers(severe: int) -> list[Stratum]:
    """A body among nine that all call a fifth severe."""
    return [Stratum(1, "80", 200, severe), *(Stratum(n, "80", 200, 40) for n in range(2, 11))]


@pytest.mark.parametrize(
    ("severe", "warns", "out"),
    [(40, False, False), (54, True, False), (70, True, True), (8, True, True)],
)
def test_a_body_beside_its_peers(severe: int, warns: bool, out: bool) -> None:
    point = next(p for p in funnel(peers(severe)) if p.body == 1)
    assert (point.is_warning, point.is_outlier) == (warns, out)
    assert point.expected == pytest.approx(40)
    assert point.ratio == pytest.approx(severe / 40)


def test_older_people_explain_more_severe_results() -> None:
    rows = [
        Stratum(1, "90", 100, 60), Stratum(2, "90", 500, 300),
        Stratum(1, "70", 10, 1), Stratum(2, "70", 1000, 100),
    ]  # fmt: skip
    assert abs(next(p for p in funnel(rows) if p.body == 1).z) < 0.1


def test_a_body_without_peers_is_not_judged() -> None:
    assert funnel([Stratum(1, "80", 100, 50)]) == []
    assert funnel([]) == []


@given(st.lists(st.builds(BodyLoad, st.integers(1, 9), st.integers(1, 50), st.integers(0, 90))))
def test_the_least_used_body_is_asked_first(loads: list[BodyLoad]) -> None:
    shares = [load.given / load.capacity for load in fair_order(loads, "x")]
    assert shares == sorted(shares)


@given(st.lists(st.builds(AssessorLoad, st.integers(), st.booleans(), st.integers(0, 9)),
                unique_by=lambda load: load.assessor))  # fmt: skip
def test_two_go_and_one_of_them_is_medical(free: list[AssessorLoad]) -> None:
    chosen = choose_assessors(free, GBT.process)
    possible = len(free) >= 2 and any(load.medical for load in free)
    assert (chosen is not None) == possible
    if chosen:
        assert len(set(chosen)) == 2
        assert any(load.medical for load in free if load.assessor in chosen)


def test_every_state_is_reached_and_left_or_is_an_end() -> None:
    reached = {new for _, new in TRANSITIONS} | {State.REQUESTED}
    left = {old for old, _ in TRANSITIONS}
    assert reached == set(State)
    assert set(State) - left == {State.REFUSED, State.FINAL, State.CANCELLED}


def suggested(given_: dict[str, Any]) -> dict[str, Any]:
    found = suggest(GBT, given_, score(GBT, given_), load_indications()[GBT.code])
    return {one.service: one for one in found}


def test_who_needs_nothing_is_offered_nothing() -> None:
    assert suggested(best()) == {}


def test_who_cannot_eat_alone_is_helped_three_times_a_day() -> None:
    meal = suggested({**best(), "B.1.1": 1})["A02-01"]
    assert (meal.frequency.times, meal.frequency.per) == (3, "day")
    assert meal.because == ("进食要靠人帮助",)
    assert meal.verified is False


def test_several_reasons_are_one_service() -> None:
    dress = suggested({**best(), "B.1.4": 0, "B.1.5": 1})["A01-08"]
    assert len(dress.because) == 2


@pytest.mark.parametrize("code", ["E11", "E11.9", "糖尿病"])
def test_a_diagnosis_calls_for_a_diet(code: str) -> None:
    assert "C02-01" in suggested({**best(), "A.4.1": [code]})


@pytest.mark.parametrize("code", load_indications())
@given(data=st.data())
def test_suggestions_are_each_once_and_most_frequent_first(code: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[code]
    given_ = data.draw(answers(instrument))
    found = suggest(instrument, given_, score(instrument, given_), load_indications()[code])
    years = [one.frequency.a_year for one in found]
    assert years == sorted(years, reverse=True)
    assert len({one.service for one in found}) == len(found)


def test_a_letter_says_the_result_why_and_what_to_do() -> None:
    result = score(GBT, {**totalling(80), "A.4.1": ["F00"]})
    words = letter(GBT, result, date(2028, 1, 1), date(2026, 12, 22))
    assert words.result == "能力中度受损（2 级）"
    assert ("总分", "80 分（满分 90 分）") in words.rows
    assert "痴呆" in words.changes[0]
    assert "2026 年 12 月 22 日" in words.appeal
    assert words.warnings == ()
    assert UNVERIFIED_DAYS in words.validity
    assert UNVERIFIED_DAYS in words.appeal


def test_a_letter_on_unverified_tables_says_so() -> None:
    words = letter(LTCI, score(LTCI, worst(LTCI)), date(2028, 1, 1), None)
    assert words.warnings == (UNVERIFIED,)
    assert "12349" in words.appeal
