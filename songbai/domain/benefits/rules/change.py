"""What would have to be otherwise for a no to become a yes."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import product

from songbai.domain.elders.rules import birthday

from .decision import Change, Finding
from .facts import FactKind, Kind, Reading, Sheet
from .language import tree
from .months import Month

Holder = Callable[[tree.Expression, Sheet, Month], bool | None]
#: Ways to a yes that are told; more do not help anybody.
MOST_WAYS = 6
OPPOSITE = {">=": "<", "<": ">=", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
SIGN_WORDS = {">=": "不少于", "<": "少于", ">": "超过", "<=": "不超过", "==": "是", "!=": "不是"}
GRADE_WORDS = {">=": " {} 级以上", "<": "不到 {} 级", ">": "高于 {} 级", "<=": "不超过 {} 级",
               "==": "正好 {} 级", "!=": "不是 {} 级"}  # fmt: skip
#: How long ago a day must lie, counted back from a day of the month; and a written day.
PAST_WORDS = {">=": "在 {}以内", ">": "不满 {}", "<=": "满 {}", "<": "超过 {}"}
DAY_WORDS = {">=": "在 {}以后", ">": "在 {}以后（不含当天）", "<=": "在 {}以前",
             "<": "在 {}以前（不含当天）", "==": "是 {}", "!=": "不是 {}"}  # fmt: skip
UNIT_WORDS = {"days": "天", "months": "个月", "years": "年"}
AGE_WORDS = {">=": "满 {} 周岁", "<": "不满 {} 周岁", ">": "超过 {} 周岁", "<=": "不超过 {} 周岁",
             "==": "正好 {} 周岁", "!=": "不是 {} 周岁"}  # fmt: skip
Way = tuple[Change, ...]


def changes_for(
    findings: Iterable[Finding], sheet: Sheet, month: Month, holds: Holder
) -> tuple[Way, ...]:
    """Ways to a yes: each a set of changes, all of which are needed; shortest first."""
    ways: list[Way] = [()]
    for finding in findings:
        if finding.result is not False:
            continue
        more = _Ways(sheet, month, holds).to(finding.criterion.when, True)
        ways = [tuple(dict.fromkeys(a + b)) for a, b in product(ways, more)][: MOST_WAYS * 4]
    ways = [way for way in ways if way]
    return tuple(sorted(dict.fromkeys(ways), key=len)[:MOST_WAYS])


class _Ways:
    def __init__(self, sheet: Sheet, month: Month, holds: Holder) -> None:
        self.sheet, self.month, self.holds = sheet, month, holds

    def to(self, expression: tree.Expression, wanted: bool) -> list[Way]:
        if self.holds(expression, self.sheet, self.month) is wanted:
            return [()]
        if isinstance(expression, tree.Not):
            return self.to(expression.item, not wanted)
        if isinstance(expression, tree.And | tree.Or):
            each = [self.to(item, wanted) for item in expression.items]
            if isinstance(expression, tree.And) is wanted:
                joined = list(product(*each))[: MOST_WAYS * 4]
                return [tuple(c for way in ways for c in way) for ways in joined]
            return sorted((way for ways in each for way in ways), key=len)[:MOST_WAYS]
        if isinstance(expression, tree.Granted):
            return []
        return [(self.change(expression, wanted),)]

    def change(self, atom: tree.Atom, wanted: bool) -> Change:
        kind = atom.fact.kind
        reading = self.sheet.read(kind, atom.fact.day, self.month)
        if reading.value is None:
            return Change(kind.key, f"先查清{kind.name}")
        if isinstance(atom, tree.Holds):
            return Change(kind.key, kind.name if wanted else f"不是{kind.name}")
        if isinstance(atom, tree.Within):
            says = f"{kind.name}{'' if wanted else '不'}在{'、'.join(atom.prefixes)}"
            return Change(kind.key, says, places=atom.prefixes)
        if isinstance(atom, tree.OneOf):
            words = "或".join(kind.say(value) for value in atom.values)
            return Change(kind.key, f"{kind.name}{'是' if wanted else '不是'}{words}")
        sign = atom.sign if wanted else OPPOSITE[atom.sign]
        return self.compared(atom, sign, reading)

    def compared(self, atom: tree.Compare, sign: str, reading: Reading) -> Change:
        kind = atom.fact.kind
        if kind.key == "age" and isinstance(atom.right, int):
            return Change("age", AGE_WORDS[sign].format(atom.right), _age_day(atom, sign, reading))
        if isinstance(atom.right, tree.DayOf):
            return Change(kind.key, self.dated(kind, sign, atom.right))
        right = atom.right.kind.name if isinstance(atom.right, tree.Fact) else kind.say(atom.right)
        if is_grade(kind) and isinstance(atom.right, int):
            return Change(kind.key, kind.name + GRADE_WORDS[sign].format(right))
        between = " " if isinstance(atom.right, int) else ""
        return Change(kind.key, f"{kind.name}{SIGN_WORDS[sign]}{between}{right}")

    def dated(self, kind: FactKind, sign: str, right: tree.DayOf) -> str:
        """因病卧床满 6 个月; 能力评估日期在 2026 年 5 月 1 日以前."""
        if right.count < 0 and sign in PAST_WORDS:
            since = kind.name.removesuffix("日期").removesuffix("开始")
            return since + PAST_WORDS[sign].format(f"{-right.count} {UNIT_WORDS[right.unit]}")
        day = right.on(self.month)
        return kind.name + DAY_WORDS[sign].format(f"{day.year} 年 {day.month} 月 {day.day} 日")


def is_grade(kind: FactKind) -> bool:
    """Whether its numbers are grades."""
    return kind.kind is Kind.WHOLE and kind.key.endswith(("level", "grade"))


def _age_day(atom: tree.Compare, sign: str, reading: Reading) -> date | None:
    """When the years are completed, if only time has to pass; never for who died before."""
    if reading.birth is None or sign not in {">=", ">"} or not isinstance(atom.right, int):
        return None
    reached = birthday(reading.birth, atom.right + (sign == ">"))
    return None if reading.died and reading.died < reached else reached
