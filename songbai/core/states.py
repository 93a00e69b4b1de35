"""What a table's rows hold, may become and may not, as the database keeps it."""

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """A column's choices: the codes, which are also what is stored."""
    return [(member.value, member.value) for member in kind]


def known(field: str, kind: type[StrEnum], name: str) -> models.CheckConstraint:
    """A column holds one of its codes."""
    values = [member.value for member in kind]
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)


class Machine(pgtrigger.FSM):
    """The ways of a column ``state``; ``ends`` says of each state without one why it needs none."""

    ends: Mapping[Enum, str]


def machine(
    name: str,
    transitions: Iterable[tuple[Enum, Enum]],
    ends: Mapping[Any, str] | None = None,
) -> Machine:
    """``state`` goes these ways only.

    Life goes backwards: a state that nothing leads out of says in ``ends`` by which act its errors
    are put right instead. Raises ValueError when one says nothing.
    """
    ways, ends = list(transitions), dict(ends or {})
    final = {*type(ways[0][0])} - {old for old, _ in ways}
    if final != {*ends}:
        raise ValueError(f"{name}: say why there is no way back from {final ^ {*ends}}")
    pairs: list[Any] = [(old.value, new.value) for old, new in ways]
    made = Machine(name=name, field="state", transitions=pairs)
    made.ends = ends
    return made


def forever(name: str) -> pgtrigger.Protect:
    """A row is neither changed nor deleted."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def holds(name: str, condition: Q | None = None, /, **columns: Any) -> models.CheckConstraint:
    """Every row is so."""
    return models.CheckConstraint(condition=condition or Q(**columns), name=name)


def once(name: str, *fields: str, when: Q | None = None) -> models.UniqueConstraint:
    """These columns together stand once, among the rows that are so."""
    return models.UniqueConstraint(fields=fields, condition=when, name=name)


def index(name: str, *fields: str, when: Q) -> models.Index:
    """An index of the rows that are so, which are few."""
    return models.Index(fields=fields, condition=when, name=name)


def stays(name: str) -> pgtrigger.Protect:
    """A row is not deleted."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Delete)


def never(name: str, when: pgtrigger.Condition | pgtrigger.Q) -> pgtrigger.Protect:
    """No update of which this is so."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update, condition=when)


def fixed(name: str, *, but: list[str]) -> pgtrigger.ReadOnly:
    """Only these columns of a row change."""
    return pgtrigger.ReadOnly(name=name, exclude=but)
