"""When assessors come, as typed into a form."""

from collections.abc import Mapping
from datetime import datetime

from songbai.core import clock
from songbai.core.errors import Refused

MINUTES = (60, 90, 120)
BOOKED = "约好了，两位评估员和家属都能看到时间。"


def when_of(posted: Mapping[str, str]) -> tuple[datetime, int]:
    """Beginning and minutes of a visit.

    Raises Refused naming the field.
    """
    try:
        day = clock.day_of(posted.get("day", ""))
    except ValueError as error:
        raise Refused("请选哪一天上门。", field="day") from error
    try:
        hour, minute = (int(part) for part in posted.get("time", "").split(":")[:2])
        start = clock.at(day, hour, minute)
    except ValueError as error:
        raise Refused("请填几点上门，例如 09:30。", field="time") from error
    minutes = posted.get("minutes", "")
    if minutes not in {str(known) for known in MINUTES}:
        raise Refused("请选要多长时间。", field="minutes")
    return start, int(minutes)
