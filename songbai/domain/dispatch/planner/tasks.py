"""One provider's day as a problem for the solver, from where everybody is now.

What a vehicle means there; and two caregivers of one order, who come together, or nobody comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from songbai.core.geo import Mode, Place
from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.solver.day.problem import (
    Assignment,
    Break,
    Caregiver,
    Plan,
    Problem,
    Relation,
    Visit,
)
from songbai.domain.dispatch.vehicles import Vehicle, used_by

from .between import between
from .facts import SOON, Decided, Facts, Member, Need
from .prices import House


@dataclass(frozen=True)
class Apart:
    """Staff whose day breaks a limit as it stands, and their visits: nobody's to plan."""

    staff: frozenset[int] = frozenset()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Task:
    """A problem, what stands in it, and who and what its names mean.

    Attributes:
        standing: the plan that was announced, as far as the problem allows.
        members: by the caregiver's name in the problem. needs: by the visit's name.
        apart: whose day is left as it is.
    """

    provider_id: int
    problem: Problem
    standing: Plan
    members: Mapping[str, Member]
    needs: Mapping[str, Need]
    places: tuple[Place, ...]
    apart: Apart

    def caregiver_of(self, staff_id: int, minute: int) -> str | None:
        """The name of somebody's shift at that time, or the nearest one."""
        return _shift_at(self.members, staff_id, minute)


def task_of(
    facts: Facts,
    provider_id: int,
    house: House,
    travel: Travel,
    *,
    keep: bool = False,
    decided: Mapping[str, Decided] | None = None,
    apart: Apart | None = None,
) -> Task:
    """One provider's day.

    Args:
        keep: what stands is not moved; otherwise moving it has its price.
        decided: what a dispatcher fixed, by the need's key.
        apart: whose day is left as it is.
    """
    facts, fixed, apart = facts.of(provider_id), decided or {}, apart or Apart()
    index: dict[Place, int] = {}
    here = [m for m in facts.members if m.staff_id not in apart.staff]
    here.sort(key=lambda m: (m.starts, m.shift_id))
    crew = {m.shift_id: _caregiver(m, facts, house, index) for m in here}
    members = {str(m.shift_id): m for m in here if crew[m.shift_id]}
    needs_ = (need for need in beside_who_stands(facts.needs) if need.key not in apart.keys)
    ahead = [need for need in needs_ if not need.has_begun]
    visits, needs = [], {}
    half = {need.order_id for need in ahead if need.standing and _told(members, need) is None}
    for need in ahead:
        stays = keep and need.order_id not in half  # two come together or nobody
        visits.append(_visit(need, facts, members, stays, fixed.get(need.key), index))
        needs[need.key] = need
    places = tuple(index)
    minutes = {
        mode.value: travel.matrix(places, places, mode).astype(np.float64)
        for mode in sorted({m.mode for m in facts.members}) or [Mode.EBIKE]
    }
    problem = Problem(
        tuple(filter(None, crew.values())), tuple(visits), minutes, pairs(needs), house.weights
    )
    return Task(provider_id, problem, _standing(problem), members, needs, places, apart)


def with_new(task: Task, need: Need, travel: Travel) -> tuple[Problem, Visit]:
    """The problem with the places of a need more, and a visit there that is not in it."""
    added = [need.place] if need.end is None else [need.place, need.end]
    places, new = (*task.places, *added), len(added)
    minutes = {}
    for mode, known in task.problem.travel.items():
        grown = np.zeros((len(places), len(places)))
        grown[:-new, :-new] = known
        grown[-new:] = travel.matrix(added, places, Mode(mode))
        grown[:, -new:] = travel.matrix(places, added, Mode(mode))
        minutes[mode] = grown
    visit = Visit(
        id="new",
        place=len(task.places),
        end_place=None if need.end is None else len(places) - 1,
        earliest=0,
        latest=0,
        minutes=need.minutes,
        skills=need.skills,
        known=_shifts(task.members, need.known),
        preferred=_shifts(task.members, need.preferred),
        forbidden=_unwelcome(task.members, need),
        only=carrying(task.members, need),
        amount=need.load,
    )
    return replace(task.problem, travel=minutes), visit


