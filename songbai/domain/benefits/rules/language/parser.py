"""From words to a checked tree: ``or`` < ``and`` < ``not`` < comparison.

Facts stand on the left of a comparison, constants or another fact on the right. Parsing and
checking go together: each name is looked up where it stands, so a mistake is reported there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from ..facts import FactKind, Kind, Value
from ..located import Problem, WrongFile, nearest
from ..months import Day
from .tokens import Token, words_of
from .tree import And, Compare, DayOf, Expression, Fact, Granted, Holds, Not, OneOf, Or, Within

SIGNS = {">=", "<=", "==", "!=", ">", "<"}
UNITS = {"day": "days", "days": "days", "month": "months", "months": "months"}
UNITS |= {"year": "years", "years": "years"}
#: The longest span of each unit: no law looks further than two hundred years.
LONGEST = {"days": 73_000, "months": 2_400, "years": 200}
#: The years a policy may speak of.
YEARS = range(1800, 2201)
#: How deep parentheses and ``not`` may nest.
DEEPEST = 40
REGION = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", re.ASCII)
KIND_WORDS = {
    Kind.BOOL: "是或否",
    Kind.WHOLE: "整数",
    Kind.FEN: "金额（如 770元）",
    Kind.DATE: "日期（如 2026-06-01 或 first_day - 6 months）",
    Kind.EVENT: "日期（如 2026-06-01 或 first_day - 6 months）",
    Kind.CODE: "代码",
    Kind.REGION: "地区编码",
}


@dataclass(frozen=True)
class Names:
    """What an expression may speak of."""

    facts: Mapping[str, FactKind]
    regions: tuple[str, ...]
    day_of: Callable[[str], Day]
    """As of which day the policy reads a fact."""
    parameters: Mapping[str, Value]
    """Named constants: int for whole numbers, date, and fen as ``Fen``."""


class Fen(int):
    """A parameter that is money."""


def parse(source: str, names: Names, file: str, start: tuple[int, int] = (1, 1)) -> Expression:
    """The checked tree of an expression that begins at a line and column of a file.

    Raises WrongFile with line, column and what to do.
    """
    return _Parser(words_of(source, file, start), names, file).whole()


class _Parser:
    def __init__(self, words: list[Token], names: Names, file: str) -> None:
        self.words, self.names, self.file = words, names, file
        self.at = self.depth = 0

    @property
    def next(self) -> Token:
        return self.words[self.at]

    def fail(self, token: Token, message: str) -> NoReturn:
        raise WrongFile([Problem(self.file, token.line, token.column, message)])

    def take(self) -> Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.next.text in texts and self.next.kind != "string" else None

    def expect(self, text: str) -> Token:
        token = self.accept(text)
        if token is None:
            self.fail(self.next, f"这里要有 {text}，现在是 {self.next.text or '结尾'}。")
        return token

    def whole(self) -> Expression:
        if self.next.kind == "end":
            self.fail(self.next, "条件不能空着。")
        found = self.either()
        if self.next.kind != "end":
            self.fail(self.next, f"{self.next.text} 前面要写 and 或 or，或者多了一段。")
        return found

    def either(self) -> Expression:
        items = [self.both()]
        while self.accept("or"):
            items.append(self.both())
        return items[0] if len(items) == 1 else Or(tuple(items))

    def both(self) -> Expression:
        items = [self.single()]
        while self.accept("and"):
            items.append(self.single())
        return items[0] if len(items) == 1 else And(tuple(items))

    def single(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(self.next, "括号套得太深，请拆成几条条件。")
        if self.accept("not"):
            found: Expression = Not(self.single())
        elif self.accept("("):
            found = self.either()
            self.expect(")")
        elif self.accept("granted"):
            found = self.granted()
        else:
            found = self.comparison()
        self.depth -= 1
        return found

    def granted(self) -> Granted:
        token = self.take()
        if token.kind != "string":
            self.fail(token, 'granted 后面写政策的代码，加双引号，如 granted "longevity-bishan"。')
        return Granted(token.text[1:-1])

    def comparison(self) -> Expression:
        token = self.take()
        if token.kind != "name":
            self.fail(token, f"这里要写一项情况的名称，现在是 {token.text or '结尾'}。")
        fact = self.fact(token)
        negated = False
        sign = self.next
        if self.accept("not"):
            negated = True
            self.expect("in")
            found = self.membership(fact, sign)
        elif self.accept("in"):
            found = self.membership(fact, sign)
        elif sign.kind == "sign" and sign.text in SIGNS:
            self.take()
            found = self.against(fact, sign)
            if self.next.text in SIGNS:
                self.fail(self.next, "不能连着比较，请用 and 分成两个。")
        elif fact.kind.kind is Kind.BOOL:
            return Holds(fact)
        else:
            self.fail(
                sign, f"{fact.key} 是{KIND_WORDS[fact.kind.kind]}，后面要写比较，如 == 或 in。"
            )
        return Not(found) if negated else found

    def fact(self, token: Token) -> Fact:
        kind = self.names.facts.get(token.text)
        if kind is None:
            hint = nearest(token.text, sorted(self.names.facts))
            self.fail(token, f"没有叫 {token.text} 的情况。{hint}")
        return Fact(kind, self.names.day_of(token.text))

    def membership(self, fact: Fact, sign: Token) -> Expression:
        if fact.kind.kind is Kind.REGION:
            return Within(fact, self.prefixes(fact))
        if fact.kind.kind not in {Kind.CODE, Kind.WHOLE}:
            self.fail(sign, f"{fact.key} 是{KIND_WORDS[fact.kind.kind]}，不能用 in。")
        values: list[int | str] = []
        for token in self.listed():
            value = self.constant(fact, token)
            if value in values:
                self.fail(token, f"{token.text} 写了两次，请删掉一个。")
            values.append(value)
        return OneOf(fact, tuple(values))

    def listed(self) -> list[Token]:
        self.expect("[")
        found = [self.take()]
        while self.accept(","):
            found.append(self.take())
        self.expect("]")
        return found

    def prefixes(self, fact: Fact) -> tuple[str, ...]:
        if self.accept("region"):
            if not self.names.regions:
                self.fail(self.next, "这个政策没有写 region 的编码，不能用 in region。")
            return self.names.regions
        if self.next.kind == "string":
            tokens = [self.take()]
        elif self.next.text == "[":
            tokens = self.listed()
        else:
            self.fail(
                self.next,
                f'{fact.key} in 后面写 region，或地区编码，如 "500151"，或几个编码的列表。',
            )
        for token in tokens:
            if token.kind != "string" or not REGION.fullmatch(token.text[1:-1]):
                self.fail(token, '地区编码要写 2、4、6、9 或 12 位数字，加双引号，如 "500151"。')
        return tuple(token.text[1:-1] for token in tokens)

    def against(self, fact: Fact, sign: Token) -> Expression:
        kind = fact.kind.kind
        if kind is Kind.BOOL:
            value = self.take()
            if value.text not in {"true", "false"} or sign.text not in {"==", "!="}:
                self.fail(value, f"{fact.key} 是“是或否”，直接写 {fact.key} 或 not {fact.key}。")
            return (
                Holds(fact) if (value.text == "true") == (sign.text == "==") else Not(Holds(fact))
            )
        if kind in {Kind.CODE, Kind.REGION} and sign.text not in {"==", "!="}:
            self.fail(sign, f"{fact.key} 是{KIND_WORDS[kind]}，没有大小，只能用 ==、!= 或 in。")
        if fact.key == "turns" and sign.text not in {"==", "!="}:
            self.fail(sign, "turns 只能用 ==、!= 或 in，如 turns == 100。")
        if self.next.text in self.names.facts and self.next.text not in fact.kind.codes:
            return Compare(fact, sign.text, self.other(fact))
        if kind is Kind.REGION:
            self.fail(self.next, f"{fact.key} 是地区，请写 {fact.key} in region。")
        if kind in {Kind.DATE, Kind.EVENT}:
            return Compare(fact, sign.text, self.a_day(fact))
        return Compare(fact, sign.text, self.constant(fact, self.take()))

    def other(self, fact: Fact) -> Fact:
        token = self.take()
        other = self.fact(token)
        kinds = {Kind.DATE, Kind.EVENT}
        alike = other.kind.kind is fact.kind.kind or {other.kind.kind, fact.kind.kind} <= kinds
        if not alike or fact.kind.kind is Kind.CODE:
            self.fail(token, f"{fact.key} 和 {other.key} 不是同一种情况，不能比较。")
        if {fact.kind.derived_from, other.kind.derived_from} != {""}:
            self.fail(token, "age、turns 和 alive 只能和数或是否比较。")
        return other

    def a_day(self, fact: Fact) -> DayOf:
        token = self.take()
        base: Day | date
        if token.kind == "date":
            base = self.written(token)
        elif token.text in {"first_day", "last_day", "day_before"}:
            base = Day(token.text)
        else:
            given = self.names.parameters.get(token.text)
            if not isinstance(given, date):
                self.fail(token, f"{fact.key} 要和{KIND_WORDS[Kind.DATE]}比较。")
            base = given
        move = self.accept("+", "-")
        if move is None:
            return DayOf(base)
        count, unit = self.take(), self.take()
        if count.kind != "number":
            self.fail(count, "这里要写几天、几个月或几年，如 12 months。")
        if unit.text not in UNITS:
            self.fail(unit, "数后面要写 days、months 或 years。")
        if int(count.text) > LONGEST[UNITS[unit.text]]:
            self.fail(count, f"{count.text} {unit.text} 太长，最多 200 年。")
        return DayOf(base, int(count.text) * (-1 if move.text == "-" else 1), UNITS[unit.text])

    def written(self, token: Token) -> date:
        try:
            found = date.fromisoformat(token.text)
        except ValueError:
            self.fail(token, f"没有 {token.text} 这一天。")
        if found.year not in YEARS:
            self.fail(token, f"{token.text} 不像政策里的日期，请写 1800 年到 2200 年之间的。")
        return found

    def constant(self, fact: Fact, token: Token) -> int | str:
        kind = fact.kind
        given = self.names.parameters.get(token.text) if token.kind == "name" else None
        if kind.kind is Kind.CODE:
            if token.text not in kind.codes:
                hint = nearest(token.text, list(kind.codes))
                self.fail(token, f"{kind.key} 没有 {token.text} 这个代码。{hint}")
            return token.text
        if kind.kind is Kind.FEN:
            if isinstance(given, Fen):
                return int(given)
            if token.kind != "money":
                self.fail(
                    token, f"{kind.key} 要和金额比较，如 770元，现在是 {token.text or '结尾'}。"
                )
            return fen_of(token.text)
        if isinstance(given, int) and not isinstance(given, Fen | bool):
            number = given
        elif token.kind == "number":
            number = int(token.text)
        else:
            self.fail(token, f"{kind.key} 要和整数比较，现在是 {token.text or '结尾'}。")
        if not kind.low <= number <= kind.high:
            self.fail(
                token, f"{kind.key} 只会是 {kind.low} 到 {kind.high}，{number} 不可能，请检查。"
            )
        return number


def fen_of(text: str) -> int:
    """``12.50元`` in fen, without floats. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,10})(?:\.(\d{1,2}))?\s?元", text, re.ASCII)
    if match is None:
        raise ValueError(f"not an amount: {text!r}")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
