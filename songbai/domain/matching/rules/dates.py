"""Birth dates as people get them wrong."""

import numpy as np
from numpy.typing import NDArray

from songbai.core.worded import Worded

Days = NDArray[np.datetime64]

#: A lunar date read as a date of the calendar lies this many days before the right one.
LUNAR_AHEAD = (17, 53)


class BirthLevel(Worded):
    """How two birth dates compare."""

    SAME = "same", "出生日期相同"
    SLIP = "slip", "出生日期差一个数字"  # one digit differs, or two neighbours are exchanged
    SWAPPED = "swapped", "出生日期的月和日对调了"  # day and month exchanged
    # one says 1 January: only the year was known
    YEAR_ONLY = "year_only", "出生年份相同，有一边只写了年份（1 月 1 日）"
    LUNAR = "lunar", "出生日期相差一个多月，可能一边是农历"  # one may be the lunar date
    YEAR_NEAR = "year_near", "出生月日相同，年份差一两年"  # same day and month, a year or two apart
    DIFFERENT = "different", "出生日期不同"
    UNKNOWN = "unknown", "出生日期有一边没填"


BIRTH_LEVELS = tuple(BirthLevel)


def compare_births(left: Days, right: Days) -> NDArray[np.uint8]:
    """Compare dates place by place; arrays of one length, result: index into ``BIRTH_LEVELS``.

    NaT is not said. Lunar is only a hint: it weighs little.
    """
    found = np.full(len(left), BIRTH_LEVELS.index(BirthLevel.DIFFERENT), dtype=np.uint8)
    unknown = np.isnat(left) | np.isnat(right)
    one = np.where(unknown, np.datetime64("1900-01-01"), left).astype("datetime64[D]")
    two = np.where(unknown, np.datetime64("1900-01-01"), right).astype("datetime64[D]")
    digits = _digits(one), _digits(two)
    (year, month, day), (other_year, other_month, other_day) = _parts(one), _parts(two)
    apart = (two - one).astype(np.int64)
    same_day = (month == other_month) & (day == other_day)
    first = ((month == 1) & (day == 1)) | ((other_month == 1) & (other_day == 1))
    near = np.abs(year - other_year)
    far = np.abs(apart)
    for level, where in (
        (BirthLevel.LUNAR, (far >= LUNAR_AHEAD[0]) & (far <= LUNAR_AHEAD[1])),
        (BirthLevel.YEAR_NEAR, same_day & (near <= 2)),
        (BirthLevel.YEAR_ONLY, (near == 0) & first),
        (BirthLevel.SLIP, _one_slip(*digits)),
        (
            BirthLevel.SWAPPED,
            (near == 0) & (month == other_day) & (day == other_month) & (month != day),
        ),
        (BirthLevel.SAME, apart == 0),
        (BirthLevel.UNKNOWN, unknown),
    ):
        found[where] = BIRTH_LEVELS.index(level)
    return found


def swapped(days: Days) -> Days:
    """The dates with day and month exchanged; NaT where that is no date or the same."""
    year, month, day = _parts(days)
    possible = ~np.isnat(days) & (day <= 12) & (day != month)
    months = (year - 1970) * 12 + day - 1
    exchanged = months.astype("datetime64[M]").astype("datetime64[D]") + (month - 1).astype(
        "timedelta64[D]"
    )
    return np.where(possible, exchanged, np.datetime64("NaT"))


def _parts(days: Days) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    years = days.astype("datetime64[Y]")
    months = days.astype("datetime64[M]")
    return (
        years.astype(np.int64) + 1970,
        (months - years.astype("datetime64[M]")).astype(np.int64) + 1,
        (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
    )


def _digits(days: Days) -> NDArray[np.int64]:
    """Eight columns of digits, YYYYMMDD."""
    year, month, day = _parts(days)
    number = year * 10_000 + month * 100 + day
    return number[:, None] // 10 ** np.arange(7, -1, -1) % 10


def _one_slip(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    differs = left != right
    wrong = differs.sum(axis=1)
    neighbours = (left[:, :-1] == right[:, 1:]) & (left[:, 1:] == right[:, :-1]) & differs[:, 1:]
    slips: NDArray[np.bool_] = (wrong == 1) | ((wrong == 2) & neighbours.any(axis=1))
    return slips
