"""The only source of now. Months are civil months of Asia/Shanghai; tests move the clock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_offset = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _offset


def today() -> date:
    """The civil date in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def month_of(moment: datetime | date) -> str:
    """The civil month in Shanghai as ``YYYY-MM``."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(SHANGHAI).date()
    return f"{moment:%Y-%m}"


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time of a Shanghai day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open interval of a Shanghai day."""
    start = at(day, 0)
    return start, start + timedelta(days=1)


def month_bounds(month: str) -> tuple[date, date]:
    """First day of ``YYYY-MM`` and first day of the next month.

    Raises ValueError for anything that is not a month.
    """
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    return first, (first + timedelta(days=32)).replace(day=1)


@contextlib.contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """For tests: run the block as if it were ``moment``."""
    global _offset
    before = _offset
    _offset = moment - datetime.now(UTC)
    try:
        yield
    finally:
        _offset = before


def move_by(delta: timedelta) -> None:
    """For tests of whole processes: shift the clock of this process."""
    global _offset
    _offset += delta
