"""Which fact of the register feeds which fact of a policy: one mapping, for one person and a city.

The register says what stands of a kind on a day (``catalogues/facts.yaml``); a policy asks for
facts of its own vocabulary (``policies/facts.yaml``). What is not named here the register does not
keep: it is unknown, or what the vocabulary says a missing fact means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .facts import FactKind, Kind, Sheet, Statement, Value, vocabulary
from .months import Day, Month
from .policy import Policy


@dataclass(frozen=True)
class Origin:
    """Where a policy fact comes from.

    ``kind`` is the register's kind; ``column`` the register's own column, which holds while nobody
    has said anything; ``nothing`` are stored values that give no value here.
    """

    kind: str
    column: str = ""
    nothing: frozenset[str] = frozenset()


#: By the name of the policy fact.
ORIGINS: Mapping[str, Origin] = {
    "birth_date": Origin("birth_date", column="birth_date"),
    "sex": Origin("sex", column="sex"),
    "death": Origin("death", column="died_on"),
    "hukou": Origin("hukou"),
    "residence": Origin("residence", column="region_id"),
    "hardship": Origin("hardship"),
    "living": Origin("living"),
    "special_family": Origin("special_family"),
    "income": Origin("income"),
    "pension": Origin("pension"),
    "pension_amount": Origin("pension_amount"),
    "disability_kind": Origin("disability_kind"),
    "disability_grade": Origin("disability_grade", nothing=frozenset({"none"})),
    "ability_level": Origin("ability_level"),
    "survival": Origin("survival"),
    "medical_insurance": Origin("medical_insurance"),
    "ltci_insured": Origin("ltci_insured"),
    "ltci_grade": Origin("ltci_grade"),
    "health_managed": Origin("health_managed"),
}


@dataclass(frozen=True)
class Stood:
    """What stood for one kind on one day: the value as stored, who said it and when, its period."""

    value: str
    source: str
    observed: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def kinds_for(policies: Iterable[Policy]) -> tuple[str, ...]:
    """The register's kinds these policies need, each once."""
    keys = [key for policy in policies for key in policy.fact_keys if key in ORIGINS]
    return tuple(dict.fromkeys(ORIGINS[key].kind for key in keys))


def days_for(policies: Iterable[Policy], month: Month) -> tuple[date, ...]:
    """The days on which these policies read facts in a month, earliest first.

    The last day is always among them: facts that are the same every day are read on it.
    """
    asked = {which for policy in policies for which in policy.days.values()} | {Day.LAST_DAY}
    return tuple(sorted(month.day(which) for which in asked))


def value_of(key: str, stored: str) -> Value:
    """A stored value of the register as the policy fact ``key``; None when it gives none."""
    fact, origin = vocabulary("elder")[key], ORIGINS[key]
    if stored in origin.nothing:
        return None
    return _typed(fact, stored)


def _typed(fact: FactKind, stored: str) -> Value:
    match fact.kind:
        case Kind.BOOL:
            return stored == "true"
        case Kind.WHOLE | Kind.FEN:
            return int(stored)
        case Kind.DATE | Kind.EVENT:
            return date.fromisoformat(stored)
    return stored


def sheet_from(
    stood: Mapping[date, Mapping[str, Stood]],
    columns: Mapping[str, str],
    receiving: frozenset[str] = frozenset(),
) -> Sheet:
    """The facts of one person for a month.

    ``stood`` holds, for each day of ``days_for``, what stood by kind; ``columns`` the register's
    own columns as text, "" for empty ones.
    """
    days = sorted(stood)
    statements: dict[str, tuple[Statement, ...]] = {}
    for key, origin in ORIGINS.items():
        found = [(day, stood[day].get(origin.kind)) for day in days]
        if any(one for _, one in found):
            statements[key] = tuple(_statements(key, found))
        elif columns.get(origin.column):
            statements[key] = (Statement(value_of(key, columns[origin.column]), "register"),)
    return Sheet("elder", statements, receiving)


def _statements(key: str, found: Sequence[tuple[date, Stood | None]]) -> Iterable[Statement]:
    """One statement for each run of days on which the same stood, over no other day read.

    A fixed fact is read without a day: what stood last goes first.
    """
    made: list[Statement] = []
    last: Stood | None = None
    for place, (_, one) in enumerate(found):
        if one is None:
            last = None
            continue
        if one == last:
            made[-1] = replace(made[-1], valid_to=_until(found, place, one))
            continue
        since = one.valid_from
        if place:
            changed = found[place - 1][0] + timedelta(days=1)
            since = max(since, changed) if since else changed
        value = value_of(key, one.value)
        until = _until(found, place, one)
        made.append(Statement(value, one.source, one.observed, since, until))
        last = one
    return reversed(made) if vocabulary("elder")[key].fixed else made


def _until(found: Sequence[tuple[date, Stood | None]], place: int, one: Stood) -> date | None:
    """The last day for which a statement counts: its own end, or the day before another stands."""
    following = found[place + 1][0] if place + 1 < len(found) else None
    same = following is None or found[place + 1][1] == one
    return one.valid_to if same else found[place][0]
