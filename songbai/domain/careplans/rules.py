"""What is done on which day, in how many visits, by as few strangers as can be. Pure."""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from songbai.domain.assessments.rules.needs import Frequency
from songbai.domain.orders.rules import LAST_HOUR

#: An agreed plan is ordered for so many days at a time, from tomorrow.
DAYS = 7


class PlanState(StrEnum):
    """States of a care plan; words and colours are in the status vocabulary."""

    DRAFT = "draft"  # 待商定
    AGREED = "agreed"  # 已商定
    ENDED = "ended"  # 已停用


#: The one transition table; the database trigger is generated from it.
TRANSITIONS: frozenset[tuple[PlanState, PlanState]] = frozenset(
    {
        (PlanState.DRAFT, PlanState.AGREED),
        (PlanState.DRAFT, PlanState.ENDED),
        (PlanState.AGREED, PlanState.ENDED),
        # It ended by an error, a death that was none.
        (PlanState.ENDED, PlanState.DRAFT),
        (PlanState.ENDED, PlanState.AGREED),
    }
)


class Part(StrEnum):
    """Part of a day; a visit of a plan begins in it."""

    MORNING = "morning"
    NOON = "noon"
    EVENING = "evening"


#: The hour from which a visit begins.
FROM: Mapping[Part, int] = {Part.MORNING: 8, Part.NOON: 11, Part.EVENING: 16}
#: So long at least is the window in which a visit of a plan begins; one alone has two hours.
NARROW, WIDE = 60, 120
#: When something is done once, twice or three times a day.
PARTS: Mapping[int, tuple[Part, ...]] = {
    0: (),
    1: (Part.MORNING,),
    2: (Part.MORNING, Part.EVENING),
    3: (Part.MORNING, Part.NOON, Part.EVENING),
}
#: No plan asks for more than three visits a day for the same thing.
MOST: Mapping[str, int] = {"day": 3, "week": 21, "month": 31, "year": 12}
PER_WORDS: Mapping[str, str] = {"day": "每天", "week": "每周", "month": "每月", "year": "每年"}


def often(frequency: Frequency) -> str:
    """每周 2 次."""
    return f"{PER_WORDS[frequency.per]} {frequency.times} 次"


def times_on(frequency: Frequency, day: date, begin: date, phase: int) -> int:
    """How often something is done on a day: evenly over the week, month or year.

    ``phase`` moves the days of the week and month, so that not every elder is visited on Mondays;
    years count from ``begin``. Every week, month and 365 days have exactly ``times``.
    """
    length, place = {
        "day": (1, 0),
        "week": (7, day.weekday() + phase),
        "month": (calendar.monthrange(day.year, day.month)[1], day.day - 1 + phase),
        "year": (365, (day - begin).days),
    }[frequency.per]
    place %= length
    return _upto(frequency.times, place + 1, length) - _upto(frequency.times, place, length)


def _upto(times: int, place: int, length: int) -> int:
    """How often until a day of the period, rounded up: what comes once comes first."""
    return -(-place * times // length)


@dataclass(frozen=True)
class Need:
    """A line of a plan as the calendar sees it.

    ``vehicle``: what it comes with ("": nothing); ``skills``: what whoever does it is certified in.
    """

    line: int
    frequency: Frequency
    provider: int
    vehicle: str = ""
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, order=True)
class Slot:
    """One visit of a week: what one person of a provider can do in one part of a day.

    What comes with a vehicle, or asks for another certificate, is a visit of its own.
    """

    day: date
    part: Part
    provider: int
    vehicle: str
    skills: tuple[str, ...]
    lines: tuple[int, ...]


def visits(
    needs: Iterable[Need], first: date, begin: date, phase: int, days: int = DAYS
) -> list[Slot]:
    """The visits of some days from ``first``, in order; lines of one provider go together as far
    as one person can do them.
    """
    found: dict[tuple[date, Part, int, str], list[Need]] = {}
    for need in needs:
        for day in (first + timedelta(days=n) for n in range(days)):
            for part in PARTS[min(times_on(need.frequency, day, begin, phase), 3)]:
                key = (day, part, need.provider, need.vehicle)
                found.setdefault(key, []).append(need)
    order = list(Part)
    slots = [
        Slot(*key, skills, lines)
        for key, mine in found.items()
        for skills, lines in by_skills(mine).items()
    ]
    return sorted(
        slots, key=lambda s: (s.day, order.index(s.part), s.provider, s.vehicle, s.skills)
    )


def windows(day: Sequence[tuple[Part, int]]) -> list[tuple[int, int]]:
    """When the visits of one day begin, minutes since midnight, each as its part and its length:
    one after the other, so that nobody is at the door while somebody else still is there.
    """
    begins, free = [], 0
    for part, length in day:
        begin = min(max(FROM[part] * 60, free), LAST_HOUR * 60 - NARROW)
        begins.append(begin)
        free = begin + max(NARROW, -(-length // 30) * 30)
    ends = [*begins[1:], LAST_HOUR * 60]
    return [(a, max(a + NARROW, min(a + WIDE, b))) for a, b in zip(begins, ends, strict=False)]


def by_skills(needs: Iterable[Need]) -> dict[tuple[str, ...], tuple[int, ...]]:
    """Lines by the certificates that do them: nobody need hold what two lines ask for apart.

    A line goes with the first that ask for all it asks for, what needs no certificate with any.
    """
    ones = list(needs)
    asked = {one.skills for one in ones}
    widest = sorted(tuple(sorted(a)) for a in asked if not any(a < other for other in asked))
    found: dict[tuple[str, ...], list[int]] = {}
    for one in ones:
        found.setdefault(next(w for w in widest if one.skills <= {*w}), []).append(one.line)
    return {skills: tuple(sorted(lines)) for skills, lines in found.items()}


@dataclass(frozen=True)
class Choice:
    """A provider who offers a line, at a price in fen."""

    provider: int
    price: int


def fewest_hands(choices: Mapping[int, Sequence[Choice]]) -> dict[int, int]:
    """A provider for each line that has one: who covers most comes first, then who costs least.

    Fewer providers are fewer strangers at the door.
    """
    left = {line: {one.provider: one.price for one in ones} for line, ones in choices.items()}
    left = {line: ones for line, ones in left.items() if ones}
    chosen: dict[int, int] = {}
    while left:
        covers: dict[int, list[int]] = {}
        for ones in left.values():
            for provider, price in ones.items():
                covers.setdefault(provider, []).append(price)
        best = min(covers, key=lambda one: (-len(covers[one]), sum(covers[one]), one))
        taken = [line for line, ones in left.items() if best in ones]
        chosen |= dict.fromkeys(taken, best)
        left = {line: ones for line, ones in left.items() if line not in taken}
    return chosen
