"""Policy and facts files: what is refused, and that all shipped policies pass their cases."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from songbai.domain.benefits.rules.library import load
from songbai.domain.benefits.rules.located import WrongFile
from songbai.domain.benefits.rules.reading import parse_policy
from songbai.domain.benefits.rules.statements import facts_problems, read_facts
from songbai.domain.benefits.rules.vocabulary import POLICIES, vocabulary
from songbai.domain.benefits.worked import tried

from .writing import source


def problems(text: str) -> list[str]:
    with pytest.raises(WrongFile) as error:
        parse_policy(text, "p.yaml")
    return [str(problem) for problem in error.value.problems]


@pytest.mark.slow
def test_every_shipped_policy_passes_its_cases_in_both_evaluators() -> None:
    library = load([POLICIES])
    assert not library.problems
    found = tried(library)
    assert [(one.file, one.case.name, one.wrong) for one in found if one.wrong] == []
    assert all(len(policy.cases) >= 3 for policy in library.policies)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: 试写的政策", "nam: 试写的政策", "p.yaml:3:1：这里没有 nam 这一项。是不是想写 name"),
        ("valid_from: 2026-01-01", "valid_from: 2026-01-15", "p.yaml:6:13：政策按月执行"),
        ("subject: elder", "subject: 老人", "subject 不能是"),
        ("amount: 100元", "amount: 100", "amount 要写金额"),
        ("unit: month", "unit: year", "要写 paid_in"),
        ("unit: month", "unit: percent", "要写 percent_of"),
        ("unit: month", "unit: day", "要写 times"),
        ("by: none", "by: hukou", "没有一条条件写 hukou in region"),
        ("{name} {amount}", "{nam}", "没有 {nam}"),
        ("verified: false\npay", "verified: no\npay", "true、false"),
        ("channel: yikatong", "channel: cash", "channel 不能是"),
        ("code: made-up", "code: Made Up", "小写字母"),
        ("clause: 第一条}", "clause: }", "不能空着"),
        ('codes: ["500151"]', 'codes: ["50015"]', "地区编码"),
        ("format: songbai-policy/1", "format: songbai-policy/2", "format 不能是"),
        ("code: made-up", "code: made-up\ncode: again", "写了两次"),
        ("name: 试写的政策", "name: &a 试写的政策", "不能用 & 和 *"),
        ("name: 试写的政策", "name: [", "YAML 写法不对"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    text = source()
    assert old in text
    assert any(says in problem for problem in problems(text.replace(old, new, 1)))


def test_all_mistakes_are_told_at_once() -> None:
    text = source(when="agee >= 80").replace("amount: 100元", "amount: 100")
    assert len(problems(text)) == 2


@pytest.mark.parametrize(
    "garbage", ["", "[]", "a", "a: b", "\x00", "a:\n\t- b", "? [a]: b", "{" * 500]
)
def test_garbage_is_refused(garbage: str) -> None:
    assert problems(garbage)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (
            "{name: a, month: 2026-6, facts: {}, expect: {decision: no, failed: [only]}}",
            "month 要写",
        ),
        (
            "{name: a, month: 2025-06, facts: {}, expect: {decision: no, failed: [only]}}",
            "还没有或不再",
        ),
        (
            "{name: a, month: 2026-06, facts: {age: 80}, expect: {decision: yes, amount: 1元}}",
            "birth_date",
        ),
        ("{name: a, month: 2026-06, facts: {}, expect: {decision: yes}}", "要写 amount"),
        (
            "{name: a, month: 2026-06, facts: {}, expect: {decision: no, failed: [x]}}",
            "failed 里没有 x",
        ),
        (
            "{name: a, month: 2026-06, facts: {}, expect: {decision: no, amount: 1元}}",
            "不能写 amount",
        ),
    ],
)
def test_a_wrong_case_is_refused(case: str, says: str) -> None:
    assert any(says in problem for problem in problems(source(cases=f"[{case}]")))


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"agee": 1}, "没有叫 agee"),
        ({"age": 80}, "请给 birth_date"),
        ({"birth_date": "1946-6-30"}, "要写日期"),
        ({"birth_date": 19460630}, "要写日期"),
        ({"hukou": "500151"}, "12 位"),
        ({"hukou": 500151001001}, "要写文字"),
        ({"hardship": "dibo"}, "是不是想写 dibao"),
        ({"ability_level": 5}, "只会是 0 到 4"),
        ({"ability_level": True}, "要写整数"),
        ({"ability_level": "2"}, "要写整数"),
        ({"income": 770.0}, "整数分"),
        ({"income": -1}, "只会是 0"),
        ({"ltci_insured": "true"}, "true 或 false"),
        ({"hardship": {"valu": "dibao"}}, "没有 valu"),
        ({"hardship": {"value": "dibao", "from": "2026"}}, "from 要写日期"),
        ({"hardship": {"value": "dibao", "from": "2026-02-01", "to": "2026-01-01"}}, "to 不能早于"),
        ({"hardship": ["dibao", "none"]}, "日期重叠"),
        ({"birth_date": ["1940-01-01", "1941-01-01"]}, "只能有一个值"),
        ({"hardship": []}, "不能空着"),
    ],
)
def test_wrong_facts_are_refused(facts: dict[str, Any], says: str) -> None:
    assert any(says in problem for problem in facts_problems(vocabulary("elder"), facts))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"subject": "elder"}', '{"subject": "x", "facts": {}}', "[" * 100_000,
     '{"subject": "elder", "facts": {}, "facts": {}}', '{"subject": "elder", "facts": []}',
     '{"subject": "elder", "facts": {}, "receiving": "a"}', '{"subject": ["elder"], "facts": {}}'],
)  # fmt: skip
def test_a_wrong_facts_file_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(text)
    with pytest.raises(WrongFile):
        read_facts(file)


def test_a_file_nested_without_end_is_refused() -> None:
    assert problems("policy: " + "[" * 45_000 + "]" * 45_000) == [
        "p.yaml:1:38：嵌套太深，不像政策文件。"
    ]


def test_two_lives_of_a_policy_must_not_overlap(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(source(), "utf-8")
    assert ["重叠" in problem.message for problem in load([tmp_path]).problems] == [True]


def test_a_decision_is_plain_json() -> None:
    from songbai.domain.benefits.rules import decide

    from .writing import MONTH, elder, policy

    document = decide(policy(), elder(birth_date="1940-01-01"), MONTH).as_json()
    assert json.loads(json.dumps(document)) == document
    assert document["decision"] == "yes"


def test_the_examples_of_the_documentation_are_true(tmp_path: Path) -> None:
    text = (POLICIES.parent / "docs" / "policy-format.md").read_text("utf-8")
    blocks = dict(re.findall(r"```(yaml|json)\n(format: songbai-policy.*?|\{\n.*?)```", text, re.S))
    (tmp_path / "p.yaml").write_text(blocks["yaml"], "utf-8")
    (tmp_path / "f.json").write_text(blocks["json"], "utf-8")
    library = load([tmp_path])
    assert [one.wrong for one in tried(library)] == [(), (), ()]
    assert read_facts(tmp_path / "f.json").receiving == {"longevity-example"}
