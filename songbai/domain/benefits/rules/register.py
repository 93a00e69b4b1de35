"""One person's facts as policies read them, from what stood in the register.

Which kind of the register says which fact is written in ``policies/facts.yaml`` (``register``,
``part``, ``otherwise``, ``without``); the snapshot of a city (``lake.facts``) reads the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from .facts import FactKind, Kind, Sheet, Statement, Value
from .months import Day, Month
from .policy import Policy
from .vocabulary import vocabulary

#: Says whether somebody has a disability certificate, from which ``without`` follows.
CERTIFICATE = "disability_kind"


@dataclass(frozen=True)
class Stood:
    """What stood for one kind on one day: the value as stored, who said it and when, its period."""

    value: str
    source: str
    observed: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    within: Mapping[int, date | None] = field(default_factory=dict)
    """Of a division: since when it has lain where it lies, by the digits asked."""


#: A fact on a day, with the statement it comes from.
Said = tuple[Value, Stood]


def kind_of(key: str) -> str:
    """The register's kind that says a policy fact; "" when the register does not keep it."""
    fact = vocabulary("elder").get(key)
    return fact.register if fact else ""


def keys_by_kind(policies: Iterable[Policy]) -> dict[str, str]:
    """The register's kinds these policies need, each with a policy fact it says."""
    keys = [key for policy in policies for key in policy.fact_keys]
    return {kind: key for key in reversed(keys) if (kind := kind_of(key))}


def withins(policies: Iterable[Policy]) -> set[tuple[str, int]]:
    """Kinds of divisions of which these policies ask since when, within how many digits."""
    facts = [vocabulary("elder").get(key) for policy in policies for key in policy.fact_keys]
    return {(one.register, one.within) for one in facts if one and one.within}


def days_for(policies: Iterable[Policy], month: Month) -> tuple[date, ...]:
    """The days on which these policies read facts in a month, earliest first.

    The last day is always among them: facts that are the same every day are read on it.
    """
    asked = {which for policy in policies for which in policy.days.values()} | {Day.LAST_DAY}
    return tuple(sorted(month.day(which) for which in asked))


def value_of(fact: FactKind, stored: str) -> Value:
    """A stored value of the register as a policy fact; None when it gives none."""
    match fact.kind:
        case Kind.BOOL:
            return stored == "true"
        case Kind.WHOLE | Kind.FEN:
            return int(stored) if stored.isdecimal() else None
        case Kind.DATE | Kind.EVENT:
            return date.fromisoformat(stored)
    return stored


def sheet_from(
    stood: Mapping[date, Mapping[str, Stood]],
    columns: Mapping[str, str],
    receiving: frozenset[str] = frozenset(),
    until: Month | None = None,
) -> Sheet:
    """The facts of one person for a month.

    ``stood`` holds, for each day of ``days_for``, what stood by kind; ``columns`` by fact what the
    register itself holds while nobody has said anything, "" for nothing.
    """
    days = sorted(stood)
    statements: dict[str, tuple[Statement, ...]] = {}
    for key, fact in vocabulary("elder").items():
        found = [(day, _said(fact, stood[day])) for day in days]
        if any(one for _, one in found):
            statements[key] = tuple(_statements(fact, found))
        elif columns.get(key):
            statements[key] = (Statement(value_of(fact, columns[key]), "register"),)
    return Sheet("elder", statements, receiving, until)


def _said(fact: FactKind, stood: Mapping[str, Stood]) -> Said | None:
    """A fact on one day; None when nothing that stands says it."""
    certificate = stood.get(CERTIFICATE)
    if fact.without is not None and certificate and certificate.value == "none":
        return fact.without, certificate
    one = stood.get(fact.register)
    if one is None:
        return None
    if fact.within:
        return one.within.get(fact.within), one
    parts = {"observed": one.observed, "since": one.valid_from}
    return (parts[fact.part] if fact.part else value_of(fact, one.value)), one


def _statements(fact: FactKind, found: Sequence[tuple[date, Said | None]]) -> Iterable[Statement]:
    """One statement for each run of days on which the same stood, over no other day read.

    A fixed fact is read without a day: what stood last goes first.
    """
    made: list[Statement] = []
    last: Said | None = None
    for place, (_, said) in enumerate(found):
        if said is None:
            last = None
            continue
        value, one = said
        if said == last:
            made[-1] = replace(made[-1], valid_to=_until(found, place, one))
            continue
        since = one.valid_from
        if place:
            changed = found[place - 1][0] + timedelta(days=1)
            since = max(since, changed) if since else changed
        until = _until(found, place, one)
        made.append(Statement(value, one.source, one.observed, since, until))
        last = said
    return reversed(made) if fact.fixed else made


def _until(found: Sequence[tuple[date, Said | None]], place: int, one: Stood) -> date | None:
    """The last day for which a statement counts: its own end, or the day before another stands."""
    following = found[place + 1 : place + 2]
    same = not following or following[0][1] == found[place][1]
    return one.valid_to if same else found[place][0]
