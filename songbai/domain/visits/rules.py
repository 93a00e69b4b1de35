"""Pure rules of visit evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from songbai.core import clock
from songbai.core.worded import Worded

#: A position farther from the home than this needs a reason (own proposal, like the limits below).
NEAR_METRES = 200
#: The same for a hospital or another destination, which is larger than a home.
NEAR_DESTINATION_METRES = 500
LATE = timedelta(minutes=15)
#: Who comes earlier than this was not awaited.
EARLY = timedelta(minutes=30)
#: A record that arrives later than this after the scan says so.
LATE_RECORD = timedelta(minutes=10)
#: Clocks of phones may run ahead by this much.
CLOCK_AHEAD = timedelta(minutes=5)
OLDEST_RECORD = timedelta(hours=72)
#: A phone may make a stay longer by this much before the stay rests on its word (own proposal).
SLACK_MINUTES = 2
#: A visit shorter than this share of its standard needs a reason.
SHORTEST_SHARE = 0.8


#: When something happened as its record says, and when we received the record.
Times = tuple[datetime, datetime]


class VisitState(StrEnum):
    """States of a visit."""

    SERVING = "serving"
    CHECKED_OUT = "checked_out"
    NOT_GIVEN = "not_given"  # somebody looked: no care was given, it counts nowhere


TRANSITIONS = frozenset(
    {
        (VisitState.SERVING, VisitState.CHECKED_OUT),
        (VisitState.CHECKED_OUT, VisitState.NOT_GIVEN),
    }
)
ENDS = {VisitState.NOT_GIVEN: "somebody goes again: another visit"}


class Doubt(Worded):
    """What a person must look at."""

    FAR = "far", "签到位置离家太远"
    NO_POSITION = "no_position", "没有定位"
    NO_CODE = "no_code", "没有扫码"
    NOT_THERE = "not_there", "签退时不在目的地"
    LATE_RECORD = "late_record", "记录晚到"
    LATE = "late", "比约定晚到"
    EARLY = "early", "比约定早到太多"
    SHORT = "short", "时长不足"
    UNPROVED = "unproved", "时长只有手机时间作证"
    OVERLAP = "overlap", "同一时间还在服务别家"
    STEPS = "steps", "有必做步骤没做"
    NO_ANSWER = "no_answer", "报过没人开门"
    UNWELL = "unwell", "报过老人不舒服"
    DANGER = "danger", "量到过危险的数"
    DENIED = "denied", "家里说没做好"


#: Doubts that the caregiver must explain before the record is accepted.
NEEDS_REASON = frozenset(
    {Doubt.FAR, Doubt.NO_POSITION, Doubt.NO_CODE, Doubt.NOT_THERE, Doubt.SHORT, Doubt.STEPS}
)


#: Doubts whether the care was given: the money waits until somebody has looked.
HOLDS_MONEY = NEEDS_REASON | {
    *(Doubt.EARLY, Doubt.UNPROVED, Doubt.OVERLAP, Doubt.NO_ANSWER, Doubt.UNWELL, Doubt.DANGER),
    Doubt.DENIED,
}


@dataclass(frozen=True)
class Stay:
    """Whole minutes of a visit: as its records say, as the standard asks, as we received them."""

    minutes: int
    standard: int
    received: int

    def doubts(self) -> list[Doubt]:
        """Too short; or long enough by the phone's clock alone, with both records come together."""
        least = self.standard * SHORTEST_SHARE
        if self.minutes < least:
            return [Doubt.SHORT]
        told = self.minutes - self.received > SLACK_MINUTES
        return [Doubt.UNPROVED] if told and self.received < least else []


def stay(begin: Times, end: Times, standard: int) -> Stay:
    """How long a visit was, between two records."""
    at, received = (clock.minutes_between(a, b) for a, b in zip(begin, end, strict=True))
    return Stay(at, standard, received)


