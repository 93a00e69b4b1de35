"""The policy commands: what they print and how they end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from songbai.cli.policies import Exit
from songbai.cli.policies import main as run
from songbai.domain.benefits.tests.writing import source

pytestmark = pytest.mark.long

CASE = (
    "{name: 满岁, month: 2026-06, facts: {birth_date: 1940-01-01},"
    " expect: {decision: yes, amount: %s}}"
)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "p.yaml"
    file.write_text(source(cases=f"[{CASE % '100元'}]"), "utf-8")
    return file


def facts(folder: Path, **given: str) -> str:
    file = folder / "f.json"
    file.write_text(json.dumps({"subject": "elder", "facts": given}))
    return str(file)


def test_a_good_file_is_checked_and_tested(policy: Path) -> None:
    assert run(["check", str(policy)]) == Exit.FINE
    assert run(["test", str(policy.parent)]) == Exit.FINE


def test_an_end_before_the_paying_month_is_reminded_of(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = source().replace("unit: month", "unit: year\n    paid_in: 10")
    policy.write_text(f"{text}\nvalid_to: 2026-11-30\n", "utf-8")
    assert run(["check", str(policy)]) == Exit.FINE
    assert "提醒" in (told := "".join(capsys.readouterr()))
    assert "永远发不出" in told


def test_who_reads_only_the_first_line_ends_it_quietly() -> None:
    policies = sorted(Path("policies").rglob("*.yaml"))
    run_ = f"{sys.executable} -m songbai.cli.main policy test {policies[0].parent} | true"
    ended = subprocess.run(["/bin/sh", "-c", run_], capture_output=True, text=True, check=True)
    assert ended.stderr == ""


def test_a_case_that_comes_out_otherwise_is_told(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy.write_text(source(cases=f"[{CASE % '90元'}]"), "utf-8")
    assert run(["test", str(policy)]) == Exit.WRONG
    said = capsys.readouterr().err
    assert "逐人算：应发 9000 分，算出来是 10000 分" in said
    assert "批量算：应发 9000 分，算出来是 10000 分" in said


def test_a_wrong_file_is_told_with_its_place(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy.write_text(source(when="age > 8O"), "utf-8")
    assert run(["check", str(policy)]) == Exit.WRONG
    assert f"{policy}:12:29" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "decision", "code"),
    [
        ({"birth_date": "1940-01-01"}, "yes", Exit.FINE),
        ({"birth_date": "1950-01-01"}, "no", Exit.FINE),
        ({}, "cannot_decide", Exit.CANNOT_DECIDE),
    ],
)
def test_a_decision_is_printed_as_json(
    policy: Path,
    given: dict[str, str],
    decision: str,
    code: Exit,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["decide", str(policy), "--facts", facts(policy.parent, **given), "--month", "2026-06"]
    assert run(asked) == code
    assert json.loads(capsys.readouterr().out)["decision"] == decision


def test_what_cannot_be_asked_is_refused(policy: Path, tmp_path: Path) -> None:
    given = facts(tmp_path, birth_date="1940-01-01")
    assert run(["check", str(tmp_path / "none")]) == Exit.USAGE
    assert run(["decide", str(policy), "--facts", given, "--month", "2026-6"]) == Exit.USAGE
    assert run(["decide", str(policy), "--facts", given, "--month", "2025-06"]) == Exit.NOT_IN_FORCE
    bad = facts(tmp_path, birth="1940-01-01")
    assert run(["decide", str(policy), "--facts", bad, "--month", "2026-06"]) == Exit.WRONG
