"""When somebody must be assessed again: by validity, or by what happened to them since."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from .parts import Process


class Happening(StrEnum):
    """What other rooms report about an elder."""

    FALL = "fall"
    WANDERED = "wandered"
    CHOKED = "choked"
    SELF_HARM = "self_harm"
    OTHER_RISK = "other_risk"
    LEFT_HOSPITAL = "left_hospital"
    WOKE_FROM_COMA = "woke_from_coma"
    DIED = "died"


RISKS = frozenset(
    {Happening.FALL, Happening.WANDERED, Happening.CHOKED, Happening.SELF_HARM,
     Happening.OTHER_RISK}
)  # fmt: skip


class Why(StrEnum):
    """Why an assessment is due, in words."""

    EXPIRES = "结果快到期"
    RISK_EVENTS = "近期多次发生照护风险事件"
    LEFT_HOSPITAL = "住院后要重新评估"
    WOKE_FROM_COMA = "昏迷好转后要重新评估"


@dataclass(frozen=True)
class Event:
    """One thing that happened on a day."""

    kind: Happening
    day: date


@dataclass(frozen=True)
class Due:
    """From which day an assessment is due, and why."""

    day: date
    why: Why


def months_later(day: date, months: int) -> date:
    """The same day some months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def valid_until(process: Process, concluded: date) -> date:
    """The last day a result is valid."""
    return months_later(concluded, process.valid_months) - timedelta(days=1)


def due(process: Process, concluded: date, valid_to: date, events: Iterable[Event]) -> Due | None:
    """When the next assessment is due; None for somebody who has died.

    Only what happened on or after the day of the last result counts.
    """
    since = sorted(
        (event for event in events if event.day >= concluded), key=lambda event: event.day
    )
    if any(event.kind is Happening.DIED for event in since):
        return None
    found = [Due(valid_to - timedelta(days=process.due_days_before), Why.EXPIRES)]
    rule = process.after_risk_events
    risky = [event.day for event in since if event.kind in RISKS]
    if rule:
        found += [
            Due(risky[last] + timedelta(days=rule.due_in_days), Why.RISK_EVENTS)
            for last in range(rule.count - 1, len(risky))
            if (risky[last] - risky[last - rule.count + 1]).days < rule.within_days
        ]
    for kind, days, why in (
        (Happening.LEFT_HOSPITAL, process.after_hospital_days, Why.LEFT_HOSPITAL),
        (Happening.WOKE_FROM_COMA, process.after_coma_days, Why.WOKE_FROM_COMA),
    ):
        if days is not None:
            found += [
                Due(event.day + timedelta(days=days), why) for event in since if event.kind is kind
            ]
    return min(found, key=lambda one: one.day)
