"""Deriving what stands for one person: the pure rules, and rows that follow them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from songbai.core import clock
from songbai.core.signing import asked
from songbai.domain.elders.actions.turning import announce
from songbai.domain.elders.models import Conflict, ConflictState, CurrentFact, Elder, Fact
from songbai.domain.elders.queries.facts import findings, view_of
from songbai.domain.elders.rules.elder import initials_of
from songbai.domain.elders.rules.facts import Finding
from songbai.domain.elders.rules.kinds import Kind, ValueType, kinds

#: Columns that hold nothing when nobody says anything.
NULLABLE = frozenset({"ability_level", "died_on"})


def derive_person(elder: Elder, codes: Iterable[str]) -> None:
    """Bring what stands of some kinds up to date; the caller holds the person's turn.

    What the caller holds of the person may be old: the record is read again, and ``elder`` is told.
    """
    wanted, held = set(codes), elder
    elder = Elder.objects.get(pk=held.pk)
    facts = list(Fact.objects.filter(elder=elder, kind__in=wanted))
    found = findings(elder, facts, view_of())
    by_id = {fact.pk: fact for fact in facts}
    for code in sorted(wanted):
        _stand(elder, code, found.get(code), by_id)
        _disagree(elder, code, found.get(code))
    if elder.erased_at is None:
        for name, value in _show(elder, {code: found.get(code) for code in wanted}, by_id).items():
            setattr(held, name, value)
    if "death" in wanted:
        announce()


def _stand(elder: Elder, code: str, found: Finding | None, facts: dict[int, Fact]) -> None:
    if found is None or found.stands.default:
        asked("elders_end_current", elder.pk, code)
        return
    fact = facts[found.stands.fact_id]
    values: dict[str, Any] = {
        name: getattr(fact, name)
        for name in (
            "region_id", "source", "value", "value_index", "valid_from", "valid_to", "observed_at"
        )
    }  # fmt: skip
    CurrentFact.objects.bulk_create(
        [CurrentFact(elder_id=elder.pk, kind=code, fact_id=fact.pk, **values)],
        update_conflicts=True,
        unique_fields=["elder", "kind"],
        update_fields=[*values, "fact_id"],
    )


def _disagree(elder: Elder, code: str, found: Finding | None) -> None:
    now, key = clock.now(), found.key if found else None
    over = Conflict.objects.filter(elder=elder, kind=code, state=ConflictState.OPEN)
    if key is not None:
        over = over.exclude(key=key)
    over.update(state=ConflictState.ENDED, ended_at=now)
    if found is None or key is None:
        return
    Conflict.objects.bulk_create(
        [
            Conflict(
                elder=elder,
                region_id=elder.region_id,
                kind=code,
                key=key,
                sources=[side.source for side in found.sides],
                opened_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    Conflict.objects.filter(elder=elder, kind=code, key=key, state=ConflictState.ENDED).update(
        state=ConflictState.OPEN, opened_at=now, ended_at=None
    )


def _show(elder: Elder, found: dict[str, Finding | None], facts: dict[int, Fact]) -> dict[str, Any]:
    """Bring the columns of the register up to date; returns what they hold now."""
    shown: dict[str, Any] = {}
    for code, finding in found.items():
        kind = kinds()[code]
        if not kind.column:
            continue
        if finding is not None:
            shown |= _columns(kind, finding, facts)
        elif kind.default is not None or kind.column in NULLABLE:
            shown[kind.column] = column_value(kind, kind.default)
    held = ((name, getattr(elder, name)) for name in shown)
    plain = {name: bytes(v) if isinstance(v, memoryview) else v for name, v in held}
    changed = [name for name, value in shown.items() if plain[name] != value]
    for name in changed:
        setattr(elder, name, shown[name])
    if changed:
        elder.save(update_fields=changed)
    return shown


def _columns(kind: Kind, finding: Finding, facts: dict[int, Fact]) -> dict[str, Any]:
    stands = finding.stands
    if kind.secret:
        fact = facts[stands.fact_id]
        index = {"phone_index": bytes(fact.value_index)} if kind.code == "phone" else {}
        return {kind.column: bytes(fact.secret), **index}
    if kind.code == "name":
        return {"name": stands.value, "initials": initials_of(stands.value)}
    return {kind.column: column_value(kind, stands.value)}


def column_value(kind: Kind, value: str | None) -> str | int | bool | date | None:
    """A value as the register's column holds it."""
    if value is None:
        return None
    match kind.type:
        case ValueType.BOOL:
            return value == "true"
        case ValueType.WHOLE:
            return int(value)
        case ValueType.DATE:
            return date.fromisoformat(value)
    return value
