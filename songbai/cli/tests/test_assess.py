"""``songbai assess`` as somebody calls it: files in, JSON out, refusals with a code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from songbai.cli.assess import MISUSED, OK, REFUSED, main
from songbai.domain.assessments.tests.forms import best

GBT = ["--instrument", "gbt42195-2022"]


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Answers with dementia and one fall."""
    path = tmp_path / "answers.json"
    answers = {**best(), "B.1.1": 0, "A.4.1": ["F00"], "A.2.14": {"跌倒": 1}, "A.5.11": False}
    path.write_text(json.dumps(answers), "utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    errors: list[dict[str, str]] = json.loads(captured.err)["errors"]
    return errors


def test_a_score_is_printed_in_the_published_form(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", *GBT, "--answers", str(filled)]) == OK
    assert told(capsys) == {
        "scores": {"B.1": 28, "B.2": 15, "B.3": 28, "B.4": 15},
        "total": 86,
        "initial_level": 1,
        "changes": [{"rule": "dementia", "reason": "确诊为痴呆（F00），在初步等级上提高一级"}],
        "final_level": 2,
        "verified": True,
    }


def test_wrong_answers_are_all_named_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"B.1.1": 9, "X": 1}))
    assert main(["score", *GBT, "--answers", str(path)]) == REFUSED
    errors = refused(capsys)
    assert len(errors) == 27
    assert errors[0] == {"item": "B.1.1", "problem": "进食：不能填 9，可以填 4、3、2、1、0"}


@pytest.mark.parametrize("text", ["", "{", "\ufffd", '{"B.1.1": NaN'])
def test_a_file_that_is_no_json_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, "utf-8")
    assert main(["score", *GBT, "--answers", str(path)]) == MISUSED
    assert "JSON" in refused(capsys)[0]["problem"]


def test_an_item_given_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"B.1.1": 4, "B.1.1": 0}')
    assert main(["score", *GBT, "--answers", str(path)]) == REFUSED
    assert refused(capsys) == [{"item": "B.1.1", "problem": "填了两次"}]


def test_no_file_and_no_instrument_are_told(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", *GBT, "--answers", "/nowhere.json"]) == MISUSED
    refused(capsys)
    assert main(["score", "--instrument", "x", "--answers", str(filled)]) == MISUSED
    assert "ltci-2021" in refused(capsys)[0]["problem"]


def test_fhir_out_and_back(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fhir", "response", *GBT, "--answers", str(filled)]) == OK
    sent = tmp_path / "response.json"
    sent.write_text(capsys.readouterr().out, "utf-8")
    assert main(["fhir", "answers", *GBT, "--answers", str(sent)]) == OK
    assert told(capsys) == json.loads(filled.read_text())
    assert main(["fhir", "questionnaire", *GBT]) == OK
    assert told(capsys)["resourceType"] == "Questionnaire"


@pytest.mark.parametrize("code", ["gbt42195-2022", "ltci-2021", "mzt039-2013"])
def test_a_template_can_be_scored(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["template", "--instrument", code]) == OK
    path = tmp_path / "template.json"
    path.write_text(capsys.readouterr().out)
    assert main(["score", "--instrument", code, "--answers", str(path)]) == OK
    assert told(capsys)["final_level"] == 0


def test_the_gate_answers_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gate.json"
    path.write_text(json.dumps(dict.fromkeys(["a1", "a2", "a3", "b1", "b2", "b3"], "依赖")))
    assert main(["gate", "--instrument", "ltci-2021", "--answers", str(path)]) == OK
    assert told(capsys) == {"outcome": "G", "passed": True, "verified": False}


def test_no_database_is_started(tmp_path: Path, filled: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("songbai"), "assess", "score", *GBT, "--answers", "-"],
        input=filled.read_bytes(),
        env={"SONGBAI_HOME": str(tmp_path / "home"), "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)["final_level"]) == (0, 2), done.stderr
    assert not (tmp_path / "home").exists()
