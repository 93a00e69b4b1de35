"""The life of a delivery, and when the next one of a feed is due."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from songbai.core.worded import Worded


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    RECEIVED = "received"
    CHECKED = "checked"
    WRITTEN = "written"
    REFUSED = "refused"


TRANSITIONS = frozenset(
    {
        (DeliveryState.RECEIVED, DeliveryState.CHECKED),
        (DeliveryState.RECEIVED, DeliveryState.REFUSED),
        (DeliveryState.CHECKED, DeliveryState.WRITTEN),
        (DeliveryState.CHECKED, DeliveryState.REFUSED),
    }
)
ENDS = {
    DeliveryState.WRITTEN: "its rows are withdrawn by later rows, or by two officers with proof",
    DeliveryState.REFUSED: "the department delivers the mended file anew",
}


class Way(Worded):
    """How a delivery came."""

    FILE = "file", "命令导入"
    FOLDER = "folder", "文件夹"
    API = "api", "接口推送"
    UPLOAD = "upload", "页面上传"


class UnmatchedState(StrEnum):
    """What became of a row whose person was not found."""

    OPEN = "open"
    MATCHED = "matched"
    DISMISSED = "dismissed"


UNMATCHED_TRANSITIONS = (
    (UnmatchedState.OPEN, UnmatchedState.MATCHED),
    (UnmatchedState.OPEN, UnmatchedState.DISMISSED),
    # The record says something else now, and nobody is found for it.
    (UnmatchedState.MATCHED, UnmatchedState.OPEN),
    (UnmatchedState.DISMISSED, UnmatchedState.OPEN),
)


class UnmatchedWhy(Worded):
    """Why a row has no person."""

    UNKNOWN = "unknown", "名册里没有这个人"
    DOUBTFUL = "doubtful", "像名册里的人，拿不准"
    OTHER_NAME = "other_name", "身份证号对得上，姓名对不上"
    ELSEWHERE = "elsewhere", "老人不在这份数据的地区"


class Every(StrEnum):
    """How often a department delivers."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


#: A delivery this many days before a due day is the one that was due (half a period).
EARLY = {Every.DAY: 0, Every.WEEK: 3, Every.MONTH: 15, Every.QUARTER: 45, Every.YEAR: 180}
_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


@dataclass(frozen=True)
class Rhythm:
    """``day``: of the week (Monday 1) or of the (first) month; ``grace_days`` late is no alert."""

    every: Every
    day: int = 1
    grace_days: int = 0

    def words(self) -> str:
        """每月 10 日前，晚 3 天提醒."""
        weekday = "一二三四五六日"[min(self.day, 7) - 1]
        when = {
            Every.DAY: "每天",
            Every.WEEK: f"每周{weekday}前",
            Every.MONTH: f"每月 {self.day} 日前",
            Every.QUARTER: f"每季度第一个月 {self.day} 日前",
            Every.YEAR: f"每年 1 月 {self.day} 日前",
        }[self.every]
        return f"{when}，晚 {self.grace_days} 天提醒" if self.grace_days else when


def next_due(rhythm: Rhythm, last: date) -> date:
    """The first due day that a delivery of ``last`` does not cover."""
    covered = last + timedelta(days=EARLY[rhythm.every])
    return next(day for day in _due_days(rhythm, last) if day > covered)


def due_after(rhythm: Rhythm, due: date, came: date) -> date:
    """What is due once something came: a late one settles what was due, an early one the next."""
    if due <= came:
        return next(day for day in _due_days(rhythm, came) if day > came)
    if (due - came).days <= EARLY[rhythm.every]:
        return next(day for day in _due_days(rhythm, due) if day > due)
    return due


def is_late(rhythm: Rhythm, due: date, today: date) -> bool:
    """Whether what was due is missing for longer than its grace."""
    return today > due + timedelta(days=rhythm.grace_days)


def _due_days(rhythm: Rhythm, since: date) -> Iterator[date]:
    if rhythm.every is Every.DAY:
        yield from (since + timedelta(days=n) for n in range(1, 400))
    elif rhythm.every is Every.WEEK:
        monday = since - timedelta(days=since.weekday())
        yield from (monday + timedelta(days=7 * n + rhythm.day - 1) for n in range(60))
    else:
        step = _MONTHS[rhythm.every]
        first = (since.year * 12 + since.month - 1) // step * step
        for n in range(first, first + 4 * step, step):
            year, month = n // 12, n % 12 + 1
            yield date(year, month, min(rhythm.day, monthrange(year, month)[1]))
