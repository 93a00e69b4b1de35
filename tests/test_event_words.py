"""What is published has words, and what has words is published."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from songbai.core.events.registry import Kind, kind_of, kinds, said

ROOT = Path(__file__).resolve().parents[1] / "songbai"


@cache
def calls() -> list[ast.Call]:
    """Every call in the house that publishes: ``publish``, and functions that hand a kind on."""
    texts = [path.read_text("utf-8") for path in sorted(ROOT.rglob("*.py"))
             if not {"tests", "migrations", "demo"} & set(path.parts)]  # fmt: skip
    found = {"publish"}
    publishing = [ast.parse(text) for text in texts if "publish(" in text]
    functions = [n for tree in publishing for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    for function in functions:
        given = {argument.arg for argument in function.args.args} & {"kind", "what"}
        if any(called(n) == "publish" and names(n.args[0]) & given for n in of_calls(function)):
            found.add(function.name)
    named = re.compile(rf"\b({'|'.join(found)})\(")
    trees = [ast.parse(text) for text in texts if named.search(text)]
    return [n for tree in trees for n in of_calls(tree) if called(n) in found]


def of_calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args)


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


@cache
def published() -> tuple[set[str], set[str]]:
    """Kinds that are published, and beginnings of kinds that end in a state."""
    whole: set[str] = set()
    begun: set[str] = set()
    for call in calls():
        parts = [part for argument in call.args for part in ast.walk(argument)]
        inside = {id(v) for part in parts if isinstance(part, ast.JoinedStr) for v in part.values}
        for part in parts:
            if isinstance(part, ast.Constant) and re.fullmatch(
                r"[a-z_]+\.[a-z_]*", str(part.value)
            ):
                (begun if id(part) in inside else whole).add(str(part.value))
    return whole, begun


def test_every_kind_that_is_published_is_declared() -> None:
    whole, begun = published()
    declared = {kind.code for kind in kinds()}
    assert whole - declared == set()
    assert len(whole) > 80
    assert {
        start for start in begun if not any(code.startswith(start) for code in declared)
    } == set()


def test_every_kind_that_is_declared_is_published() -> None:
    whole, begun = published()
    idle = {k.code for k in kinds() if k.code not in whole and not k.code.startswith(tuple(begun))}
    assert idle == set()


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.code)
def test_no_kind_is_without_chinese_words(kind: Kind) -> None:
    told = {
        "start": "2026-01-05T01:00:00+00:00",
        "reason": "survival" if kind.code == "benefit.suspended" else "",
    }
    words = said(kind.code, told)
    assert re.search(r"[\u4e00-\u9fff]", words)
    assert not re.search(r"[a-z]{2}", words)


def test_a_reason_stands_behind_the_words() -> None:
    assert said("elder.hold_placed", {"reason": "家属有纠纷"}) == "保留，不许清除：家属有纠纷"


def test_what_has_no_words_cannot_be_published() -> None:
    with pytest.raises(RuntimeError, match=r"declares\.py"):
        kind_of("order.eaten")
