"""The only source of now. Months are civil months of Asia/Shanghai; tests move the clock.

A whole installation can be given a day of its own: ``SONGBAI_TODAY=2028-02-29T23:50`` (Shanghai)
lets it begin there. Every process that it starts is told how far ahead that is, and so is the
database (``songbai_now()``).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_TODAY, _AHEAD = "SONGBAI_TODAY", "SONGBAI_CLOCK_AHEAD"


#: The day of its own that the installation was given (ValueError when it is none), or None.
given_day = (
    datetime.fromisoformat(os.environ[_TODAY]).replace(tzinfo=SHANGHAI)
    if os.environ.get(_TODAY)
    else None
)
if given_day and _AHEAD not in os.environ:
    os.environ[_AHEAD] = str((given_day - datetime.now(UTC)).total_seconds())
_offset = _own = timedelta(seconds=float(os.environ.get(_AHEAD, "0")))
_told: list[Callable[[timedelta], None]] = []


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _offset


def unmoved() -> datetime:
    """The installation's moment, also while a story is told of another one: sessions end by it."""
    return datetime.now(UTC) + _own


class _AnyDatetime(type):
    """Libraries ask too whether a value is a ``datetime``: each one still is."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class OwnDatetime(datetime, metaclass=_AnyDatetime):
    """What libraries ask for the present moment on a day of the installation's own.

    It is not moved by ``moved_to``: no session ends because a story is told of next month.
    """

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> OwnDatetime:
        """The installation's moment in a zone."""
        return cls.fromtimestamp((datetime.now(UTC) + _own).timestamp(), tz)


def ahead() -> timedelta:
    """How far this process runs ahead of the machine's clock (behind it: negative)."""
    return _offset


def tell(listener: Callable[[timedelta], None]) -> None:
    """Call ``listener`` with the new ``ahead()`` whenever the clock of this process is moved."""
    _told.append(listener)


def today() -> date:
    """The civil date in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def month_words(month: str) -> str:
    """A month as people read it: 2026-06 → 2026 年 6 月; "" for none."""
    year, _, number = month.partition("-")
    return f"{year} 年 {int(number)} 月" if month else ""


def month_of(moment: datetime | date) -> str:
    """The civil month in Shanghai as ``YYYY-MM``."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(SHANGHAI).date()
    return f"{moment:%Y-%m}"


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time of a Shanghai day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def daily(hour: int, minute: int = 0, weekday: str = "") -> str:
    """The cron line of a Shanghai time of day, or of one of a week (``sun``): the queue's days are
    those of UTC.
    """
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    first = date(2024, 1, 1)  # a Monday
    local = at(first + timedelta(days.index(weekday) if weekday else 0), hour, minute)
    told = local.astimezone(UTC)
    return f"{told.minute} {told.hour} * * {days[told.weekday()] if weekday else '*'}"


def shown(moment: datetime) -> str:
    """The time of day in Shanghai as every page writes it: 7:15."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.hour}:{local.minute:02d}"


def minutes_between(begin: datetime, end: datetime) -> int:
    """Minutes from one moment to another as both are shown, seconds left out of each."""
    first, last = (int(moment.timestamp()) // 60 for moment in (begin, end))
    return last - first


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open interval of a Shanghai day."""
    start = at(day, 0)
    return start, start + timedelta(days=1)


def on_day(column: str, day: date) -> dict[str, datetime]:
    """What to filter by for rows whose moment in a column lies on a Shanghai day."""
    start, end = day_bounds(day)
    return {f"{column}__gte": start, f"{column}__lt": end}


#: The days this program can work with: within them no sum of days leaves the calendar.
EARLIEST, LATEST = date(1850, 1, 1), date(2200, 12, 31)


def day_of(text: str) -> date:
    """A day as typed, ``YYYY-MM-DD``.

    Raises ValueError for anything else, and for days nobody can mean.
    """
    day = date.fromisoformat(text)
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"not a day to work with: {text!r}")
    return day


@cache
def month_bounds(month: str) -> tuple[date, date]:
    """First day of ``YYYY-MM`` and first day of the next month.

    Raises ValueError for anything that is not a month.
    """
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    if not EARLIEST <= first <= LATEST:
        raise ValueError(f"not a month to work with: {month!r}")
    return first, (first + timedelta(days=32)).replace(day=1)


@contextlib.contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Run the block as if it were ``moment``: for tests, and for telling the demo's story."""
    before = _offset
    _move(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _move(before)


def begin_at(moment: datetime) -> None:
    """For tests on a day of their own: from now on it is ``moment``, here and in new processes."""
    global _own
    _move(moment - datetime.now(UTC))
    _own = _offset
    os.environ[_AHEAD] = str(_own.total_seconds())


def _move(ahead: timedelta) -> None:
    global _offset
    _offset = ahead
    for listener in _told:
        listener(ahead)
