"""What a table's columns of codes hold, as the database keeps it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import pgtrigger
from django.db import models


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """A column's choices: the codes, which are also what is stored."""
    return [(member.value, member.value) for member in kind]


def known(field: str, kind: type[StrEnum], name: str) -> models.CheckConstraint:
    """A column holds one of its codes."""
    values = [member.value for member in kind]
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)


def machine(name: str, transitions: Iterable[tuple[StrEnum, StrEnum]]) -> pgtrigger.FSM:
    """``state`` goes these ways only."""
    pairs: list[Any] = [(old.value, new.value) for old, new in transitions]
    return pgtrigger.FSM(name=name, field="state", transitions=pairs)


def forever(name: str) -> pgtrigger.Protect:
    """A row is neither changed nor deleted."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)
