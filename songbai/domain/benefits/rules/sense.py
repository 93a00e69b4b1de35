"""Whether a policy can mean anything: divisions that exist, rows and conditions somebody can meet.

A file is asked when it is taken in; what was law once is read without these questions.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from songbai.core.regions.codes import is_known
from songbai.domain.elders.rules import born_by, possible_birth

from .evaluate import holds, missing_in
from .facts import BIRTH, DEATH, NEVER, FactKind, Kind, Sheet, Statement, Value
from .groups import StackingRule
from .language import tree
from .located import Listed, Located, Mapped, Problem, read_yaml
from .months import Day, Month, shifted
from .policy import ByDeath, Policy, Row, Unit

#: Facts tried before a condition is believed to be possible.
MOST_TRIES = 20_000
#: Months after which nobody means to pay the dead who does not say so.
LONG_DEAD = 24
#: What was found last in a file: most stay as they are when one is changed.
_found: dict[str, tuple[Policy, list[Problem]]] = {}


def doubts(policy: Policy) -> list[Problem]:
    """What in a policy's file makes no sense."""
    last, found = _found.get(policy.file, (None, []))
    if last is None or (last, last.text, last.vocabulary) != (
        policy,
        policy.text,
        policy.vocabulary,
    ):
        top = read_yaml(policy.text, policy.file)
        told = list(_places(policy, top)) or list(_never(policy, top))
        found = [Problem(policy.file, at.line, at.column, text) for at, text in told]
        _found[policy.file] = policy, found
    return found


def _places(policy: Policy, top: Mapped) -> Iterator[tuple[Located, str]]:
    for code in policy.regions:
        if not is_known(code):
            yield top.items["region"], _unknown(code)
    for criterion, node in zip(policy.criteria, _nodes(top, "criteria"), strict=True):
        yield from _codes(criterion.when, policy, node)
    for component, node in zip(policy.amounts, _nodes(top, "amounts"), strict=True):
        for row, place in zip(component.rows, _nodes(node, "rows"), strict=True):
            if row.when is not None:
                yield from _codes(row.when, policy, place)


def _codes(when: tree.Expression, policy: Policy, at: Located) -> Iterator[tuple[Located, str]]:
    prefixes = [p for a in tree.atoms(when) if isinstance(a, tree.Within) for p in a.prefixes]
    for code in dict.fromkeys(prefixes):
        if code not in policy.regions and not is_known(code):
            yield at, _unknown(code)


def _unknown(code: str) -> str:
    return f"没有 {code} 这个地区。区县以下的看 catalogues/regions/divisions.csv。"


def _nodes(parent: Located, key: str) -> Sequence[Located]:
    node = parent.items.get(key) if isinstance(parent, Mapped) else parent
    return node.items if isinstance(node, Listed) else ()


def _never(policy: Policy, top: Mapped) -> Iterator[tuple[Located, str]]:
    asked: tree.Expression = tree.And(
        tuple(c.when for c in policy.criteria if c.applies(receiving=False))
    )
    if not _can_be(asked, policy):
        yield top.items["criteria"], "这些条件互相矛盾，谁也不会都符合。"
        return
    yield from _unpaid(policy, top)
    if policy.subject == "elder":
        yield from _again(policy, top, asked)
    goes_on = tree.And(tuple(c.when for c in policy.criteria if c.applies(receiving=True)))
    asked = asked if goes_on == asked else tree.Or((asked, goes_on))
    if policy.subject == "elder":
        yield from _dead(policy, top, asked)
    for component, node in zip(policy.amounts, _nodes(top, "amounts"), strict=True):
        before: list[Row] = []
        for row, place in zip(component.rows, _nodes(node, "rows"), strict=True):
            if row.when is None and not before:
                continue
            others = [tree.Not(one.when) for one in before if one.when is not None]
            mine = [row.when] if row.when is not None else []
            if not _can_be(tree.And((*mine, *others, asked)), policy):
                yield place, f"{row.id} 这一行永远用不到：前面的行或条件已经把它排除了。"
            before.append(row)


