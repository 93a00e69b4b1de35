"""Ages: on which day a year is completed, and which births can be. Pure.

``catalogues/ages.yaml`` names the day on which somebody born on 29 February completes a year that
has no such day, with the law it stands on.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from songbai.core import yaml_file

FILE = Path(__file__).resolve().parents[4] / "catalogues" / "ages.yaml"
FORMAT = "songbai-ages/1"
#: 29 February's birthday in a year without it, as the file may name it.
LEAP_DAYS = {"02-28": (2, 28), "03-01": (3, 1)}


@dataclass(frozen=True)
class Ages:
    """``leap_day``: month and day of the birthday of 29 February in other years; ``oldest``: the
    most completed years anybody has lived.
    """

    leap_day: tuple[int, int]
    oldest: int


@cache
def ages() -> Ages:
    """The rules of ages. Raises ValueError for another format, KeyError for another day."""
    raw = yaml_file.read(FILE)
    if raw["format"] != FORMAT:
        raise ValueError(f"format is not {FORMAT}")
    return Ages(LEAP_DAYS[raw["leap_day"]["on"]], raw["oldest"])


def birthday(birth: date, age: int) -> date:
    """The day on which somebody completes ``age`` years."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, *ages().leap_day)


def age_on(birth: date, day: date) -> int:
    """Completed years of age on a day."""
    years = day.year - birth.year
    return years - (day < birthday(birth, years))


def born_by(day: date, age: int) -> date:
    """The latest birth date with which someone has completed ``age`` years on a day.

    The same people as ``age_on(birth, day) >= age``.
    """
    year = day.year - age
    if year < 1:
        return date.min
    leap = calendar.isleap(year)
    if leap and (day.month, day.day) == (2, 28) and birthday(date(year, 2, 29), age) <= day:
        return date(year, 2, 29)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def possible_birth(birth: date, day: date) -> bool:
    """Whether somebody alive on a day, or dead by then, can have been born on ``birth``."""
    return born_by(day, ages().oldest + 1) < birth <= day
