"""A policy as it stands in a month: its figures, the conditions of policies it names. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from .language.tree import And, Atom, Expression, Granted, Or, replaced, subtrees
from .months import Month
from .policy import Phase, Policy, Row
from .reading import parse_policy


def named_by(policy: Policy) -> list[str]:
    """Codes of the policies whose decision it asks for."""
    found = [
        one.code for when in policy.conditions for one in subtrees(when) if isinstance(one, Granted)
    ]
    return list(dict.fromkeys(found))


def as_of(policy: Policy, month: Month, policies: Sequence[Policy]) -> Policy:
    """A policy as it stands in a month among others: nothing of it refers to anything else.

    Its text has the figures of the month, so that what was decided by it stays readable.
    """
    if policy.follows:
        text = policy.text
        for follow in sorted(policy.follows, key=lambda f: f.at.start, reverse=True):
            text = follow.written(text, month.first_day)
        policy = parse_policy(text, policy.file, {policy.subject: policy.vocabulary})
    if not named_by(policy):
        return policy
    swap = _conditions(month, policies)
    return replace(
        policy,
        criteria=tuple(replace(c, when=replaced(c.when, swap)) for c in policy.criteria),
        amounts=tuple(
            replace(part, rows=tuple(
                replace(row, when=row.when and replaced(row.when, swap)) for row in part.rows
            ))
            for part in policy.amounts
        ),
    )  # fmt: skip


def _conditions(month: Month, policies: Sequence[Policy]) -> Callable[[Atom | Granted], Expression]:
    """The conditions of a policy, all of them; nobody meets those of one that is no law."""

    def of(leaf: Atom | Granted) -> Expression:
        if not isinstance(leaf, Granted):
            return leaf
        held = next((p for p in policies if p.code == leaf.code and p.in_force(month)), None)
        if held is None:
            return Or(())
        return And(tuple(c.when for c in as_of(held, month, policies).criteria))

    return of


def wrong_names(policy: Policy, policies: Iterable[Policy]) -> list[str]:
    """What is wrong with the policies it names, in words."""
    lives = {p.code: p for p in policies}
    found, seen = [], [policy.code]

    def look(one: Policy) -> None:
        for code in named_by(one):
            other = lives.get(code)
            if other is None:
                found.append(f"granted 指的政策 {code} 没有。要和它的文件一起检查。")
            elif code in seen:
                found.append(f"{code} 的条件又问到 {one.code}，不能互相指。")
            elif any(c.phase is not Phase.BOTH for c in other.criteria):
                found.append(f"{code} 有只问新申请或只问在领的条件，granted 不能指它。")
            else:
                seen.append(code)
                look(other)
                seen.pop()

    look(policy)
    return list(dict.fromkeys(found))


def same_law(one: Policy, other: Policy, month: Month) -> bool:
    """Whether both decide alike in a month; words, notes and cases may differ."""
    return _of_law(one, month) == _of_law(other, month)


def _of_law(policy: Policy, month: Month) -> tuple[object, ...]:
    """What of a policy decides in a month."""
    conditions: list[object] = [(c.id, c.when, c.phase) for c in policy.criteria]
    components = [
        replace(part, name="", rows=tuple(_row_of_law(row) for row in part.rows))
        for part in policy.amounts
    ]
    groups = [replace(group, clause="", says="", verified=False) for group in policy.stacking]
    held = policy.in_force(month), policy.regions, policy.region_by, policy.proactive
    conditions += [policy.ends(part, month) for part in policy.amounts]
    return (*held, policy.days, policy.cap, conditions, components, groups)


def _row_of_law(row: Row) -> Row:
    return replace(row, label="", source="", clause="", verified=False, parts=())
