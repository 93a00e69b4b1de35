"""The self-check: few questions, each of which matters, and the same answer as deciding."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songbai.domain.benefits.rules.evaluate import decide_all
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.self_check import (
    AWAY,
    UNKNOWN,
    Check,
    WrongAnswer,
    could_have,
    places_of,
    policies_of,
    questions,
    value_of,
)
from songbai.domain.benefits.rules.vocabulary import vocabulary

JUNE = Month("2026-06")
ELDERS = in_force(law().policies, JUNE)
DISTRICTS = ("500151", "500104", "500110", "50", "11")


def answers_for(check: Check, key: str) -> list[str]:
    question = questions()[key]
    match question.kind:
        case "yes_no":
            return ["yes", "no"]
        case "choice":
            return [*question.choices]
        case "place":
            areas = places_of(check.policies, key)
            return [*(codes[0].ljust(12, "0") for codes in areas), AWAY]
        case "date":
            return ["1920-01-01", "1930-01-01", "1940-01-01", "1950-01-01", "1964-01-01"]
        case "money":
            return ["0", "100", "5000"]
    return ["5", "30"]


def start(district: str, **answers: str) -> Check:
    return Check(tuple(policies_of(ELDERS, district)), JUNE, answers)


def test_every_condition_of_a_shipped_policy_can_be_asked_for() -> None:
    never = {"death", "home_spend", "home_ltci_paid", "institution_spend", "institution_ltci_paid",
             "care_days"}  # fmt: skip
    asked = {key for policy in ELDERS for key in policy.fact_keys}
    assert asked - questions().keys() <= never


@pytest.mark.parametrize("key", questions())
def test_a_choice_is_a_value_of_its_fact(key: str) -> None:
    question = questions()[key]
    assert key in vocabulary("elder")
    for answer in question.choices:
        value_of(question, answer, JUNE)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.data())
def test_it_ends_and_says_what_deciding_says(data: st.DataObject) -> None:
    district = data.draw(st.sampled_from(DISTRICTS))
    check = start(district)
    for asked in itertools.count():
        question = check.next()
        if question is None:
            break
        assert question.key not in check.answers
        assert asked < 20
        answer = data.draw(st.sampled_from([*answers_for(check, question.key), UNKNOWN]))
        check = Check(check.policies, JUNE, {**check.answers, question.key: answer})
    whole = decide_all(check.policies, check.sheet(), JUNE)
    assert [one.outcome for one in check.decisions()] == [one.outcome for one in whole]
    unsure = {key for key, answer in check.answers.items() if answer == UNKNOWN}
    for one in check.decisions():
        assert set(one.missing) - unsure <= {"care_days", "amount"}, one.policy.code


def test_somebody_from_elsewhere_is_asked_little() -> None:
    check = start("500151", hukou=AWAY, birth_date="1961-01-01", residence=AWAY)
    asked = []
    while (question := check.next()) is not None:
        answer = "no" if question.kind == "yes_no" else next(iter(question.choices))
        check = Check(check.policies, JUNE, {**check.answers, question.key: answer})
        asked.append(question.key)
    assert len(asked) <= 4, asked


def test_where_from_and_how_old_come_first() -> None:
    assert start("500151").next() == questions()["hukou"]
    assert start("500151", hukou=AWAY).next() == questions()["birth_date"]


def test_an_old_person_of_the_district_could_have_the_allowance() -> None:
    check = start("500151", hukou="500151000000", birth_date="1935-03-02")
    codes = {one.policy.code for one in check.decisions() if could_have(one)}
    assert "longevity-tongliang" in codes
    assert "longevity-bishan" not in {policy.code for policy in check.policies}


def test_silence_is_not_no_here() -> None:
    check = start("500151", hukou="500151000000", birth_date="1961-01-01", hardship="dibao")
    [one] = [d for d in check.decisions() if d.policy.code == "elderly-service-subsidy"]
    assert "bedridden_since" in one.missing


def test_a_town_of_its_own_can_be_chosen() -> None:
    policies = policies_of(ELDERS, "500110")
    assert "longevity-wansheng" in {policy.code for policy in policies}
    assert places_of(policies, "hukou")[0][0] == "500110004"


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("birth_date", "1943-13-01"),
        ("birth_date", "1700-01-01"),
        ("birth_date", "2999-01-01"),
        ("birth_date", "--"),
        ("hardship", "rich"),
        ("hukou", "50"),
        ("special_family", "maybe"),
        ("insured_years", "900"),
        ("insured_years", "x"),
        ("disability_care_subsidy", "-1"),
        ("disability_care_subsidy", "1.234"),
        ("disability_care_subsidy", "12345678"),
    ],
)
def test_an_impossible_answer_is_refused_in_words(key: str, answer: str) -> None:
    with pytest.raises(WrongAnswer) as error:
        value_of(questions()[key], answer, JUNE)
    assert len(str(error.value)) > 3


@pytest.mark.parametrize("policy", ELDERS, ids=lambda policy: policy.code)
def test_who_answers_as_a_worked_case_says_gets_its_result(policy: object) -> None:
    cases = [c for c in getattr(policy, "cases", ()) if c.month == JUNE and not c.sheet.receiving]
    for case in cases:
        plain = {
            key: said[0].value for key, said in case.sheet.statements.items() if len(said) == 1
        }
        if len(plain) < len(case.sheet.statements) or "death" in plain:
            continue
        check = Check((policy,), JUNE, {})  # type: ignore[arg-type]
        found = check.decisions(**plain)[0]
        if case.expected[found.policy.code].decision == "yes":
            assert found.decision in {"yes", "cannot_decide"}
        if found.decision != "cannot_decide":
            assert found.decision == case.expected[found.policy.code].decision, case.name
