"""Working days (工作日), for every deadline the law counts in them.

The State Council says each November which days of the next year are off and which weekends are
worked; ``catalogues/working_days.yaml`` holds what it said. Of a year nobody entered only weekends
are known: pages say so (``doubt``) and the bureau is warned before it comes (``warning``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from . import yaml_file

FILE = Path(__file__).resolve().parents[2] / "catalogues" / "working_days.yaml"
FORMAT = "songbai-working-days/1"
#: So many days before the last known one the bureau is told to enter the next year.
WARNING_DAYS = 31


@dataclass(frozen=True)
class Calendar:
    """Days off that fall in the week, weekend days that are worked, and the last day known."""

    off: frozenset[date]
    worked: frozenset[date]
    last: date


@cache
def calendar() -> Calendar:
    """What is known. Raises ValueError for another format, and for days that cannot be."""
    return parse(yaml_file.read(FILE))


def parse(raw: Mapping[str, Any]) -> Calendar:
    """The calendar of a file. Raises ValueError for another format, a span the wrong way round, a
    day off that is worked too.
    """
    if raw["format"] != FORMAT:
        raise ValueError(f"format is not {FORMAT}")
    years = raw["years"].values()
    spans = [span for year in years for span in year["closed"]]
    backwards = [f"{a} to {b}" for a, b in spans if b < a]
    if backwards:
        raise ValueError(f"{FILE.name}: {backwards[0]} is the wrong way round")
    off = {a + timedelta(days=n) for a, b in spans for n in range((b - a).days + 1)}
    worked = {day for year in years for day in year["worked"]}
    if off & worked:
        raise ValueError(f"{FILE.name}: {min(off & worked)} is off and worked")
    return Calendar(frozenset(off), frozenset(worked), date(max(raw["years"]), 12, 31))


def is_working(day: date) -> bool:
    """Whether offices are open; a year nobody entered has its weekends only."""
    known = calendar()
    return day in known.worked or (day.weekday() < 5 and day not in known.off)


def after(day: date, count: int) -> date:
    """The day ``count`` working days after a day; the day itself is not counted."""
    while count:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def doubt(day: date) -> str:
    """What a page says beside a deadline on a day past the file's end; "" when all is known."""
    if day <= calendar().last:
        return ""
    return (
        f"{day.year} 年的放假安排还没有录入（catalogues/{FILE.name}），先按周一到周五算，"
        "录入后日期会顺延"
    )


def warning(today: date) -> str:
    """What the bureau is told while the next year is missing and near; "" otherwise."""
    last = calendar().last
    if today <= last - timedelta(days=WARNING_DAYS):
        return ""
    begun = f"，现在已经是 {today.year} 年" if today > last else ""
    wanted = max(last.year + 1, today.year)
    return (
        f"工作日只录到 {last.year} 年 12 月 31 日{begun}。请按国务院办公厅的通知，"
        f"把 {wanted} 年的放假和调休录进 catalogues/{FILE.name}；录入以前，期限先按周一到周五算"
    )
