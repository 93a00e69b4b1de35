"""Dispatch without a database: states, candidates for one order, and a quick plan of a day.

``plan_day`` (regret insertion) fills what is open and moves nothing; it stands in while the kernels
of the solver are being compiled. Minutes of the day in and out.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import inf

from songbai.core.geo import distance_km
from songbai.core.worded import Worded
from songbai.domain.providers.rules import VehicleKind

from .planner.facts import Member, Need, Stop
from .solver.day.problem import Break
from .vehicles import TravelMinutes, leg, refills, way, with_words

#: Minutes that a visit by somebody the elder knows is worth (own proposal).
CONTINUITY_BONUS = 15


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
    """One way to do a job: who, when, and what it costs in minutes.

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


@dataclass(frozen=True)
class Plan:
    """Result of planning: per job the chosen candidate and the runners-up, or why it stays open."""

    chosen: dict[int, Candidate]
    others: dict[int, list[Candidate]]
    open: dict[int, Refusal]


def candidates(job: Need, workers: Iterable[Member], travel: TravelMinutes) -> list[Candidate]:
    """All caregivers who can do the job, cheapest first; whoever failed it before comes last."""
    best: dict[int, Candidate] = {}
    for worker in workers:
        if worker.provider_id != job.provider_id or not job.suits(worker):
            continue
        for index in range(len(worker.stops) + 1):
            found = _gap(job, worker, index, travel)
            if found and (worker.staff_id not in best or found.cost < best[worker.staff_id].cost):
                best[worker.staff_id] = found
    return sorted(best.values(), key=_rank)


def _rank(candidate: Candidate) -> tuple[bool, float, int]:
    return candidate.failed, candidate.cost, candidate.worker_id


def why_open(job: Need, workers: Iterable[Member]) -> Refusal:
    """Why nobody can do a job for which ``candidates`` is empty."""
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


def plan_day(jobs: Iterable[Need], workers: Iterable[Member], travel: TravelMinutes) -> Plan:
    """Give each job a caregiver by regret insertion: first the job that would lose most by waiting.

    Stops already in ``workers`` stay; chosen jobs are added to a copy of them.
    """
    crew = [replace(worker, stops=list(worker.stops)) for worker in workers]
    waiting = {job.order_id: job for job in jobs}
    options = {j: candidates(job, crew, travel) for j, job in waiting.items()}
    chosen: dict[int, Candidate] = {}
    others: dict[int, list[Candidate]] = {}
    refused: dict[int, Refusal] = {}
    while waiting:
        job_id = max(waiting, key=lambda j: (_regret(options[j]), -waiting[j].earliest, -j))
        job = waiting.pop(job_id)
        if not options[job_id]:
            refused[job_id] = why_open(job, crew)
            continue
        best, *rest = options[job_id]
        chosen[job_id], others[job_id] = best, rest[:3]
        shifts = [worker for worker in crew if worker.staff_id == best.worker_id]
        for worker in shifts:
            worker.stops.append(Stop(best.start, best.end, job.place, job.load, job.end))
            worker.stops.sort(key=lambda stop: stop.start)
        for other_id, other in waiting.items():
            if other.provider_id == job.provider_id:
                kept = [c for c in options[other_id] if c.worker_id != best.worker_id]
                more = candidates(other, shifts, travel)
                options[other_id] = sorted(kept + more, key=_rank)
    return Plan(chosen, others, refused)


def _regret(options: list[Candidate]) -> float:
    if not options:
        return -inf
    return inf if len(options) == 1 else options[1].cost - options[0].cost


def _gap(job: Need, worker: Member, index: int, travel: TravelMinutes) -> Candidate | None:
    """The job as number ``index`` of the worker's day; None when it does not fit there."""
    base = Stop(worker.starts, worker.starts, worker.base)
    before = worker.stops[index - 1] if index else base
    after = worker.stops[index] if index < len(worker.stops) else None
    full = _fill_ups(job, worker, index)
    there, wait = leg(before.leaves, job.place, worker, travel, full=index in full)
    free = max(before.end, worker.starts)
    start = max(job.earliest, free + there + wait)
    end = start + job.minutes
    if start > job.latest or end > worker.ends:
        return None
    back = travel(job.leaves, after.place, worker.mode) if after else 0
    if after and (end + back > after.start or not _in_time(worker, job, end, full, travel)):
        return None
    stop = Stop(start, end, job.place, ends_at=job.end)
    if worker.rest and not _rests(worker, worker.rest, index, stop, travel):
        return None
    direct = travel(before.leaves, after.place, worker.mode) if after else 0
    failed = worker.staff_id in job.failed
    known = worker.staff_id in job.known
    idle = start - (free + there + wait) if index else 0
    cost = there + back - direct + 0.1 * idle - (CONTINUITY_BONUS if known else 0)
    places = way(before.leaves, job.place, worker.vehicle, filled=index in full)
    km = sum(distance_km(one, other) for one, other in pairwise(places))
    return Candidate(worker.staff_id, worker.name, start, end, there, km, known, cost, wait, failed)


def _rests(worker: Member, rest: Break, index: int, new: Stop, travel: TravelMinutes) -> bool:
    """Whether the new stop leaves her her rest, or what stands has left no room for it before."""

    def room(stops: Sequence[Stop]) -> bool:
        free, here = worker.starts, worker.base
        for stop in stops:
            begin = max(free, rest.earliest)
            there = travel(here, stop.place, worker.mode)
            if begin <= rest.latest and begin + rest.minutes + there <= stop.start:
                return True
            free, here = max(free, stop.end), stop.leaves
        return free <= rest.latest

    stops = worker.stops
    return room([*stops[:index], new, *stops[index:]]) or not room(stops)


def _fill_ups(job: Need, worker: Member, index: int) -> Container[int]:
    """Before which stops the vehicle is filled up, with the job as number ``index``."""
    if worker.vehicle is None:
        return ()
    loads = [stop.load for stop in worker.stops]
    filled = refills(worker.vehicle, [*loads[:index], job.load, *loads[index:]])
    return {number for number, full in enumerate(filled) if full}


def _in_time(
    worker: Member, job: Need, end: int, full: Container[int], travel: TravelMinutes
) -> bool:
    """Whether every stop after the job is reached on whose way the vehicle is filled up."""
    now = Stop(end, end, job.place, ends_at=job.end)
    for number, stop in enumerate(worker.stops, 1):
        if stop.start < end:
            continue
        there = leg(now.leaves, stop.place, worker, travel, full=True) if number in full else (0, 0)
        if now.end + sum(there) > stop.start:
            return False
        now = stop
    return True


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
