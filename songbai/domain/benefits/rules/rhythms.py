"""What death leaves of money that is not paid every month. Pure."""

from datetime import date

from .facts import BIRTH, DEATH, Sheet, Statement
from .language.tree import And, DayOf, Expression, atoms, facts_of
from .months import Day, Month, shifted
from .policy import ByDeath, Component, Policy


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
    paying = shifted(month.first_day, part.months_until(month) + part.ahead, "months")
    return Month(f"{paying:%Y-%m}").day(day)


def lapses(policy: Policy, part: Component, month: Month) -> date | None:
    """As ``to_see``, where death before it leaves nothing at all."""
    rests = part.months_until(month) + part.ahead
    nothing = rests and part.by_death is ByDeath.NOTHING
    return to_see(policy, part, month) if nothing else None


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
