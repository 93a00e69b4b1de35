"""The numbers of a policy somebody could decide otherwise, and the policy when they do. Pure.

The same threshold may stand in several places of a file (满 80 周岁 in a criterion, in a row of the
amount table, and as the 79 that ends the row before): it is one lever and moves everywhere at once,
so that no gap opens between conditions and amounts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

from .change import AGE_WORDS, SIGN_WORDS
from .facts import MOST_FEN, FactKind, Kind, yuan
from .language import tree
from .policy import Component, Policy, Row, Unit

#: A lever's setting: a whole number (fen for money, hundredths for percent), or codes.
Setting = int | tuple[str, ...]
SPAN_WORDS = {"days": "天", "months": "个月", "years": "年"}
#: Longest span a condition may be set to, in its own unit.
LONGEST = 600
#: Facts that are a number but hardly a class: no list of their values is offered.
MOST_VALUES = 10
REGION = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", re.ASCII)


class Shape(StrEnum):
    """How a lever is set."""

    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    CLASSES = "classes"
    REGIONS = "regions"


class WrongSetting(ValueError):
    """A setting that cannot be; says to the officer why."""


@dataclass(frozen=True)
class Lever:
    """One number, or one list of classes, of a policy.

    ``id`` stays the same as long as the file does; ``used`` are the conditions and rows it stands
    in; ``shift`` is what is added to a shown number to get the first value on the other side.
    """

    id: str
    shape: Shape
    label: str
    now: Setting
    used: tuple[str, ...]
    unit: str = ""
    low: int = 0
    high: int = 0
    shift: int = 0
    choices: tuple[tuple[str, str], ...] = ()

    def show(self, setting: Setting) -> str:
        """A setting as it is typed: 10.50 for money, 50 for percent."""
        if isinstance(setting, tuple):
            return "、".join(dict(self.choices).get(code, code) for code in setting)
        if self.shape is Shape.NUMBER:
            return str(setting)
        whole, rest = divmod(setting, 100)
        return f"{whole}.{rest:02d}" if rest else str(whole)

    def says(self, setting: Setting) -> str:
        """A setting in words: 10 元, 80 周岁."""
        if self.shape is Shape.MONEY and isinstance(setting, int):
            return yuan(setting)
        return f"{self.show(setting)}{' ' if self.unit not in {'', '%'} else ''}{self.unit}"

    def read(self, typed: Sequence[str]) -> Setting:
        """What was typed or ticked. Raises WrongSetting."""
        if self.shape in {Shape.CLASSES, Shape.REGIONS}:
            return self._codes(typed)
        text = (typed[0] if typed else "").strip().replace(",", "")
        whole = self.shape is Shape.NUMBER
        found = re.fullmatch(
            r"(\d{1,10})()" if whole else r"(\d{1,10})(?:\.(\d{1,2}))?", text, re.ASCII
        )
        if found is None:
            self._wrong(f"要写{'整数' if whole else '数，最多两位小数'}，现在是“{text}”")
        value = int(found[1]) if whole else int(found[1] + (found[2] or "").ljust(2, "0"))
        if not self.low <= value <= self.high:
            self._wrong(f"要在 {self.show(self.low)} 到 {self.show(self.high)} 之间")
        return value

    def _codes(self, typed: Sequence[str]) -> Setting:
        codes = tuple(dict.fromkeys(typed))
        if not codes:
            self._wrong("至少要选一项")
        if self.shape is Shape.REGIONS:
            if not all(REGION.fullmatch(code) for code in codes):
                self._wrong("地区编码是 2、4、6、9 或 12 位数字")
            return tuple(sorted(codes))
        known = dict(self.choices)
        if not known.keys() >= set(codes):
            self._wrong("没有这一类")
        return tuple(code for code in known if code in codes)

    def _wrong(self, why: str) -> NoReturn:
        raise WrongSetting(f"{self.label}：{why}。")


def levers(policy: Policy) -> tuple[Lever, ...]:
    """Everything of a policy that can be set otherwise: conditions first, then amounts."""
    found: dict[str, Lever] = {}
    for expression, where in _expressions(policy):
        for atom in tree.atoms(expression):
            lever = _lever_of(atom, policy, where)
            if lever is None:
                continue
            before = found.get(lever.id)
            used = tuple(dict.fromkeys((*before.used, where))) if before else (where,)
            found[lever.id] = replace(before or lever, used=used)
    for component in policy.amounts:
        for row in component.rows:
            lever = _amount_lever(component, row)
            found[lever.id] = lever
    if policy.cap is not None:
        words = "每人每月最多"
        found["cap"] = Lever(
            "cap", Shape.MONEY, words, policy.cap, (words,), "元", high=MOST_FEN // 100
        )
    return tuple(found.values())


def changed(policy: Policy, settings: Mapping[str, Setting]) -> Policy:
    """The policy with some levers set otherwise, by their ids; nothing else changes.

    Its sentences and sources stay those of the file. Raises KeyError for an id it has not.
    """
    known = {lever.id: lever for lever in levers(policy)}
    moved = {key: value for key, value in settings.items() if known[key].now != value}

    def atom(given: tree.Atom | tree.Granted) -> tree.Expression:
        lever = None if isinstance(given, tree.Granted) else _lever_of(given, policy, "")
        if isinstance(given, tree.Granted) or lever is None or lever.id not in moved:
            return given
        return _set(given, moved[lever.id], known[lever.id].shift - lever.shift)

    def row(component: Component, given: Row) -> Row:
        when = tree.replaced(given.when, atom) if given.when else None
        amount = moved.get(_amount_id(component, given))
        if not isinstance(amount, int):
            return replace(given, when=when)
        # How a changed amount is shared nobody has said.
        return replace(given, when=when, amount=amount, parts=())

    cap, regions = moved.get("cap", policy.cap), moved.get("regions", policy.regions)
    return replace(
        policy,
        regions=regions if isinstance(regions, tuple) else policy.regions,
        criteria=tuple(replace(c, when=tree.replaced(c.when, atom)) for c in policy.criteria),
        amounts=tuple(
            replace(part, rows=tuple(row(part, given) for given in part.rows))
            for part in policy.amounts
        ),
        cap=cap if isinstance(cap, int) else None,
    )


def _expressions(policy: Policy) -> Iterator[tuple[tree.Expression, str]]:
    """Every expression with the words of where it stands."""
    for criterion in policy.criteria:
        yield criterion.when, criterion.if_yes
    for component in policy.amounts:
        for row in component.rows:
            if row.when is not None:
                yield row.when, row.label


def _lever_of(atom: tree.Atom, policy: Policy, where: str) -> Lever | None:
    """The lever an atom hangs on, None when there is nothing to set."""
    if isinstance(atom, tree.Within):
        if atom.prefixes != policy.regions:
            return None
        now = tuple(sorted(policy.regions))
        return Lever("regions", Shape.REGIONS, f"{atom.fact.kind.name}（地区）", now, (where,))
    if isinstance(atom, tree.OneOf):
        return _classes(atom.fact.kind, tuple(map(str, atom.values)), where)
    if not isinstance(atom, tree.Compare):
        return None
    if isinstance(atom.right, tree.DayOf):
        return _span(atom.fact.kind, atom.right, where)
    if isinstance(atom.right, str):
        return _classes(atom.fact.kind, (atom.right,), where)
    return _threshold(atom, where) if isinstance(atom.right, int) else None


def _classes(kind: FactKind, values: tuple[str, ...], where: str) -> Lever | None:
    if kind.kind is Kind.CODE:
        choices = tuple((code, kind.words.get(code, code)) for code in kind.codes)
    elif kind.high - kind.low < MOST_VALUES:
        choices = tuple((str(n), kind.say(n)) for n in range(kind.low, kind.high + 1))
    else:
        return None
    now = tuple(code for code, _ in choices if code in values)
    key = f"{kind.key}-{'-'.join(now)}"
    return Lever(key, Shape.CLASSES, kind.name, now, (where,), choices=choices)


def _span(kind: FactKind, day: tree.DayOf, where: str) -> Lever | None:
    if not day.count:
        return None
    count, unit = abs(day.count), SPAN_WORDS[day.unit]
    key = f"{kind.key}-{'before' if day.count < 0 else 'after'}-{count}-{day.unit}"
    label = f"{kind.name}：往{'前' if day.count < 0 else '后'}推"
    return Lever(key, Shape.NUMBER, label, count, (where,), unit, high=LONGEST)


def _threshold(atom: tree.Compare, where: str) -> Lever | None:
    """A limit; ``>= 80``, ``< 80``, ``> 79`` and ``<= 79`` are one and the same."""
    kind, value = atom.fact.kind, atom.right
    if not isinstance(value, int) or kind.kind not in {Kind.WHOLE, Kind.FEN}:
        return None
    exact = atom.sign in {"==", "!="}
    if exact and kind.kind is Kind.FEN:
        return None  # "none of it" is no limit
    shift = int(atom.sign in {">", "<="})
    key = f"{kind.key}-is-{value}" if exact else f"{kind.key}-{value + shift}"
    years = kind.key in {"age", "turns"}
    sign = "==" if exact else atom.sign
    words = AGE_WORDS[sign].format("…") if years else f"{kind.name}{SIGN_WORDS[sign]}"
    return Lever(
        key,
        Shape.MONEY if kind.kind is Kind.FEN else Shape.NUMBER,
        words,
        value,
        (where,),
        "周岁" if years else "元" if kind.kind is Kind.FEN else "",
        low=kind.low,
        high=kind.high,
        shift=shift,
    )


def _amount_id(component: Component, row: Row) -> str:
    return f"amount-{component.id}-{row.id}"


def _amount_lever(component: Component, row: Row) -> Lever:
    percent, unit = component.unit is Unit.PERCENT, component.unit.words
    where = component.name if unit in component.name else f"{component.name}，{unit}"
    return Lever(
        _amount_id(component, row),
        Shape.PERCENT if percent else Shape.MONEY,
        row.label,
        row.amount,
        (where,),
        "%" if percent else "元",
        low=1 if percent else 0,
        high=20_000 if percent else MOST_FEN // 100,
    )


def _set(atom: tree.Atom, setting: Setting, away: int) -> tree.Expression:
    """An atom with its lever set; a limit is ``away`` from the one that is shown."""
    if isinstance(setting, tuple):
        if isinstance(atom, tree.Within):
            return replace(atom, prefixes=setting)
        values = setting if atom.fact.kind.kind is Kind.CODE else tuple(map(int, setting))
        negative = isinstance(atom, tree.Compare) and atom.sign == "!="
        found: tree.Expression = tree.OneOf(atom.fact, values)
        return tree.Not(found) if negative else found
    if not isinstance(atom, tree.Compare):
        return atom
    if isinstance(atom.right, tree.DayOf):
        count = setting if atom.right.count > 0 else -setting
        return replace(atom, right=replace(atom.right, count=count))
    return replace(atom, right=setting + away)
