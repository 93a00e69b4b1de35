"""Deciding for one subject, in plain Python. Says the same as ``benefits.population``."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from .change import changes_for
from .decision import Decision, Finding, Line, StackingNote
from .facts import DEATH, FactKind, Never, Reading, Sheet, Value, yuan
from .language import tree
from .months import Day, Month
from .policy import ByDeath, Component, Policy, Row
from .rhythms import LOST, as_it_becomes, as_it_is, asked_later, earned, rests, right, settled, sure
from .stacking import Standing, resolve

SIGNS: dict[str, Callable[..., bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def holds(expression: tree.Expression, sheet: Sheet, month: Month) -> bool | None:
    """Whether an expression holds; None when a missing fact leaves it open (Kleene's logic)."""
    if isinstance(expression, tree.Not):
        inner = holds(expression.item, sheet, month)
        return None if inner is None else not inner
    if isinstance(expression, tree.And):
        found = [holds(item, sheet, month) for item in expression.items]
        return False if False in found else None if None in found else True
    if isinstance(expression, tree.Holds | tree.Compare | tree.OneOf | tree.Within):
        return _atom(expression, sheet, month)
    if isinstance(expression, tree.Granted):
        return None
    found = [holds(item, sheet, month) for item in expression.items]
    return True if True in found else None if None in found else False


def _atom(atom: tree.Atom, sheet: Sheet, month: Month) -> bool | None:
    value = sheet.read(atom.fact.kind, atom.fact.day, month).value
    if isinstance(atom, tree.Compare):
        return _compare(value, atom.sign, _right(atom, sheet, month))
    if value is None:
        return None
    if isinstance(atom, tree.Holds):
        return value is True
    if isinstance(atom, tree.OneOf):
        return value in atom.values
    return str(value).startswith(atom.prefixes)


def _right(atom: tree.Compare, sheet: Sheet, month: Month) -> Value:
    if isinstance(atom.right, tree.Fact):
        return sheet.read(atom.right.kind, atom.right.day, month).value
    return atom.right.on(month) if isinstance(atom.right, tree.DayOf) else atom.right


def _compare(left: Value, sign: str, right: Value) -> bool | None:
    """What has not happened compares as no; what is unknown as unknown."""
    if isinstance(left, Never) or isinstance(right, Never):
        return False
    if left is None or right is None:
        return None
    return SIGNS[sign](left, right)


def missing_in(expression: tree.Expression, sheet: Sheet, month: Month) -> list[str]:
    """The facts whose absence leaves an expression open; derived ones as what they need."""
    if holds(expression, sheet, month) is not None:
        return []
    if isinstance(expression, tree.Not):
        return missing_in(expression.item, sheet, month)
    if isinstance(expression, tree.Holds | tree.Compare | tree.OneOf | tree.Within):
        return [
            fact.kind.derived_from or fact.key
            for fact in tree.facts_of(expression)
            if sheet.read(fact.kind, fact.day, month).value is None
        ]
    if isinstance(expression, tree.Granted):
        return []
    return [key for item in expression.items for key in missing_in(item, sheet, month)]


def decide(policy: Policy, sheet: Sheet, month: Month) -> Decision:
    """The decision of one policy by itself; other policies of its groups are not looked at."""
    return decide_all([policy], sheet, month)[0]


def decide_all(policies: Iterable[Policy], sheet: Sheet, month: Month) -> list[Decision]:
    """The decisions of all policies in force for the subject, stacked with each other."""
    chosen = [p for p in policies if p.subject == sheet.subject]
    drafts = [_Draft(policy, sheet, month) for policy in chosen]
    notes = resolve([draft.standing for draft in drafts], sheet, month)
    return [draft.decision(notes.get(draft.policy.code, ())) for draft in drafts]


def _rate(component: Component, row: Row) -> str:
    if not component.price:
        return yuan(row.amount)
    return f"{row.amount // component.price} 小时，每小时按 {yuan(component.price)}"


def _gives_nothing(component: Component, facts: Sheet, month: Month) -> bool:
    """Whether the table surely gives nothing."""
    for row in component.rows:
        fits = True if row.when is None else holds(row.when, facts, month)
        if fits is not False:
            return bool(fits) and not row.amount
    return component.gap_is_zero


class _Draft:
    """A decision before stacking."""

    def __init__(self, policy: Policy, sheet: Sheet, month: Month) -> None:
        self.policy, self.sheet, self.month = policy, sheet, month
        self.receiving = policy.code in sheet.receiving
        self.findings = [
            self.finding(index)
            for index, criterion in enumerate(policy.criteria)
            if criterion.applies(self.receiving)
        ]
        bits = policy.bits
        failed = sum(bits[f.criterion.id] for f in self.findings if f.result is False)
        unknown = sum(bits[f.criterion.id] for f in self.findings if f.result is None)
        failed |= policy.ended_bit(month)
        self.lines = [self.line(component) for component in policy.amounts]
        amounts = [line.amount for line in self.lines]
        known = [amount for amount in amounts if amount is not None]
        whole = sum(known) if len(known) == len(amounts) else None
        if policy.at_disposal is not None:
            whole = policy.at_disposal
        elif whole is not None and policy.cap is not None:
            whole = min(whole, policy.cap)
        if whole is None and not failed:
            unknown |= bits["amount"]
        self.before = 0 if failed else whole
        worth = 0 if failed else self.a_year(whole, [line.worth for line in self.lines])
        in_life = self.a_year(whole, [line.in_life for line in self.lines])
        self.standing = Standing(
            policy,
            failed,
            unknown,
            self.before,
            worth,
            lapsed=0 if failed else (in_life or 0) - (worth or 0),
            why=next((line.lapsed for line in self.lines if line.lapsed), ""),
            coming=self.coming() if policy.has_rhythm else 0,
        )

    def a_year(self, whole: int | None, lines: list[int | None]) -> int | None:
        """Fen a year of all lines."""
        if self.policy.at_disposal is not None:
            return self.policy.at_disposal * 12
        if whole is None:
            return None
        year = sum(worth or 0 for worth in lines)
        return year if self.policy.cap is None else min(year, self.policy.cap * 12)

    def coming(self) -> int:
        """Fen that the next paying month pays by the tables alone."""
        until = self.policy.months_until(self.month)
        whole = sum(
            line.coming if line.component.months_until(self.month) == until else line.amount or 0
            for line in self.lines
        )
        return whole if self.policy.cap is None else min(whole, self.policy.cap)

    def finding(self, index: int) -> Finding:
        criterion = self.policy.criteria[index]
        result = holds(criterion.when, self.sheet, self.month)
        readings = {
            fact: self.sheet.read(fact.kind, fact.day, self.month)
            for fact in tree.facts_of(criterion.when)
        }
        missing = tuple(dict.fromkeys(missing_in(criterion.when, self.sheet, self.month)))
        names = "、".join(self.policy.vocabulary[key].name for key in missing)
        if result is None:
            says = f"不能判断，缺{names}"
        else:
            says = criterion.if_yes if result else criterion.if_no
        return Finding(criterion, result, tuple(readings.values()), missing, says)

    def line(self, component: Component) -> Line:
        for row in component.rows:
            fits = True if row.when is None else holds(row.when, self.sheet, self.month)
            if fits is None and row.when is not None:
                missing = tuple(missing_in(row.when, self.sheet, self.month))
                return Line(component, None, None, None, None, "还不能确定是哪一档", missing)
            if fits:
                return self.priced(component, row)
        if component.gap_is_zero:
            return Line(component, None, None, None, 0, "这一项不发")
        return Line(component, None, None, None, None, "金额表里没有这种情形", ("amount",))

    def priced(self, component: Component, row: Row) -> Line:
        if component.percent_of is not None:
            return self.percentage(component, row, component.percent_of)
        says = f"{row.label}，{component.unit.words} {_rate(component, row)}"
        if component.times is None or row.amount == 0:
            return self.now(Line(component, row, None, None, row.amount, says))
        times = self.read(component.times)
        if not isinstance(times.value, int):
            return Line(component, row, times, None, None, says, (component.times.key,))
        says = f"{says} × {component.times.name} {times.value}"
        return self.now(Line(component, row, times, None, row.amount * times.value, says))

    def now(self, line: Line) -> Line:
        """A line as this month pays it: of what is not paid every month, nothing before its month
        but what death leaves.
        """
        component, full = line.component, line.amount or 0
        if not component.months_until(self.month):
            return replace(line, full=full)
        months = "、".join(str(number) for number in component.paid_in)
        line = replace(line, amount=0, says=f"{line.says}，{months} 月发", full=full)
        paid = self.settled(component)
        if isinstance(paid, str):
            return replace(line, says=f"{line.says}，{paid}", lapsed=paid)
        return self.left(line) if paid == self.month else line

    def settled(self, component: Component) -> Month | str:
        """The month that pays what is not paid in this one, or why none does."""
        kind = self.policy.vocabulary.get(DEATH)
        death = kind and self.sheet.read(kind, Day.LAST_DAY, self.month).value
        died = death if isinstance(death, date) else None
        paid = settled(self.policy, component, self.month, died)
        if isinstance(paid, str) or paid == self.month or not rests(component, self.month):
            return paid
        ends = paid == component.paying(self.month) and any(
            holds(when, self.sheet, paid) is False for when in sure(self.policy)
        )
        return LOST if ends or self.lost(component, paid) else paid

    def lost(self, component: Component, later: Month) -> bool:
        """Whether a later month pays nothing, by what is known of it: all while its facts are, else
        what is said to be otherwise by then, time aside.
        """
        facts, months = self.sheet, [later]
        if facts.until is None or facts.until.first_day < later.first_day:
            facts = as_it_becomes(self.policy, self.sheet, self.month, later)
            months = [later, self.month]
        asked = asked_later(self.policy)
        return any(
            all(holds(when, facts, month) is False for month in months) for when in asked
        ) or all(_gives_nothing(component, facts, month) for month in months)

    def left(self, line: Line) -> Line:
        """What who died in the month is paid of money that is not paid in it."""
        between, component = line.component.months_between, line.component
        months = between
        if component.by_death is ByDeath.PRO_RATA:
            counted, missing = self.months_of_right(component)
            if counted is None:
                return replace(line, amount=None, missing=missing)
            months = counted
        amount = line.full * months // between
        share = "" if months == between else f"按 {months} 个月"
        return replace(line, amount=amount, says=f"{line.says}，当月去世，{share}发 {yuan(amount)}")

    def months_of_right(self, component: Component) -> tuple[int | None, tuple[str, ...]]:
        """How many months count for who died in this one; None with what is missing to tell."""
        asked = right(self.policy, receiving=self.receiving)
        facts = as_it_is(self.policy, self.sheet, self.month)
        months = earned(self.policy, component, self.month)
        stood = [holds(asked, facts, month) for month in months]
        missing = [key for month in months for key in missing_in(asked, facts, month)]
        return None if None in stood else stood.count(True), tuple(dict.fromkeys(missing))

    def percentage(self, component: Component, row: Row, of: FactKind) -> Line:
        facts = (of, *component.less)
        values = [self.read(kind).value for kind in facts]
        missing = tuple(k.key for k, v in zip(facts, values, strict=True) if v is None)
        share = f"{row.amount / 100:g}%"
        if self.policy.at_disposal is not None:
            return Line(component, row, None, None, 0, f"{row.label}，券付 {share}")
        if missing:
            return Line(component, row, None, None, None, f"{row.label}，{share}", missing)
        first, *rest = (value for value in values if isinstance(value, int))
        base = max(0, first - sum(rest))
        says = f"{row.label}，{yuan(base)} 的 {share}"
        return Line(component, row, None, base, base * row.amount // 10_000, says)

    def read(self, kind: FactKind) -> Reading:
        return self.sheet.read(kind, self.policy.day_of(kind.key), self.month)

    def missing(self, unknown: int) -> tuple[str, ...]:
        found = [key for f in self.findings if f.result is None for key in f.missing]
        if unknown & self.policy.bits["amount"]:
            found += [key for line in self.lines for key in line.missing]
        found += self.standing.missing
        return tuple(dict.fromkeys(found))

    def decision(self, notes: Iterable[StackingNote]) -> Decision:
        standing = self.standing
        failed, unknown = standing.failed, standing.unknown
        no, open_ = bool(failed), bool(unknown)
        amount = 0 if no else None if open_ else standing.amount
        return Decision(
            policy=self.policy,
            month=self.month,
            receiving=self.receiving,
            findings=tuple(self.findings),
            lines=tuple(self.lines),
            amount_before=self.before,
            amount=amount,
            coming=0 if no or open_ or amount else standing.coming,
            failed_mask=failed,
            unknown_mask=unknown,
            missing=() if no else self.missing(unknown),
            stacking=tuple(notes),
            changes=changes_for(self.findings, self.sheet, self.month, holds) if no else (),
        )