class Where(Worded):
    """Where a caregiver was when she learnt that an elder is unwell."""

    DOOR = "door", "我在老人家"
    PHONE = "phone", "电话里听说的"


class Trouble(Worded):
    """What a caregiver says from the door when it cannot go on as planned; what she measured is
    said for her.
    """

    NO_ANSWER = "no_answer", "没人开门"
    UNWELL = "unwell", "老人不舒服"
    DANGER = "danger", "量到危险的数"

    @property
    def doubt(self) -> Doubt:
        """What it leaves at the visit."""
        return Doubt(self.value)


#: What a caregiver may report herself.
TO_SAY = (Trouble.NO_ANSWER, Trouble.UNWELL)


@dataclass(frozen=True)
class Finding:
    """One element of the evidence: what was found, against what was asked."""

    name: str
    holds: bool
    found: str
    asked: str = ""


def record_time(device: datetime | None, received: datetime) -> datetime:
    """When something happened: the device's time, unless it is in the future or far too old."""
    if device is None or device > received + CLOCK_AHEAD or received - device > OLDEST_RECORD:
        return received
    return min(device, received)


def position_doubt(metres: int | None, *, scanned: bool) -> list[Doubt]:
    """Doubts about where: no position, too far from home, no code scanned."""
    doubts = []
    if metres is None:
        doubts.append(Doubt.NO_POSITION)
    elif metres > NEAR_METRES:
        doubts.append(Doubt.FAR)
    if not scanned:
        doubts.append(Doubt.NO_CODE)
    return doubts


def destination_doubt(metres: int | None) -> list[Doubt]:
    """Doubts about where a visit ended that ends at a destination; nobody's code hangs there."""
    if metres is None:
        return [Doubt.NO_POSITION]
    return [Doubt.NOT_THERE] if metres > NEAR_DESTINATION_METRES else []


def arrival_doubts(planned: datetime, happened: datetime) -> list[Doubt]:
    """Doubts about when somebody came."""
    if happened - planned > LATE:
        return [Doubt.LATE]
    return [] if is_awaited(planned, happened) else [Doubt.EARLY]


def is_awaited(planned: datetime, moment: datetime) -> bool:
    """Whether who comes at a moment does not come too early for the planned time."""
    return planned - moment <= EARLY


def record_doubts(device: datetime | None, received: datetime) -> list[Doubt]:
    """Doubts about a record: it came long after its device made it, whether believed or not."""
    late = device is not None and received - device > LATE_RECORD
    return [Doubt.LATE_RECORD] if late else []


def departure_doubts(stayed: Stay, missing_steps: Iterable[str]) -> list[Doubt]:
    """Doubts about what was done: too short, unproved, required steps missing."""
    return stayed.doubts() + ([Doubt.STEPS] if list(missing_steps) else [])


def doubts_coming(
    metres: int | None,
    planned: datetime,
    happened: datetime,
    device: datetime | None,
    received: datetime,
    *,
    scanned: bool,
) -> list[Doubt]:
    """All doubts of a check-in."""
    where = position_doubt(metres, scanned=scanned)
    return where + arrival_doubts(planned, happened) + record_doubts(device, received)


def doubts_leaving(
    metres: int | None,
    stayed: Stay,
    missing_steps: Iterable[str],
    device: datetime | None,
    received: datetime,
    *,
    scanned: bool,
    returns: bool,
) -> list[Doubt]:
    """All doubts of a check-out at home or (not ``returns``) at the destination."""
    where = position_doubt(metres, scanned=scanned) if returns else destination_doubt(metres)
    return where + departure_doubts(stayed, missing_steps) + record_doubts(device, received)


def distance_words(metres: int | None) -> str:
    """38 米 / 3.0 公里 / 没有定位."""
    if metres is None:
        return "没有定位"
    return f"{metres} 米" if metres < 1000 else f"{metres / 1000:.1f} 公里"