def _unpaid(policy: Policy, top: Mapped) -> Iterator[tuple[Located, str]]:
    """Money whose month never comes, and limits under which no row is ever paid whole."""
    life = {month.number for month in _months(policy)}
    for component, node in zip(policy.amounts, _nodes(top, "amounts"), strict=True):
        if component.paid_in and life.isdisjoint(component.paid_in):
            paid = "、".join(str(month) for month in component.paid_in)
            yield (
                node,
                f"{component.id} 在 {paid} 月发，可这项政策的有效期里没有这个月，永远发不出。",
            )
    sums = [r.amount for c in policy.amounts if c.unit is not Unit.PERCENT for r in c.rows]
    least = min((fen for fen in sums if fen), default=0)
    only = all(component.unit is not Unit.PERCENT for component in policy.amounts)
    if policy.cap == 0 or (policy.cap is not None and only and policy.cap < least):
        yield top.items["cap"], "cap 比每一行的金额都少，哪一行也发不全。"
    for group, node in zip(policy.stacking, _nodes(top, "stacking"), strict=True):
        if group.rule is StackingRule.CAPPED and not group.most:
            yield node, "most 是 0，谁也领不到。"


def unpaid_end(policy: Policy) -> Iterator[Problem]:
    """Months at the end of a law for which what is not paid every month is never paid."""
    if policy.valid_to is None or policy.followed:
        return
    last = Month(f"{policy.valid_to:%Y-%m}")
    top = read_yaml(policy.text, policy.file)
    for part, node in zip(policy.amounts, _nodes(top, "amounts"), strict=True):
        if policy.ends(part, last):
            paid = "、".join(str(month) for month in part.paid_in)
            text = f"{part.id} 在 {paid} 月发，政策到 {policy.valid_to} 为止，"
            text += "最后一次发放以后的几个月永远发不出；以后还有新的一段的，写 followed: true。"
            yield Problem(policy.file, node.line, node.column, text)


def _dead(policy: Policy, top: Mapped, asked: tree.Expression) -> Iterator[tuple[Located, str]]:
    """Money for people long dead that nobody meant to pay, and money left by a death that no
    condition lets pass.
    """
    death = tree.Fact(policy.vocabulary[DEATH], Day.LAST_DAY)
    long_ago = tree.Compare(death, "<", tree.DayOf(Day.FIRST_DAY, -LONG_DEAD, "months"))
    if not policy.pays_dead and _can_be(tree.And((long_ago, asked)), policy):
        text = "去世的人也会一直发：加一条 when: alive 的条件；"
        yield top.items["criteria"], text + "去世以后也要发的，写 after_death: paid。"
        return
    of_month = (
        tree.Compare(death, ">=", tree.DayOf(Day.FIRST_DAY)),
        tree.Compare(death, "<", tree.DayOf(Day.LAST_DAY)),
    )
    left = [part.by_death is not ByDeath.NOTHING for part in policy.amounts]
    lets = not any(left) or _can_be(tree.And((*of_month, asked)), policy)
    for leaves, node in zip(left, _nodes(top, "amounts"), strict=True):
        if leaves and policy.pays_dead:
            yield node, "去世以后也照发（after_death: paid）的，不用写 by_death。"
        elif leaves and not lets:
            text = "by_death 的钱发不出：条件里去世的当月就不符合了，alive 要按 first_day 看。"
            yield node, text


def _again(policy: Policy, top: Mapped, asked: tree.Expression) -> Iterator[tuple[Located, str]]:
    """Money that is to be paid once, and would be paid again every month."""
    for component, node in zip(policy.amounts, _nodes(top, "amounts"), strict=True):
        for row, place in zip(component.rows, _nodes(node, "rows"), strict=True):
            here = asked if row.when is None else tree.And((asked, row.when))
            if component.unit is Unit.ONCE and row.amount and not _of_one_month(here):
                yield place, "一次性的钱要只在一个月符合，如 turns == 100；现在每个月都会再发一次。"


def _of_one_month(wanted: tree.Expression) -> bool:
    """Whether it holds in the month of a birthday only."""
    match wanted:
        case tree.And(items=items):
            return any(map(_of_one_month, items))
        case tree.Or(items=items):
            return all(map(_of_one_month, items))
        case tree.Compare(fact=fact, sign="==") | tree.OneOf(fact=fact):
            return fact.key == "turns"
    return False