def _caregiver(
    member: Member, facts: Facts, house: House, index: dict[Place, int]
) -> Caregiver | None:
    """Somebody's shift from now on; None when nothing of it is left."""
    starts, place, begun = member.starts, member.base, _begun(member, facts)
    if facts.now is not None:
        starts = max(starts, facts.now + 1)
    if begun:
        since, last = begun[-1]
        place = last.leaves
        if last.standing and last.standing.ended is None:
            now = facts.now if facts.now is not None else since
            starts = max(starts, since + last.minutes, now + SOON if now > since else 0)
    here = between(member, facts.sent.get(member.staff_id, ()))
    if here is not None:
        place = here.place
    if starts > member.ends + house.most_overtime:
        return None
    caregiver = Caregiver(
        id=str(member.shift_id),
        start_place=_place(index, place),
        starts=starts,
        ends=max(member.ends, starts),
        most_overtime=house.most_overtime,
        skills=member.skills,
        mode=member.mode.value,
        breaks=_rests(member, facts, house, starts),
    )
    if member.vehicle is None:
        return caregiver
    loads = [need.load for _, need in begun]
    return with_vehicle(caregiver, member.vehicle, loads, _place(index, member.vehicle.refill))


def _begun(member: Member, facts: Facts) -> list[tuple[int, Need]]:
    """What somebody has begun on this shift, and when, in order of time."""
    hers = [
        (need.standing.begun, need) for need in facts.sent.get(member.staff_id, ()) if need.standing
    ]
    found = [(since, need) for since, need in hers if since is not None]
    on_shift = [
        (since, need)
        for since, need in found
        if member.starts <= since + need.minutes and since <= member.ends
    ]
    return sorted(on_shift, key=lambda pair: pair[0])


def _rests(member: Member, facts: Facts, house: House, starts: int) -> tuple[Break, ...]:
    """The rest of a long shift, unless what stands already leaves no room for it."""
    rest = house.rest
    if member.ends - member.starts <= house.rest_after or starts > rest.latest:
        return ()
    busy = sorted(
        (n.standing.start, n.standing.start + n.minutes)
        for n in facts.sent.get(member.staff_id, ())
        if n.standing
    )
    free = rest.earliest
    for begin, end in busy:
        if begin >= free + rest.minutes:
            break
        free = max(free, end)
    return (rest,) if free <= rest.latest else ()


def _visit(
    need: Need,
    facts: Facts,
    members: Mapping[str, Member],
    keep: bool,
    decided: Decided | None,
    index: dict[Place, int],
) -> Visit:
    earliest, latest = _window(need, facts.now, whole=decided is not None)
    stands, told = need.standing, _told(members, need)
    visit = Visit(
        id=need.key,
        place=_place(index, need.place),
        end_place=None if need.end is None else _place(index, need.end),
        earliest=earliest,
        latest=max(latest, earliest),
        minutes=need.minutes,
        hard=stands is None,
        skills=need.skills,
        priority=0.0 if stands is None and latest < earliest else 1.0,
        known=_shifts(members, need.known),
        preferred=_shifts(members, need.preferred),
        forbidden=_unwelcome(members, need),
        announced_to=(told or f"staff {stands.staff_id}") if stands else None,
        announced_start=stands.start if stands else None,
        only=carrying(members, need),
        amount=need.load,
    )
    if decided is not None:
        start = decided.start if decided.start is None or decided.start > (facts.now or 0) else None
        who = _shift_at(members, decided.staff_id, start or need.earliest)
        return visit if who is None else replace(visit, pinned_to=who, pinned_start=start)
    if keep and stands and told:
        return replace(visit, pinned_to=told, pinned_start=earliest)
    return visit


def _window(need: Need, now: int | None, *, whole: bool) -> tuple[float, float]:
    """When it may begin: never sooner than told; ``whole``: also in what was left to others."""
    earliest, latest = need.agreed if whole else (need.earliest, need.latest)
    if need.standing:
        earliest, latest = need.standing.start, max(latest, need.standing.start)
    return earliest if now is None else max(earliest, now + 1), latest


def _told(members: Mapping[str, Member], need: Need) -> str | None:
    """The shift of whoever was sent; None: she does not work, or has not the vehicle, any more."""
    stands = need.standing
    told = _shift_at(members, stands.staff_id, stands.start) if stands else None
    return told if told and need.carried_by(members[told]) else None


