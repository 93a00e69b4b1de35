"""The facts of one registered person as policies read them, with who said each and when."""

from __future__ import annotations

from datetime import date, datetime

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.rules.facts import (
    NEVER,
    FactKind,
    Kind,
    Sheet,
    Statement,
    Value,
    vocabulary,
)
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts import findings, of_person, view_of

#: What the register writes for somebody a fact does not apply to; policies know it as missing.
_NOT_APPLICABLE = {"disability_grade": "none"}


def sheet_of_elder(
    actor: Actor,
    elder: Elder,
    month: str,
    *,
    known_at: datetime | None = None,
    receiving: frozenset[str] = frozenset(),
) -> Sheet:
    """What the register says of a person on the days of a month that policies look at.

    ``known_at`` leaves out what was recorded later. What nobody has said is missing. The caller
    leaves the trace of reading. Raises NotAllowed, ValueError for anything that is not a month.
    """
    kinds, said = vocabulary("elder"), of_person(actor, elder)
    held = Month.parse(month)
    found: dict[str, list[Statement]] = {}
    for day in dict.fromkeys(held.day(which) for which in Day):
        for code, finding in findings(elder, said, view_of(day, known_at)).items():
            kind = kinds.get(code)
            if kind is None or kind.derived_from:
                continue
            value = value_of(kind, finding.stands.value)
            source, observed = finding.stands.source, clock_day(finding.stands.observed_at)
            during = (None, None) if kind.fixed else (day, day)
            if value is not None and not (kind.fixed and code in found):
                found.setdefault(code, []).append(Statement(value, source, observed, *during))
    for code, value in _columns(elder).items():
        found.setdefault(code, [Statement(value)])
    return Sheet("elder", {code: tuple(rows) for code, rows in found.items()}, receiving)


def _columns(elder: Elder) -> dict[str, Value]:
    """What the register itself holds of everybody, for those of whom nobody reported it."""
    return {
        "birth_date": elder.birth_date,
        "sex": elder.sex,
        "death": elder.died_on or NEVER,
        "residence": elder.region_id,
    }


def value_of(kind: FactKind, text: str) -> Value:
    """A value of the register as policies read it; None where it does not apply."""
    if _NOT_APPLICABLE.get(kind.key) == text:
        return None
    match kind.kind:
        case Kind.BOOL:
            return text == "true"
        case Kind.WHOLE | Kind.FEN:
            return int(text)
        case Kind.DATE | Kind.EVENT:
            return date.fromisoformat(text)
    return text


def clock_day(moment: datetime) -> date:
    """The Shanghai day of a moment."""
    return moment.astimezone(clock.SHANGHAI).date()
