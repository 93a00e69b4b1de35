"""Days of a month that rules speak of, and the arithmetic of ages. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from songbai.core.clock import month_bounds


class Day(StrEnum):
    """As of which day of the month a fact is read."""

    DAY_BEFORE = "day_before"
    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"


@dataclass(frozen=True)
class Month:
    """A civil month, ``YYYY-MM``."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Month:
        """Raises ValueError for anything that is not exactly ``YYYY-MM``."""
        month_bounds(text)
        if len(text) != 7:
            raise ValueError(f"not a month: {text!r}")
        return cls(text)

    @property
    def first_day(self) -> date:
        """The first day."""
        return month_bounds(self.text)[0]

    @property
    def last_day(self) -> date:
        """The last day."""
        return month_bounds(self.text)[1] - timedelta(days=1)

    def day(self, which: Day) -> date:
        """The date a word stands for in this month."""
        if which is Day.LAST_DAY:
            return self.last_day
        return self.first_day - timedelta(days=which is Day.DAY_BEFORE)

    @property
    def number(self) -> int:
        """1 to 12."""
        return self.first_day.month


def shifted(day: date, count: int, unit: str) -> date:
    """A date some days, months or years away; the 31st becomes the last day of a shorter month.

    Raises ValueError outside the years 1 to 9999.
    """
    try:
        if unit == "days":
            return day + timedelta(days=count)
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "years" else 1)
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last))
    except OverflowError as error:
        raise ValueError("date out of range") from error
