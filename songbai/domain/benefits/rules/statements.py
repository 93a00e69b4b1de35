"""Facts somebody handed in, as JSON or in a worked case: checked, never bent into shape."""

import json
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from .facts import NEVER, SUBJECTS, FactKind, Kind, Sheet, Statement, Value
from .located import Problem, WrongFile, nearest
from .vocabulary import Facts, house_facts, vocabulary

TOP = {"subject", "facts"}
TOP_MAY = {"id", "receiving"}
PARTS = {"value", "from", "to", "source", "observed"}


def read_facts(path: Path, known: Facts | None = None) -> Sheet:
    """The facts of a JSON file; ``known`` are those there are, those of this installation.

    Raises WrongFile naming the fact, OSError when the file cannot be read.
    """
    try:
        raw = json.loads(path.read_text("utf-8"), object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        message = f"JSON 写法不对（{error.msg}）。请检查逗号、引号和括号。"
        raise WrongFile([Problem(str(path), error.lineno, error.colno, message)]) from error
    except UnicodeDecodeError as error:
        raise WrongFile([Problem(str(path), 1, 1, "文件不是 UTF-8 编码。")]) from error
    except RecursionError as error:
        raise WrongFile([Problem(str(path), 1, 1, "嵌套太深，不是情况文件。")]) from error
    except _Double as error:
        raise WrongFile([Problem(str(path), 1, 1, f"{error} 写了两次。")]) from error
    known = known or house_facts()
    wrong = [Problem(str(path), 1, 1, text) for text in sheet_problems(raw, known)]
    if wrong:
        raise WrongFile(wrong)
    return sheet_from(raw, known[raw["subject"]])


class _Double(ValueError):
    pass


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _Double(next(key for key in keys if keys.count(key) > 1))
    return found


def sheet_from(raw: Mapping[str, Any], facts: Mapping[str, FactKind] | None = None) -> Sheet:
    """A checked JSON document as a sheet."""
    facts = facts or vocabulary(raw["subject"])
    statements = {}
    for key, given in raw["facts"].items():
        said = given if isinstance(given, list) else [given]
        statements[key] = tuple(_statement(facts[key], item) for item in said)
    return Sheet(raw["subject"], statements, frozenset(raw.get("receiving", ())))


def sheet_problems(raw: Any, known: Facts) -> list[str]:
    """Everything wrong with a facts document, in words."""
    if not isinstance(raw, dict):
        return ['最外层要是一个对象：{"subject": …, "facts": {…}}。']
    wrong = [f"少了 {key}。" for key in sorted(TOP - raw.keys())]
    keys = sorted(TOP | TOP_MAY)
    wrong += [f"没有 {key} 这一项。{nearest(key, keys)}" for key in raw.keys() - set(keys)]
    receiving = raw.get("receiving", [])
    if not isinstance(receiving, list) or not all(isinstance(code, str) for code in receiving):
        wrong.append("receiving 要是政策代码的列表。")
    if not isinstance(raw.get("id", ""), str):
        wrong.append("id 要是文字。")
    if wrong:
        return wrong
    if not isinstance(raw["subject"], str) or raw["subject"] not in SUBJECTS:
        return [f"subject 不能是 {raw['subject']!r}，可以写：{'、'.join(SUBJECTS)}。"]
    if not isinstance(raw["facts"], dict):
        return ['facts 要是一个对象：{"情况名称": 值}。']
    return facts_problems(known[raw["subject"]], raw["facts"])


def facts_problems(facts: Mapping[str, FactKind], given: Mapping[str, Any]) -> list[str]:
    """Everything wrong with the facts of a subject, ``facts`` being those it has."""
    wrong: list[str] = []
    for key, value in given.items():
        kind = facts.get(key)
        if kind is None:
            known = [name for name, fact in facts.items() if not fact.derived_from]
            wrong.append(f"没有叫 {key} 的情况。{nearest(key, known)}")
        elif kind.derived_from:
            wrong.append(f"{key} 由 {kind.derived_from} 算出来，请给 {kind.derived_from}。")
        else:
            wrong += [f"{key}：{text}" for text in _fact_problems(kind, value)]
    return wrong


def _fact_problems(kind: FactKind, given: Any) -> list[str]:
    said = given if isinstance(given, list) else [given]
    if not said:
        return ["列表不能空着；不知道就不写这一项，或写 null。"]
    wrong = [text for item in said for text in _statement_problems(kind, item)]
    if wrong or not isinstance(given, list):
        return wrong
    if kind.fixed and len(said) > 1:
        return ["哪天都一样，只能有一个值。"]
    spans = sorted(
        (statement.valid_from or date.min, statement.valid_to or date.max)
        for statement in (_statement(kind, item) for item in said)
    )
    if any(later[0] <= earlier[1] for earlier, later in pairwise(spans)):
        return ["几个值的日期重叠，请写清 from 和 to（都含当天）。"]
    return []


def _statement_problems(kind: FactKind, item: Any) -> list[str]:
    if not isinstance(item, dict):
        return _value_problems(kind, item)
    wrong = [f"没有 {key}，可以写：{'、'.join(sorted(PARTS))}。" for key in item.keys() - PARTS]
    if "value" not in item:
        wrong.append("少了 value。")
    else:
        wrong += _value_problems(kind, item["value"])
    for key in ("from", "to", "observed"):
        if key in item and _day(item[key]) is None:
            wrong.append(f'{key} 要写日期，如 "2026-06-01"。')
    if not isinstance(item.get("source", ""), str):
        wrong.append("source 要写文字。")
    if not wrong and "from" in item and "to" in item and item["to"] < item["from"]:
        wrong.append("to 不能早于 from。")
    return wrong


def _value_problems(kind: FactKind, value: Any) -> list[str]:
    if value is None:
        return []
    shown = json.dumps(value, ensure_ascii=False)
    if kind.kind is Kind.BOOL:
        return [] if isinstance(value, bool) else [f"要写 true 或 false，现在是 {shown}。"]
    if kind.kind in {Kind.WHOLE, Kind.FEN}:
        return _number_problems(kind, value, shown)
    if kind.kind in {Kind.DATE, Kind.EVENT}:
        return [] if _day(value) else [f'要写日期，如 "2026-06-01"，现在是 {shown}。']
    if not isinstance(value, str):
        return [f"要写文字，现在是 {shown}。"]
    if kind.kind is Kind.CODE:
        hint = nearest(value, list(kind.codes))
        return [] if value in kind.codes else [f"没有 {shown} 这个代码。{hint}"]
    full = len(value) == 12 and value.isascii() and value.isdigit()
    return [] if full else [f"要写 12 位地区编码，现在是 {shown}。"]


def _number_problems(kind: FactKind, value: Any, shown: str) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int):
        unit = "整数分（100 元写 10000）" if kind.kind is Kind.FEN else "整数"
        return [f"要写{unit}，现在是 {shown}。"]
    fits = kind.low <= value <= kind.high
    return [] if fits else [f"只会是 {kind.low} 到 {kind.high}，现在是 {shown}。"]


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _statement(kind: FactKind, item: Any) -> Statement:
    if not isinstance(item, dict):
        return Statement(_value(kind, item))
    return Statement(
        _value(kind, item["value"]),
        item.get("source", ""),
        _day(item.get("observed")),
        _day(item.get("from")),
        _day(item.get("to")),
    )


def _value(kind: FactKind, value: Any) -> Value:
    if value is None:
        return NEVER if kind.kind is Kind.EVENT else None
    if kind.kind in {Kind.DATE, Kind.EVENT}:
        return date.fromisoformat(value)
    found: Value = value
    return found
