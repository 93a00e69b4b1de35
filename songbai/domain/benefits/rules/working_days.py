"""Working days (工作日), for deadlines the law counts in them. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

from songbai.core import yaml_file

FILE = Path(__file__).resolve().parents[4] / "catalogues" / "working_days.yaml"
FORMAT = "songbai-working-days/1"


@cache
def _exceptions() -> tuple[frozenset[date], frozenset[date]]:
    """Days off that fall in the week, and weekend days that are worked."""
    raw = yaml_file.read(FILE)
    if raw["format"] != FORMAT:
        raise ValueError(f"format is not {FORMAT}")
    off: set[date] = set()
    worked: set[date] = set()
    for year in raw["years"].values():
        for first, last in year["closed"]:
            off |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
        worked |= set(year["worked"])
    return frozenset(off), frozenset(worked)


def is_working(day: date) -> bool:
    """Whether offices are open; a year nobody entered has its weekends only."""
    off, worked = _exceptions()
    return day in worked or (day.weekday() < 5 and day not in off)


def after(day: date, count: int) -> date:
    """The day ``count`` working days after a day; the day itself is not counted."""
    while count:
        day += timedelta(days=1)
        count -= is_working(day)
    return day
