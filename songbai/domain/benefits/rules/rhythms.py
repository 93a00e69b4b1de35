"""Money that is not paid every month: whether it comes to be paid, what death leaves of it. Pure.

Why it never comes to be paid is said in words; "" says that nothing is known against it.
"""

from collections.abc import Iterable
from datetime import date

from .facts import BIRTH, DEATH, Sheet, Statement
from .language.tree import And, Compare, DayOf, Expression, atoms, facts_of
from .months import Day, Month, shifted
from .policy import ByDeath, Component, Phase, Policy

DEAD = "发放以前去世，按规定不发"
ENDED = "发放以前政策到期，不会再发"
LOST = "到那时不符合条件，不会发"


def life_day(policy: Policy) -> Day | None:
    """The day of a month that must be lived to see; None: the dead meet the conditions, too."""
    asked = {fact.key for c in policy.criteria for fact in facts_of(c.when)}
    if "alive" in asked:
        return policy.day_of("alive")
    return Day.FIRST_DAY if DEATH in asked else None


def to_see(policy: Policy, part: Component, month: Month) -> date | None:
    """Who dies before this day is not paid a part in its next paying month; None: everybody is."""
    day = life_day(policy)
    if not part.paid_in or day is None:
        return None
    return part.paying(month).day(day)


def rests(part: Component, month: Month) -> bool:
    """Whether a later month pays it, and it may be that it never does."""
    return bool(part.paid_in) and part.paying(month) != month and not part.comes


def settled(policy: Policy, part: Component, month: Month, died: date | None) -> Month | str:
    """The month that pays what stands in one, that of a death which leaves some of it; or why none
    does.
    """
    paying, day = part.paying(month), to_see(policy, part, month)
    ends = policy.ends(part, month)
    if died is not None and part.by_death is not ByDeath.NOTHING:
        held = not ends or policy.in_force(Month(f"{died:%Y-%m}"))
        if held and month.first_day <= died < paying.first_day:
            return Month(f"{died:%Y-%m}")
    if part.by_death is not ByDeath.NOTHING:
        day = month.first_day if day else None
    if died is not None and day is not None and died < day:
        return DEAD
    return ENDED if ends else paying


def months_ahead(policies: Iterable[Policy], month: Month, died: date | None) -> set[Month]:
    """The later months that pay what stands in one, and that of a death."""
    parts = [part for policy in policies for part in policy.amounts if rests(part, month)]
    found = {part.paying(month) for part in parts}
    return found | ({Month(f"{died:%Y-%m}")} if died and found else set())


def asked_later(policy: Policy) -> list[Expression]:
    """The conditions that are asked in a later month of who meets them now."""
    return [c.when for c in policy.criteria if c.phase is not Phase.START]


def sure(policy: Policy) -> list[Expression]:
    """Those of them that births, deaths and time alone decide, but for ages that are only reached:
    what a later month will say is known.
    """
    parts = [one for when in asked_later(policy) for one in _each(when)]
    fixed = [one for one in parts if all(g.fixed for f in facts_of(one) for g in f.kind.given)]
    return [one for one in fixed if not _grows(one)]


def _each(when: Expression) -> list[Expression]:
    return [one for item in when.items for one in _each(item)] if isinstance(when, And) else [when]


def _grows(when: Expression) -> bool:
    return isinstance(when, Compare) and when.fact.key == "age" and when.sign in {">=", ">"}


def earned(policy: Policy, part: Component, month: Month) -> list[Month]:
    """The months that ``pro_rata`` counts, where the right stood: since it was paid last and was
    law, the month itself the last of them.
    """
    count = part.months_between - part.months_until(month)
    days = [shifted(month.first_day, -back, "months") for back in reversed(range(count))]
    since = part.since or policy.valid_from
    return [Month(f"{day:%Y-%m}") for day in days if day >= since]


def right(policy: Policy, *, receiving: bool) -> Expression:
    """The conditions whose answer depends on the month alone, other facts being as they are."""
    asked = (c.when for c in policy.criteria if c.applies(receiving))
    return And(tuple(when for when in asked if _moves(when)))


def _moves(when: Expression) -> bool:
    days = any(isinstance(getattr(atom, "right", None), DayOf) for atom in atoms(when))
    return days or any(fact.kind.bases for fact in facts_of(when))


def asks_birth(policy: Policy) -> bool:
    """Whether a condition asks for an age."""
    facts = (fact for c in policy.criteria for fact in facts_of(c.when))
    return any(given.key == BIRTH for fact in facts for given in fact.kind.given)


def as_it_is(policy: Policy, sheet: Sheet, month: Month) -> Sheet:
    """The facts that conditions read in a month, as if they had always been so."""
    found = {
        given.key: (Statement(sheet.read(given, fact.day, month).value),)
        for criterion in policy.criteria
        for fact in facts_of(criterion.when)
        for given in fact.kind.given
    }
    return Sheet(sheet.subject, found, sheet.receiving)


def as_it_becomes(policy: Policy, sheet: Sheet, month: Month, later: Month) -> Sheet:
    """The facts a policy reads, as far as it is said that they are others in a later month; births
    and deaths are there, all else is unknown.
    """
    found = {}
    rows = [row.when for part in policy.amounts for row in part.rows if row.when is not None]
    for fact in (fact for when in (*asked_later(policy), *rows) for fact in facts_of(when)):
        for given in fact.kind.given:
            was, will = (sheet.read(given, fact.day, one) for one in (month, later))
            known = given.fixed or (will.value != was.value and not will.assumed)
            found[given.key] = (Statement(will.value if known else None),)
    return Sheet(sheet.subject, found, sheet.receiving)
