"""What a day asks for: plain names, minutes of the day, points. Pure.

One point is worth one minute on the road. Times are minutes since midnight and may be fractions;
the search counts whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray


class BadProblem(ValueError):
    """The problem contradicts itself; the message names who or what."""


@dataclass(frozen=True)
class Weights:
    """Prices of everything that is wished for, in points (1 point = 1 minute on the road).

    Attributes:
        travel_minute: a minute on the road.
        waiting_minute: a minute of waiting between visits.
        late_minute: a minute after a soft window, per visit.
        overtime_minute: a paid minute after the shift.
        unserved: a visit of priority 1 that nobody makes; times the visit's priority.
        unfamiliar: a visit by somebody other than those the elder knows.
        unused_preference: a visit by nobody of those the elder asked for.
        changed_caregiver: an announced visit that another caregiver makes.
        changed_start_minute: a minute between the announced and the new start.
        unfair_work_minute: a minute of work above the fair share of the shift.
        unfair_travel_minute: a minute on the road above the fair amount.
        caregiver_used: somebody has a route at all.
    """

    travel_minute: float = 1.0
    waiting_minute: float = 0.1
    late_minute: float = 2.0
    overtime_minute: float = 1.5
    unserved: float = 500.0
    unfamiliar: float = 15.0
    unused_preference: float = 15.0
    changed_caregiver: float = 30.0
    changed_start_minute: float = 0.3
    unfair_work_minute: float = 0.2
    unfair_travel_minute: float = 0.2
    caregiver_used: float = 0.0

    @classmethod
    def read(cls, rows: Mapping[str, float]) -> Weights:
        """Weights from a mapping; what is missing keeps its default.

        Raises:
            BadProblem: an unknown name, or a negative price.
        """
        known = {f.name for f in fields(cls)}
        for name, price in rows.items():
            if name not in known:
                raise BadProblem(f"weight {name}: not known")
            if price < 0:
                raise BadProblem(f"weight {name}: {price} is negative")
        return cls(**{name: float(price) for name, price in rows.items()})


@dataclass(frozen=True)
class Break:
    """A rest that begins within the window, unless the route is home before it must begin."""

    earliest: float
    latest: float
    minutes: float


@dataclass(frozen=True)
class Caregiver:
    """Somebody on shift (or a bath van with its crew).

    Attributes:
        start_place, end_place: index of a place; None: need not come back.
        starts, ends: the shift.
        most_overtime: paid minutes after ``ends``, at most.
        skills: certificates held.
        mode: key of ``Problem.travel``.
        capacity: how much fits between two refills; None without limit. load: used at the start.
        refill_place, refill_minutes: where and how long a van fills up; a full stop on the way.
        fair_travel: minutes on the road that are nobody's complaint; None without limit.
    """

    id: str
    start_place: int
    starts: float
    ends: float
    end_place: int | None = None
    most_overtime: float = 0.0
    skills: frozenset[str] = frozenset()
    mode: str = "ebike"
    breaks: tuple[Break, ...] = ()
    capacity: int | None = None
    load: int = 0
    refill_place: int | None = None
    refill_minutes: float = 0.0
    fair_travel: float | None = None


@dataclass(frozen=True)
class Visit:
    """One caregiver's part of a visit.

    Attributes:
        place, end_place: where it begins and ends (an escort ends at the hospital).
        earliest, latest: window of the start; late beyond it costs, or is forbidden if ``hard``.
        priority: times ``Weights.unserved`` when nobody comes; raise it for must-do visits.
        known: caregivers the elder knows (continuity).
        preferred: caregivers asked for. forbidden: refused, or barred by the elder's wish.
        only: the only caregivers allowed; None: all.
        pinned_to, pinned_start: a decision that stands; never moved.
        announced_to, announced_start: what was told; changing it has a price.
        amount: how much of the vehicle's capacity it uses.
    """

    id: str
    place: int
    earliest: float
    latest: float
    minutes: float
    end_place: int | None = None
    hard: bool = False
    skills: frozenset[str] = frozenset()
    priority: float = 1.0
    known: frozenset[str] = frozenset()
    preferred: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    pinned_to: str | None = None
    pinned_start: float | None = None
    announced_to: str | None = None
    announced_start: float | None = None
    amount: int = 0


@dataclass(frozen=True)
class Relation:
    """``second`` starts at least ``least`` and at most ``most`` minutes after ``first`` starts.

    ``same_caregiver``: True together (pick up, bring), False two people, None no matter.
    Related visits are made all or none.
    """

    first: str
    second: str
    least: float = 0.0
    most: float | None = None
    same_caregiver: bool | None = False


@dataclass(frozen=True)
class Problem:
    """A day: who, what, how far.

    ``travel[mode]`` is a square matrix of minutes between places.
    """

    caregivers: tuple[Caregiver, ...]
    visits: tuple[Visit, ...]
    travel: Mapping[str, NDArray[np.float64]]
    relations: tuple[Relation, ...] = ()
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        """Raise BadProblem with the first contradiction."""
        check(self)

    def filled(self, caregiver: Caregiver, amounts: Sequence[int]) -> list[bool]:
        """Whether the caregiver fills up on the way to each of the visits of a route."""
        load, found = caregiver.load, []
        for amount in amounts:
            full = caregiver.capacity is not None and load + amount > caregiver.capacity
            found.append(full and caregiver.refill_place is not None)
            load = amount if full else load + amount
        return found


@dataclass(frozen=True)
class Assignment:
    """Who makes a visit, and when (minutes since midnight)."""

    visit: str
    caregiver: str
    start: float
    end: float


@dataclass(frozen=True)
class Plan:
    """Routes in driving order, visits nobody makes, and the cost in points with its parts."""

    routes: Mapping[str, tuple[Assignment, ...]]
    unserved: tuple[str, ...]
    cost: float

    def find(self, visit: str) -> Assignment | None:
        """The assignment of a visit, or None when nobody makes it."""
        for route in self.routes.values():
            for assignment in route:
                if assignment.visit == visit:
                    return assignment
        return None


def check(problem: Problem) -> None:
    """Names unique and known, places in the matrix, windows the right way round."""
    crew = _unique("caregiver", [c.id for c in problem.caregivers])
    wanted = _unique("visit", [v.id for v in problem.visits])
    places = _places(problem.travel)
    for caregiver in problem.caregivers:
        _check_caregiver(caregiver, problem, places)
    for visit in problem.visits:
        _check_visit(visit, crew, places)
    for relation in problem.relations:
        missing = {relation.first, relation.second} - wanted
        if missing or relation.first == relation.second:
            raise BadProblem(f"relation {relation.first}–{relation.second}: unknown visit")
        if relation.most is not None and relation.most < relation.least:
            raise BadProblem(f"relation {relation.first}–{relation.second}: most below least")


def _unique(kind: str, names: Sequence[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadProblem(f"{kind} {name}: listed twice")
        seen.add(name)
    return seen


def _places(travel: Mapping[str, NDArray[np.float64]]) -> int:
    sizes = {m.shape for m in travel.values()}
    if len(sizes) != 1 or len(next(iter(sizes))) != 2 or len(set(next(iter(sizes)))) != 1:
        raise BadProblem("travel: every mode needs a square matrix of the same size")
    for mode, matrix in travel.items():
        if not np.isfinite(matrix).all() or (matrix < 0).any():
            raise BadProblem(f"travel {mode}: negative or missing minutes")
    return int(next(iter(sizes))[0])


def _check_caregiver(caregiver: Caregiver, problem: Problem, places: int) -> None:
    who = f"caregiver {caregiver.id}"
    ends = (caregiver.start_place, caregiver.end_place, caregiver.refill_place)
    if any(place is not None and not 0 <= place < places for place in ends):
        raise BadProblem(f"{who}: a place is not in the matrix")
    if caregiver.ends < caregiver.starts or caregiver.most_overtime < 0:
        raise BadProblem(f"{who}: the shift ends before it starts")
    if caregiver.mode not in problem.travel:
        raise BadProblem(f"{who}: no travel times for {caregiver.mode}")
    if len(caregiver.breaks) > 2:
        raise BadProblem(f"{who}: at most two breaks")
    if any(b.latest < b.earliest or b.minutes < 0 for b in caregiver.breaks):
        raise BadProblem(f"{who}: a break's window is the wrong way round")
    if caregiver.capacity is not None and not 0 <= caregiver.load <= caregiver.capacity:
        raise BadProblem(f"{who}: capacity below zero, or more is used than fits")


def _check_visit(visit: Visit, crew: set[str], places: int) -> None:
    what = f"visit {visit.id}"
    if not 0 <= visit.place < places or not 0 <= (visit.end_place or 0) < places:
        raise BadProblem(f"{what}: the place is not in the matrix")
    if visit.latest < visit.earliest or visit.minutes < 0:
        raise BadProblem(f"{what}: the window is the wrong way round")
    if visit.priority < 0 or visit.amount < 0:
        raise BadProblem(f"{what}: priority or amount below zero")
    if visit.pinned_to is not None and visit.pinned_to not in crew:
        raise BadProblem(f"{what}: pinned to {visit.pinned_to}, who is not on shift")
    if visit.pinned_start is not None and visit.pinned_to is None:
        raise BadProblem(f"{what}: a pinned start needs a pinned caregiver")