def _months(policy: Policy) -> Iterator[Month]:
    """The months of its first year, fewer when it ends before."""
    day = policy.valid_from
    last = min(shifted(day, 11, "months"), policy.valid_to or date.max)
    while day <= last:
        yield Month(f"{day:%Y-%m}")
        day = shifted(day, 1, "months")


def _can_be(wanted: tree.Expression, policy: Policy) -> bool:
    """Whether somebody can meet a condition in the first month, or five years on."""
    later = policy.valid_from.replace(year=policy.valid_from.year + 5)
    days = [policy.valid_from, min(later, policy.valid_to or later)]
    return any(_Search(wanted, policy, Month(f"{day:%Y-%m}")).meets({}) for day in days)


class _Search:
    """Facts tried one after the other: always one that still leaves the condition open."""

    def __init__(self, wanted: tree.Expression, policy: Policy, month: Month) -> None:
        self.wanted, self.policy, self.month = wanted, policy, month
        asked = (given.key for fact in tree.facts_of(wanted) for given in fact.kind.given)
        self.nothing = {key: (Statement(None),) for key in asked}
        self.tries = 0

    def meets(self, tried: dict[str, Value]) -> bool:
        said = {key: (Statement(value),) for key, value in tried.items()}
        sheet = Sheet(self.policy.subject, {**self.nothing, **said})
        result = holds(self.wanted, sheet, self.month)
        open_ = [] if result is not None else missing_in(self.wanted, sheet, self.month)
        unasked = [key for key in open_ if key not in tried]
        self.tries += 1
        if self.tries > MOST_TRIES:
            return True
        if not unasked:
            # Left open by another policy's decision: somebody; by a birth that cannot be: nobody.
            return result is not False and not open_
        kind = self.policy.vocabulary[unasked[0]]
        return any(self.meets({**tried, kind.key: value}) for value in self.values(kind))

    def values(self, kind: FactKind) -> list[Value]:
        """Values of a fact on both sides of every border at which an answer can change."""
        if kind.kind is Kind.BOOL:
            return [True, False]
        if kind.kind is Kind.CODE:
            return list(kind.codes)
        near = [a for a in tree.atoms(self.wanted) if kind in self.read_by(a)]
        found: list[Value] = [value for atom in near for value in self.around(atom, kind)]
        if kind.kind is Kind.EVENT:
            found.append(NEVER)
        last = self.month.last_day
        can_be = (v for v in found if not isinstance(v, date) or possible_birth(v, last))
        return list(dict.fromkeys(can_be if kind.key == BIRTH else found))

    def read_by(self, atom: tree.Atom) -> list[FactKind]:
        right = getattr(atom, "right", None)
        facts = [atom.fact, *([right] if right is not None and hasattr(right, "kind") else [])]
        return [given for fact in facts for given in fact.kind.given]

    def around(self, atom: tree.Atom, kind: FactKind) -> list[Value]:
        if isinstance(atom, tree.Within):
            return [*(prefix.ljust(12, "0") for prefix in atom.prefixes), "9" * 12]
        limits = atom.values if isinstance(atom, tree.OneOf) else [getattr(atom, "right", None)]
        days = [limit.on(self.month) for limit in limits if isinstance(limit, tree.DayOf)]
        numbers = [limit for limit in limits if isinstance(limit, int)]
        if kind.kind in {Kind.DATE, Kind.EVENT}:
            days += [self.month.day(day) for day in Day]
            if atom.fact.key in {"age", "turns"} and kind.key == BIRTH:
                years = [n + more for n in numbers for more in range(LONG_DEAD // 12 + 2)]
                days += [born_by(day, n) for day in tuple(days) for n in years]
            return [day + timedelta(days=away) for day in days for away in (-1, 0, 1)]
        tried = {n + away for n in numbers or [kind.low, kind.high] for away in (-1, 0, 1)}
        return [n for n in sorted(tried) if kind.low <= n <= kind.high]
