"""A decision in sentences: the verdict, why, by how much, and when or how it can become a yes.

The same sentences stand on the officer's page, on the phone, in the letter and in the self-check.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from songbai.domain.elders.rules import ABILITY_WORDS, birthday

from .change import is_grade
from .decision import Change, Decision, Finding, Line
from .facts import Kind, Never, Reading, yuan
from .language.tree import And, Atom, Compare, Expression
from .months import Month
from .policy import TIMES_A_YEAR, Channel, Policy, Unit

#: Names a division by its code or the beginning of one.
PlaceName = Callable[[str], str]
#: What nobody can bring about: not told as a way to a yes.
FATE = frozenset({"alive", "death", "birth_date", "sex", "turns"})

#: Pages show a month at a time: who turns within it has two ages on it.
A_MONTH = timedelta(days=31)


@dataclass(frozen=True)
class Way:
    """One way to a yes. ``month`` is when it comes by itself, None when something must change."""

    says: str
    month: Month | None = None


@dataclass(frozen=True)
class Telling:
    """A decision in plain words; ``gaps`` say by how much a condition is missed."""

    title: str
    why: str
    gaps: tuple[str, ...]
    ways: tuple[Way, ...]
    how: str
    """How the money comes, or what to do."""


def tell(decision: Decision, place: PlaceName) -> Telling:
    """Everything one decision says to the person."""
    gaps = tuple(gap for f in decision.findings if f.result is False for gap in gaps_of(f))
    return Telling(
        title_of(decision), why(decision), gaps, tuple(ways_of(decision, place)), how(decision)
    )


def title_of(decision: Decision) -> str:
    """可以享受…, 现在不能享受…, 还不能判断…."""
    name = decision.policy.name
    if decision.decision == "yes":
        given = decision.amount or decision.coming
        return f"可以享受{name}" if given else f"符合{name}的条件，这个月没有钱可发"
    return f"现在不能享受{name}" if decision.decision == "no" else f"{name}还不能判断"


def why(decision: Decision) -> str:
    """What decided it, in one sentence."""
    if decision.decision == "yes":
        instead = "".join(f"{n.says}。" for n in decision.stacking if n.result == "instead")
        gone = f"{decision.lapsed}。" if decision.lapsed and not decision.amount else ""
        group = gone or _group(decision)
        return f"{len(decision.findings)} 个条件都符合。{group}{instead}"
    if decision.decision == "cannot_decide":
        names = "、".join(missing["name"] for missing in decision.as_missing())
        return f"还缺资料：{names}。查清以后再判断，没有资料不等于不符合。"
    failed = [f for f in decision.findings if f.result is False]
    open_ = [f for f in decision.findings if f.result is None]
    rest = len(decision.findings) - len(failed) - len(open_)
    others = "，其他条件都符合" if rest and not open_ and len(failed) == 1 else ""
    return f"{'；'.join(decision.reasons())}{others}。"


def _group(decision: Decision) -> str:
    return f"按“{decision.group}”发。" if decision.group else ""


def money(decision: Decision) -> str:
    """What is given: 200 元, or what a later month pays: 600 元（12 月发）; "" for nothing."""
    given = decision.decision == "yes" and (decision.amount or decision.coming)
    most = "最多 " if decision.policy.at_disposal is not None else ""
    return f"{most}{decision.sum_words}" if given else ""


def unit_words(decision: Decision) -> str:
    """What the amount is for; of several parts, the month in which they are paid."""
    lines = [line for line in decision.lines if line.full if line.amount or decision.coming]
    units = {line.component.unit for line in lines}
    told = {Unit.MONTH, Unit.ONCE, *TIMES_A_YEAR}
    return units.pop().words if len(units) == 1 and units <= told else "这个月"


def line_words(line: Line) -> str:
    """One line of the amount as it was calculated."""
    total = "" if line.amount is None else f" = {yuan(line.amount)}"
    return f"{line.component.name}：{line.says}{total}"


def gaps_of(finding: Finding) -> list[str]:
    """By how much a condition that is one comparison, or several that must all hold, is missed."""
    found = []
    for atom in _needed(finding.criterion.when):
        reading = next((r for r in finding.readings if r.fact.key == atom.fact.key), None)
        if reading is not None:
            found.append(_gap(atom, reading))
    return [gap for gap in found if gap]


def _needed(expression: Expression) -> list[Compare]:
    if isinstance(expression, And):
        return [atom for item in expression.items for atom in _needed(item)]
    return [expression] if isinstance(expression, Compare) else []


def _gap(atom: Compare, reading: Reading) -> str:
    limit, value = atom.right, reading.value
    if not isinstance(limit, int) or not isinstance(value, int) or isinstance(value, bool):
        return ""
    short = limit - value + (atom.sign == ">")
    if atom.sign in {">=", ">"} and short > 0:
        if reading.fact.key == "age":
            return _years(reading, limit + (atom.sign == ">"))
        return f"还差 {_amount(atom, short)}"
    over = value - limit + (atom.sign == "<")
    return f"超过 {_amount(atom, over)}" if atom.sign in {"<=", "<"} and over > 0 else ""


def _amount(atom: Atom, number: int) -> str:
    if atom.fact.kind.kind is Kind.FEN:
        return yuan(number)
    return f"{number} 级" if is_grade(atom.fact.kind) else str(number)


def _years(reading: Reading, age: int) -> str:
    """还差 7 年 5 个月: from the day the age was read to the birthday."""
    if reading.birth is None or reading.day is None or reading.died:
        return ""
    reached = birthday(reading.birth, age)
    months = (reached.year - reading.day.year) * 12 + reached.month - reading.day.month
    years, months = divmod(months - (reached.day < reading.day.day), 12)
    parts = [f"{years} 年"] if years else []
    parts += [f"{months} 个月"] if months else []
    if not parts:
        return f"还差 {(reached - reading.day).days} 天"
    return f"还差 {' '.join(parts)}"


def ways_of(decision: Decision, place: PlaceName) -> list[Way]:
    """When or how a no can become a yes: what comes by itself first."""
    if decision.decision != "no":
        return []
    found = [
        _way(decision.policy, way, place)
        for way in decision.changes
        if not any(_is_fate(change) for change in way)
    ]
    found += [Way(_other(note.says)) for note in decision.stacking if note.result == "yielded"]
    return sorted(dict.fromkeys(found), key=lambda way: (way.month is None, str(way.month)))


def _other(says: str) -> str:
    return f"不再享受另一项以后重新判断（{says}）"


def _is_fate(change: Change) -> bool:
    return change.fact in FATE or (change.fact == "age" and change.from_day is None)


def _way(policy: Policy, changes: Iterable[Change], place: PlaceName) -> Way:
    changes = list(changes)
    days = [change.from_day for change in changes if change.from_day]
    month = month_from(policy, max(days)) if days else None
    if month is not None and len(days) == len(changes):
        first = month.first_day
        says = f"{first.year} 年 {first.month} 月起"
        says += "自动发放，不用申请" if policy.proactive else "可以申请"
        return Way(f"{says}。标准以当时的规定为准", month)
    needed = "，并且".join(_change(change, place) for change in changes)
    return Way(f"如果{needed}，就可以享受")


def _change(change: Change, place: PlaceName) -> str:
    if change.places:
        names = "、".join(dict.fromkeys(map(place, change.places)))
        return change.says.removesuffix("、".join(change.places)) + names
    if change.from_day:
        return f"{change.says}（{_day(change.from_day)}）"
    return change.says


def month_from(policy: Policy, day: date) -> Month:
    """The first month in which an age completed on a day counts: ages have a day of their own."""
    month = Month(f"{day:%Y-%m}")
    if month.day(policy.day_of("age")) < day:
        month = Month(f"{month.last_day + timedelta(days=1):%Y-%m}")
    return month


def how(decision: Decision) -> str:
    """How the money comes, or what to do about it."""
    policy = decision.policy
    if decision.decision == "cannot_decide":
        return "带上相关证件到村（社区）补登，或打 12349，我们替您查。"
    if decision.decision == "no":
        return ""
    if policy.pay is Channel.CREDIT:
        return "记在居家服务额度里，叫上门服务时先用它。不用申请。"
    if policy.pay is Channel.VOUCHER:
        return f"发成{policy.pay.words}，当月用，月底作废。"
    when = f"，每月 {policy.pay_day} 日前后" if policy.pay_day else ""
    ask = "不用申请。" if policy.proactive else "要到村（社区）申请。"
    return f"{policy.pay.words}{when}。{ask}"


def value_words(reading: Reading, place: PlaceName) -> str:
    """A fact as people read it: 82 周岁，1943 年 4 月 6 日生."""
    value, fact = reading.value, reading.fact
    if fact.key == "alive":
        return "已经去世" if value is False else "健在"
    if value is None:
        return "还没有资料"
    if isinstance(value, Never) or reading.assumed:
        return "没有"
    if fact.kind is Kind.REGION:
        return place(str(value))
    if fact.key in {"age", "turns"} and reading.birth is not None:
        return f"{_when(reading)}{fact.say(value)}，{_day(reading.birth)}生"
    if isinstance(value, date):
        return _day(value)
    if fact.key == "ability_level":
        return f"{ABILITY_WORDS[int(str(value))]}（{value} 级）"
    return f"{value} 级" if is_grade(fact) else fact.say(value)


def _when(reading: Reading) -> str:
    """The day, of an age that changes about the day read: another reads another age that month.

    11 月 10 日满 82 周岁 once it is reached, 11 月 1 日时 81 周岁 before.
    """
    day, age = reading.day, reading.value
    if reading.birth is None or day is None or not isinstance(age, int):
        return ""
    reached, next_ = birthday(reading.birth, age), birthday(reading.birth, age + 1)
    if (reached.year, reached.month) == (day.year, day.month):
        return f"{reached.month} 月 {reached.day} 日满 "
    return f"{day.month} 月 {day.day} 日时 " if next_ - day <= A_MONTH else ""


def named_words(reading: Reading, place: PlaceName) -> str:
    """As ``value_words``, with the name of the fact where the value does not say what it is."""
    words = value_words(reading, place)
    if reading.fact.derived_from and reading.value is not None:
        return words
    return f"{reading.fact.name}：{words}"


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
