"""What an address or a form says, read with care; and what a form answers."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django import forms

from songbai.core import clock
from songbai.core.errors import Refused, SongbaiError
from songbai.core.ledger.rules import FARTHEST


class DayField(forms.DateField):
    """A day as typed; what nobody can mean is no day."""

    def to_python(self, value: Any) -> date | None:
        """The day, None for nothing typed. Raises ValidationError."""
        day: date | None = super().to_python(value)
        if day is not None and not clock.EARLIEST <= day <= clock.LATEST:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


Name = TypeVar("Name", bound=str)


def whole_number(text: str) -> int:
    """A whole number typed or linked; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def key_of(sent: Mapping[str, Any]) -> UUID:
    """The key a form carries, so that sending it twice is sending it once.

    Raises Refused when there is none.
    """
    try:
        return UUID(sent.get("idempotency_key", ""))
    except ValueError as error:
        raise Refused("页面太旧了，请刷新后再交一次。") from error


def month_asked(sent: Mapping[str, Any], *, ahead: bool = False) -> str:
    """The month in ``?month=``; this month when it is missing, not one, or still to come.

    ``ahead``: a month to come is one, too.
    """
    this, asked = clock.month_of(clock.today()), sent.get("month", "")
    try:
        clock.month_bounds(asked)
    except ValueError:
        return this
    return asked if len(asked) == 7 and (ahead or asked <= this) else this


def months(count: int = 12) -> list[str]:
    """The last months, this one first."""
    found, day = [], clock.today().replace(day=1)
    for _ in range(count):
        found.append(clock.month_of(day))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def list_asked(asked: str, counts: Mapping[Name, int]) -> Name:
    """The list an address names; else the first of them with something in it, or the first."""
    filled = (name for name, count in counts.items() if count)
    first = next(filled, next(iter(counts)))
    return next((name for name in counts if name == asked), first)


def months_of_money(asked: str) -> list[str]:
    """The last months, those for which orders can stand already, and the one asked for."""
    today = clock.today()
    coming = {clock.month_of(today + timedelta(days=n)) for n in range(FARTHEST.days + 1)}
    return sorted({*months(), *coming, asked}, reverse=True)


def errors_of(error: SongbaiError | None) -> list[dict[str, str]]:
    """What was refused as ``songbai/errors.html`` shows it; nothing for no error."""
    return [{"field": error.field or "", "message": error.message}] if error else []
