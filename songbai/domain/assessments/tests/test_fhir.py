"""Instruments and answers survive the way out and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.assessments.rules import fhir
from songbai.domain.assessments.rules.answers import ImpossibleAnswers

from .forms import GBT, INSTRUMENTS, LTCI, answers, best


@pytest.mark.slow
@pytest.mark.parametrize("code", INSTRUMENTS)
@given(data=st.data())
def test_answers_come_back_as_they_went(code: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[code]
    given_ = data.draw(answers(instrument))
    sent = json.loads(json.dumps(fhir.response(instrument, given_)))
    assert fhir.answers(instrument, sent) == given_


def links(resource: dict[str, Any]) -> list[str]:
    below = resource.get("item", [])
    return [link for one in below for link in (one["linkId"], *links(one))]


@pytest.mark.parametrize("code", INSTRUMENTS)
def test_a_questionnaire_asks_everything_once(code: str) -> None:
    instrument = INSTRUMENTS[code]
    found = links(fhir.questionnaire(instrument))
    assert len(found) == len(set(found))
    assert set(instrument.items) | set(instrument.fields) <= set(found)


def test_an_option_carries_its_points_and_words() -> None:
    [group, *_] = fhir.questionnaire(GBT)["item"]
    coding = group["item"][0]["answerOption"][0]["valueCoding"]
    assert (coding["code"], coding["extension"][0]["valueDecimal"]) == ("4", 4)
    assert coding["display"].startswith("独立")


def test_a_response_is_tied_to_its_version() -> None:
    sent = fhir.response(GBT, best())
    assert sent["questionnaire"].endswith("gbt42195-2022|2022")
    with pytest.raises(fhir.NotThisQuestionnaire, match="ltci-2021"):
        fhir.answers(LTCI, sent)
    others: list[object] = [{}, [], None, {"resourceType": "Patient"}]
    for other in others:
        with pytest.raises(fhir.NotThisQuestionnaire):
            fhir.answers(GBT, other)


def broken(change: str) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(json.dumps(fhir.response(GBT, best())))
    first = sent["item"][0]["item"]
    if change == "missing":
        del first[0]
    elif change == "twice":
        first.append(first[0])
    elif change == "impossible":
        first[0]["answer"][0]["valueCoding"]["code"] = "9"
    elif change == "garbled":
        first[0]["answer"] = [{"valueString": "四"}]
    else:
        first.append({"linkId": "Z.9", "answer": [{"valueInteger": 1}]})
    return sent


@pytest.mark.parametrize(
    ("change", "item"),
    [("missing", "B.1.1"), ("twice", "B.1.1"), ("impossible", "B.1.1"), ("garbled", "B.1.1"),
     ("unknown", "Z.9")],
)  # fmt: skip
def test_what_does_not_fit_is_named(change: str, item: str) -> None:
    with pytest.raises(ImpossibleAnswers) as refused:
        fhir.answers(GBT, broken(change))
    assert [problem.item for problem in refused.value.problems] == [item]


def test_impossible_answers_are_not_sent_out() -> None:
    with pytest.raises(ImpossibleAnswers):
        fhir.response(GBT, {**best(), "B.1.1": 7})