def _unwelcome(members: Mapping[str, Member], need: Need) -> frozenset[str]:
    wrong = {key for key, m in members.items() if need.sex and m.sex != need.sex}
    return frozenset(wrong | _shifts(members, need.refused | need.failed))


def _shifts(members: Mapping[str, Member], staff: frozenset[int]) -> frozenset[str]:
    return frozenset(key for key, m in members.items() if m.staff_id in staff) if staff else NO_ONE


def _shift_at(members: Mapping[str, Member], staff_id: int, minute: int) -> str | None:
    own = [(key, member) for key, member in members.items() if member.staff_id == staff_id]
    if not own:
        return None

    def apart(pair: tuple[str, Member]) -> int:
        return max(0, pair[1].starts - minute, minute - pair[1].ends)

    return min(own, key=apart)[0]


def _place(index: dict[Place, int], place: Place) -> int:
    return index.setdefault(place, len(index))


def _standing(problem: Problem) -> Plan:
    """What was announced, as routes."""
    crew = {caregiver.id for caregiver in problem.caregivers}
    routes: dict[str, list[Assignment]] = {caregiver.id: [] for caregiver in problem.caregivers}
    for visit in problem.visits:
        who, start = visit.announced_to, visit.announced_start
        if who in crew and who is not None and start is not None and visit.pinned_to in (None, who):
            routes[who].append(Assignment(visit.id, who, start, start + visit.minutes))
        elif visit.pinned_to is not None:
            start = visit.pinned_start if visit.pinned_start is not None else visit.earliest
            pinned = Assignment(visit.id, visit.pinned_to, start, start + visit.minutes)
            routes[visit.pinned_to].append(pinned)
    return routed(problem, routes)


def routed(problem: Problem, routes: Mapping[str, list[Assignment]]) -> Plan:
    """A plan from what each caregiver does, in order of time; its cost is not known yet."""
    ordered = {k: tuple(sorted(r, key=lambda a: (a.start, a.visit))) for k, r in routes.items()}
    served = {a.visit for route in ordered.values() for a in route}
    return Plan(ordered, tuple(v.id for v in problem.visits if v.id not in served), 0.0)


NO_ONE: frozenset[str] = frozenset()
#: Two caregivers of one order begin together.
TOGETHER = Relation("", "", 0, 0, same_caregiver=False)


def beside_who_stands(needs: Iterable[Need]) -> list[Need]:
    """Needs in order; where one of two caregivers was sent, the other one comes when she does."""
    sent = {need.order_id: need.standing for need in needs if need.standing}
    found = []
    for need in sorted(needs, key=lambda n: (n.order_id, n.seat)):
        first = sent.get(need.order_id)
        if need.standing is None and first is not None:
            refused = need.refused | {first.staff_id}
            found.append(replace(need, earliest=first.start, latest=first.start, refused=refused))
            continue
        found.append(need)
    return found


def pairs(needs: Mapping[str, Need]) -> tuple[Relation, ...]:
    """Two who are both still to be found, or were sent for one time, stay together."""
    return tuple(
        replace(TOGETHER, first=first.key, second=need.key)
        for need in needs.values()
        if need.seat > 1 and (first := needs.get(str(need.order_id))) and _together(first, need)
    )


def _together(first: Need, second: Need) -> bool:
    one, other = first.standing, second.standing
    if one is None or other is None:
        return one is other
    return one.start == other.start and one.staff_id != other.staff_id


def carrying(members: Mapping[str, Member], need: Need) -> frozenset[str] | None:
    """Shifts with the vehicle that a need asks for; None: it asks for none."""
    if need.vehicle is None:
        return None
    return frozenset(key for key, member in members.items() if need.carried_by(member))


def with_vehicle(
    caregiver: Caregiver, vehicle: Vehicle, loads: Sequence[int], refill_place: int
) -> Caregiver:
    """Somebody with what is left in her vehicle after visits of these loads."""
    return replace(
        caregiver,
        capacity=vehicle.capacity,
        load=min(vehicle.capacity, used_by(vehicle, loads)),
        refill_place=refill_place,
        refill_minutes=vehicle.minutes,
    )
