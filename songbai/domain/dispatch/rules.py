"""Dispatch without a database: states, limits, and words for who goes and why nobody does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from songbai.core.worded import Worded
from songbai.domain.providers.rules import VehicleKind

from .planner.facts import Member, Need
from .vehicles import with_words


class AssignmentState(StrEnum):
    """States of an assignment."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


ASSIGNMENT_TRANSITIONS = ((AssignmentState.ACTIVE, AssignmentState.WITHDRAWN),)
ASSIGNMENT_ENDS = {AssignmentState.WITHDRAWN: "whoever goes after all is assigned anew"}


class PlanState(StrEnum):
    """States of a day's plan."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DROPPED = "dropped"


PLAN_TRANSITIONS = frozenset(
    {(PlanState.DRAFT, PlanState.PUBLISHED), (PlanState.DRAFT, PlanState.DROPPED)}
)
PLAN_ENDS = {
    PlanState.PUBLISHED: "the day is planned anew, or its visits are moved by hand",
    PlanState.DROPPED: "a draft told nobody; the day is planned anew",
}


class WishKind(Worded):
    """What an elder may ask of whoever comes."""

    WOMAN = "woman", "只要女护理员"
    MAN = "man", "只要男护理员"
    PREFERS = "prefers", "最好是"
    REFUSES = "refuses", "不要"


#: The sex a wish asks for, as staff have it.
WISHED_SEX = {WishKind.WOMAN: "f", WishKind.MAN: "m"}
#: Somebody who comes later than told by so many minutes is late (own proposal).
LATE_MINUTES = 15
#: A window is easily arranged when it costs at most so many points more than the cheapest, and at
#: most so many in all; a point is a minute on the road (own proposals).
ABOUT_AS_CHEAP, MOST_FOR_EASY = 5.0, 60.0
#: An older position does not say where somebody is now; nor does one whose clock is off by more,
#: or a coarser one in metres (own proposals).
FRESH, COARSEST = timedelta(minutes=10), 1000
#: Positions closer together than this say nothing new (own proposal).
SOONEST = timedelta(seconds=10)


def easy(extras: Sequence[float | None]) -> list[bool]:
    """Which of some windows are easily arranged, from what each would cost us more.

    Those about as cheap as the cheapest are, unless that one is dear; one in which nobody can come
    (None) never is.
    """
    able = [extra for extra in extras if extra is not None]
    most = min(min(able, default=0.0) + ABOUT_AS_CHEAP, MOST_FOR_EASY)
    return [extra is not None and extra <= most for extra in extras]


def says_where(at: datetime, received: datetime, accuracy: float) -> bool:
    """Whether what a phone sent says where somebody is: fresh, and good to ``COARSEST`` metres.

    ``at`` is the phone's time; a clock that is ahead is borne with as an old position is.
    """
    return abs(received - at) <= FRESH and 0 <= accuracy <= COARSEST


@dataclass(frozen=True)
class Candidate:
    """One way to do an order: who, when, and what it costs in points.

    ``travel_minutes`` are on the road; ``filling`` minutes are spent filling up on the way.
    ``failed``: she came for this order before and was judged not to have given it.
    """

    worker_id: int
    worker_name: str
    start: int
    end: int
    travel_minutes: int
    km: float
    known: bool
    cost: float
    filling: int = 0
    failed: bool = False


#: Why one caregiver cannot go who is otherwise fit for it.
FULL = "这个时段排满了、要休息，或赶不到"


class Refusal(StrEnum):
    """Why a job stays open, in words for the desk."""

    NOBODY_WORKS = "这家服务商当天没有人上班"
    NO_SKILL = "当班的人里没有人有这项资格"
    NO_BATH_VAN = "只有带助浴车的人能做，当天有资格的人都没带"
    NO_MEAL_BIKE = "只有带送餐车的人能做，当天有资格的人都没带"
    NOT_WISHED = "当班有资格的人，都不合老人提的要求"
    NO_TIME = "有资格的人在这个时段都排满了、要休息，或赶不到"
    NO_PAIR = "要两个人同时去，这个时段凑不齐"
    ASK_FIRST = "那时候已经有人在老人家里，请先问家里，再手工派"
    ONLY_FAILED = "能去的只有上次这一单核对过没有做的人，要再派她请手工派"


NO_VEHICLE = {
    VehicleKind.BATH_VAN: Refusal.NO_BATH_VAN,
    VehicleKind.MEAL_BIKE: Refusal.NO_MEAL_BIKE,
}


def why_open(job: Need, workers: Iterable[Member]) -> Refusal:
    """Why nobody can do a job for which there is nobody to offer."""
    own = [worker for worker in workers if worker.provider_id == job.provider_id]
    if not own:
        return Refusal.NOBODY_WORKS
    if not any(job.skills <= worker.skills for worker in own):
        return Refusal.NO_SKILL
    if not any(job.skills <= w.skills and job.welcomes(w) for w in own):
        return Refusal.NOT_WISHED
    if job.vehicle and not any(job.suits(worker) for worker in own):
        return NO_VEHICLE[job.vehicle]
    return Refusal.NO_TIME


def reason_words(
    candidate: Candidate,
    skills: Iterable[str],
    skill_words: dict[str, str],
    vehicle: VehicleKind | None = None,
) -> str:
    """One sentence for the desk: 1.1 公里，路上 6 分钟，带助浴车，有助浴证，以前去过."""
    parts = [f"{candidate.km:.1f} 公里，路上 {candidate.travel_minutes} 分钟"]
    if vehicle:
        parts.append(with_words(vehicle, candidate.filling))
    certificates = [skill_words.get(skill, skill) for skill in skills]
    if certificates:
        parts.append("有" + "、".join(certificates))
    if candidate.failed:
        parts.append("上次这一单核对过没有做")
    elif candidate.known:
        parts.append("以前去过")
    return "，".join(parts)
