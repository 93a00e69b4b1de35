"""Who could be sent for one order while all that stands stays: what a hand is offered.

It is the engine with one insertion: the prices and limits of a plan. What a search leaves open it
tries once more, in all of the order's own window.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.rules import Candidate, Refusal, reason_words, why_open

from .apart import apart
from .facts import Facts, Member, Need, Standing
from .lines import MOST_OTHERS, Line, way_to
from .prices import House
from .tasks import Task, task_of, with_new

F = TypeVar("F", bound=Callable[..., Any])


def as_told(facts: Facts, provider_id: int, house: House, travel: Travel) -> Task:
    """What stands on a provider's day as it will be, with nothing of it left to decide.

    Whoever was sent stays, whatever is wished or needed; whoever runs late is late, and no later.
    """
    from songbai.domain.dispatch.solver.day.explain import as_it_will_be

    own = facts.of(provider_id)
    crew: dict[int, list[Member]] = {}
    for member in own.members:
        crew.setdefault(member.staff_id, []).append(member)
    told = tuple(_bare(need, crew.get(who, ())) for who in own.sent for need in own.sent[who])
    task = task_of(replace(own, needs=told), provider_id, house, travel, keep=True)
    visits = tuple(
        replace(visit, pinned_to=visit.announced_to, pinned_start=visit.earliest)
        if visit.announced_to in task.members
        else visit
        for visit in task.problem.visits
    )
    problem = replace(task.problem, visits=visits, relations=())
    return replace(task, problem=_run(as_it_will_be)(problem, task.standing))


def offers(task: Task, need: Need, travel: Travel) -> list[Candidate]:
    """Everybody who could do a need on a day ``as_told``, cheapest first.

    Whoever failed it before comes last. ``cost`` is what it makes the day cost more.
    """
    from songbai.domain.dispatch.solver.day.explain import places_for

    if need.latest < need.earliest:
        return []
    problem, visit = with_new(task, replace(need, failed=frozenset()), travel)
    visit = replace(visit, earliest=need.earliest, latest=need.latest, hard=True)
    places = (*task.places, need.place, *([need.end] if need.end else []))
    visits = {one.id: one for one in problem.visits}
    crew = {caregiver.id: caregiver for caregiver in problem.caregivers}
    best: dict[int, Candidate] = {}
    for one in _run(places_for)(problem, task.standing, visit):
        member = task.members[one.caregiver]
        if member.staff_id in best:
            continue  # on her other shift, for less
        route = [visits[a.visit] for a in task.standing.routes.get(one.caregiver, ())]
        route.insert(one.number, visit)
        way = way_to(problem, places, crew[one.caregiver], route, one.number)
        best[member.staff_id] = Candidate(
            worker_id=member.staff_id,
            worker_name=member.name,
            start=round(one.start),
            end=round(one.start) + need.minutes,
            travel_minutes=way.minutes,
            km=way.metres / 1000,
            known=member.staff_id in need.known,
            cost=round(one.extra, 6),
            filling=way.filling,
            failed=member.staff_id in need.failed,
        )
    return sorted(best.values(), key=lambda one: (one.failed, one.cost, one.worker_id))


def _run(function: F) -> F:
    """The function compiled, or as it is while its kernels are not there yet."""
    from songbai.domain.dispatch.solver.compiled import interpreted

    from . import engine

    return function if engine.is_ready() else interpreted(function)


def _bare(need: Need, hers: Sequence[Member]) -> Need:
    """A need for which somebody was sent on one of her shifts, without what the choice hung on."""
    return replace(
        need,
        skills=frozenset(),
        refused=frozenset(),
        failed=frozenset(),
        sex="",
        vehicle=None,
        load=need.load if any(need.carried_by(member) for member in hers) else 0,
    )


def by_hand(
    facts: Facts,
    lines: Sequence[Line],
    house: House,
    travel: Travel,
    skill_words: dict[str, str],
) -> list[Line]:
    """The lines; what is open in them goes, one after the other, to whom a hand would send.

    The search leaves whole days alone that break a limit as they stand (somebody is late): whoever
    has such a day may still have time later. An order for two is left as it is.
    """
    done = {line.need.key: line for line in lines}
    for_two = {need.order_id for need in facts.needs if need.seat > 1}
    left = [n.need for n in lines if n.staff_id is None and n.need.order_id not in for_two]
    tasks: dict[int, Task] = {}
    for need in sorted(left, key=lambda n: (n.latest, n.order_id)):
        then = replace(facts, needs=tuple(placed(n, done.get(n.key)) for n in facts.needs))
        if need.provider_id not in tasks:
            tasks[need.provider_id] = as_told(then, need.provider_id, house, travel)
        wanted = whole(need, then)
        able = [o for o in offers(tasks[need.provider_id], wanted, travel) if not o.failed]
        if able:
            done[need.key] = _line(need, able, skill_words)
            del tasks[need.provider_id]
    return list(done.values())


def why_nobody(need: Need, facts: Facts) -> Refusal:
    """Why a need stays open, in the desk's words; of all who work, also whose day is full."""
    why = why_open(need, facts.members)
    if why is not Refusal.NO_TIME:
        return why
    if any(other.seat > 1 for other in facts.needs if other.order_id == need.order_id):
        return Refusal.NO_PAIR
    return Refusal.ONLY_FAILED if need.failed else why


def placed(need: Need, line: Line | None) -> Need:
    """A need as if its line were true; what has begun has none."""
    if line is None or not line.changed:
        return need
    if line.staff_id is None or line.start is None:
        return replace(need, standing=None)
    return replace(need, standing=Standing(0, line.staff_id, line.start))


def whole(need: Need, placed: Facts) -> Need:
    """An open need with all of its window that is left, in which nobody else is at the elder's."""
    begin, end = need.agreed
    own = replace(need, earliest=begin, latest=end, standing=None)
    beside = [n for n in placed.needs if n.standing and n.elder_id == need.elder_id]
    [found] = apart([own], [own, *beside], placed.now)
    soonest = found.earliest if placed.now is None else max(found.earliest, placed.now + 1)
    return replace(found, earliest=soonest)


def _line(need: Need, able: Sequence[Candidate], skill_words: dict[str, str]) -> Line:
    choice, *rest = able
    others = [
        {
            "staff": other.worker_id,
            "name": other.worker_name,
            "start": other.start,
            "extra": round(other.cost - choice.cost, 1),
        }
        for other in rest[:MOST_OTHERS]
    ]
    return Line(
        need,
        choice.worker_id,
        choice.worker_name,
        choice.start,
        choice.travel_minutes,
        round(choice.km * 1000),
        reason_words(choice, sorted(need.skills), skill_words, need.vehicle),
        {"familiar": choice.known if need.known else None, "others": others},
        choice.filling,
    )
