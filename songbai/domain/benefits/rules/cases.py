"""Worked cases: in a policy's own file, or over several policies in a file of cases."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .facts import Kind, Sheet
from .language.parser import fen_of
from .located import Listed, Located, Mapped, Reader, Word, nearest, read_yaml
from .months import Month
from .policy import Case, Expected, Policy
from .statements import facts_problems, sheet_from

DECISIONS = ("yes", "no", "cannot_decide")


def cases_of(reader: Reader, policy: Policy, nodes: Iterable[Located]) -> list[Case]:
    """The cases of a policy's own file; problems are noted in the reader."""
    found = []
    for node in nodes:
        parent = reader.mapping(node, "cases")
        if not reader.check_keys(parent, {"name", "month", "facts", "expect"}, {"receiving"}):
            continue
        month, sheet = _given(reader, parent, policy)
        expected = _expected(reader, reader.mapping(parent.items["expect"], "expect"), policy)
        if month and not policy.in_force(month):
            reader.wrong(parent.items["month"], f"{month.text} 时这个政策还没有或不再执行。")
        if month and sheet and expected:
            name = reader.text(parent, "name")
            found.append(Case(name, month, sheet, {policy.code: expected}, parent.line))
    return found


def read_cases(path: Path, policies: dict[str, Policy]) -> list[Case]:
    """The cases of a file over several policies; ``policies`` by code, any life of them.

    Raises WrongFile with every problem found.
    """
    reader = Reader(str(path))
    top = read_yaml(path.read_text("utf-8"), str(path))
    reader.check_keys(top, {"format", "note", "cases"}, set())
    reader.finish()
    found = []
    for node in reader.list_of(top.items["cases"], "cases"):
        parent = reader.mapping(node, "cases")
        if not reader.check_keys(parent, {"name", "month", "facts", "expect"}, {"receiving"}):
            continue
        expect = reader.mapping(parent.items["expect"], "expect")
        expected: dict[str, Expected] = {}
        some: Policy | None = None
        for code, item in expect.items.items():
            policy = policies.get(code)
            if policy is None:
                hint = nearest(code, list(policies))
                reader.wrong(expect.keys[code], f"没有代码是 {code} 的政策。{hint}")
                continue
            some = some or policy
            if policy.subject != some.subject:
                reader.wrong(expect.keys[code], "一个案例里的政策要是同一种对象。")
            one = _expected(reader, reader.mapping(item, code), policy)
            if one:
                expected[code] = one
        if some is None:
            reader.wrong(parent, "expect 里至少要有一个政策。")
            continue
        month, sheet = _given(reader, parent, some)
        if month and sheet:
            found.append(Case(reader.text(parent, "name"), month, sheet, expected, parent.line))
    reader.finish()
    return found


def _given(reader: Reader, parent: Mapped, policy: Policy) -> tuple[Month | None, Sheet | None]:
    month = None
    try:
        month = Month.parse(reader.text(parent, "month"))
    except ValueError:
        reader.wrong(parent.items["month"], "month 要写年和月，如 2026-06。")
    facts = reader.mapping(parent.items["facts"], "facts")
    given = {key: _json_value(policy, key, item) for key, item in facts.items.items()}
    wrong = facts_problems(policy.vocabulary, given)
    for text in wrong:
        reader.wrong(facts.keys.get(text.partition("：")[0], facts), text)
    codes = reader.list_of(parent.items.get("receiving"), "receiving")
    receiving = [reader.word(code, "receiving").text for code in codes]
    if wrong:
        return month, None
    raw = {"subject": policy.subject, "facts": given, "receiving": receiving}
    return month, sheet_from(raw, policy.vocabulary)


def _json_value(policy: Policy, key: str, node: Located) -> Any:
    """A fact as it would stand in JSON."""
    if isinstance(node, Listed):
        return [_json_value(policy, key, item) for item in node.items]
    if isinstance(node, Mapped):
        return {
            name: _json_value(policy, key if name == "value" else "", item)
            for name, item in node.items.items()
        }
    kind = policy.vocabulary.get(key)
    if node.source in {"null", "~", ""}:
        return None
    if kind is None or kind.kind in {Kind.CODE, Kind.REGION, Kind.DATE, Kind.EVENT}:
        return node.text
    if kind.kind is Kind.FEN:
        return _fen(node)
    try:
        found = json.loads(node.text)
    except json.JSONDecodeError:
        return node.text
    return found


def _fen(node: Word) -> Any:
    """Money in a case is written as in a policy, ``100元``; whole fen as in JSON are taken too."""
    try:
        return fen_of(node.text)
    except ValueError:
        return int(node.text) if node.text.isascii() and node.text.isdigit() else node.text


def _expected(reader: Reader, node: Mapped, policy: Policy) -> Expected | None:
    if not reader.check_keys(node, {"decision"}, {"amount", "failed", "missing"}):
        return None
    decision = reader.choice(node, "decision", DECISIONS)
    need = {"yes": "amount", "no": "failed", "cannot_decide": "missing"}[decision]
    for key in node.items.keys() - {"decision", need}:
        reader.wrong(node.keys[key], f"decision 是 {decision}，不能写 {key}。")
    if need not in node.items:
        reader.wrong(node, f"decision 是 {decision}，要写 {need}。")
        return None
    amount = None
    if need == "amount":
        try:
            amount = fen_of(reader.text(node, "amount"))
        except ValueError:
            reader.wrong(node.items["amount"], "amount 要写金额，如 10元。")
    known = {"failed": [*policy.bits], "missing": [*policy.fact_keys, "amount"]}.get(need, [])
    listed: list[str] = []
    for item in reader.list_of(node.items[need], need) if known else ():
        word = reader.word(item, need)
        if word.text not in known:
            reader.wrong(word, f"{need} 里没有 {word.text}。{nearest(word.text, known)}")
        listed.append(word.text)
    if known and not listed:
        reader.wrong(node, f"{need} 不能空着。")
    return Expected(
        decision,
        amount,
        tuple(listed) if need == "failed" else None,
        tuple(listed) if need == "missing" else None,
    )


def differences(expected: Expected, found: Expected) -> list[str]:
    """What a decision has otherwise than a case says, in words."""
    wrong = []
    if found.decision != expected.decision:
        wrong.append(f"应是 {expected.decision}，算出来是 {found.decision}")
    if expected.amount is not None and found.amount != expected.amount:
        wrong.append(f"应发 {expected.amount} 分，算出来是 {found.amount} 分")
    for name, should, was in (
        ("不符合的条件", expected.failed, found.failed),
        ("缺的情况", expected.missing, found.missing),
    ):
        if should is not None and was is not None and set(should) != set(was):
            wrong.append(f"{name}应是 {'、'.join(should)}，算出来是 {'、'.join(was) or '没有'}")
    return wrong
