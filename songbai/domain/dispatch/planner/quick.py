"""A quick plan without kernels: what is open is filled in, what stands is not moved.

It chooses as a dispatcher does by hand, so it has the last word on what the search leaves open too.
"""

from collections.abc import Sequence
from dataclasses import replace

from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.rules import Plan, Refusal, plan_day, reason_words, why_open

from .apart import apart
from .facts import Facts, Member, Need, Standing, Stop, busy_until
from .lines import MOST_OTHERS, Line, told_line


def quick_lines(
    facts: Facts, travel: Travel, skill_words: dict[str, str]
) -> tuple[list[Line], dict[str, Refusal]]:
    """A line for every need that has not begun, and why some stay open.

    An order for two caregivers stays open: regret insertion sends one at a time.
    """
    ahead = [need for need in facts.needs if not need.has_begun]
    stays = [need for need in ahead if _still_can(need, facts)]
    waiting = [need for need in ahead if not _still_can(need, facts)]
    for_two = {need.order_id for need in waiting if need.seat > 1}
    single = {need.order_id: need for need in waiting if need.order_id not in for_two}
    jobs = [job_of(need, facts) for need in single.values()]
    plan = plan_day(jobs, crew_of(facts), travel.minutes)
    lines = [told_line(need, facts.names) for need in stays]
    lines += [_line(need, plan, skill_words) for need in waiting]
    left = [line.need for line in lines if line.staff_id is None]
    return lines, {need.key: why_nobody(need, facts) for need in left}


def by_hand(
    facts: Facts, lines: Sequence[Line], travel: Travel, skill_words: dict[str, str]
) -> list[Line]:
    """The lines; what is open in them goes, one after the other, to whom a hand would send.

    The search leaves whole days alone that break a limit as they stand (somebody is late): whoever
    has such a day may still have time later. An order for two is left as it is.
    """
    done = {line.need.key: line for line in lines}
    for_two = {need.order_id for need in facts.needs if need.seat > 1}
    left = [n.need for n in lines if n.staff_id is None and n.need.order_id not in for_two]
    for need in sorted(left, key=lambda n: (n.latest, n.order_id)):
        placed = replace(facts, needs=tuple(_placed(n, done.get(n.key)) for n in facts.needs))
        job = job_of(_whole(need, placed), facts)
        plan = plan_day([job], crew_of(placed.of(need.provider_id)), travel.minutes)
        if plan.chosen:
            done[need.key] = _line(need, plan, skill_words)
    return list(done.values())


def why_nobody(need: Need, facts: Facts) -> Refusal:
    """Why a need stays open, in the desk's words; of all who work, also whose day is full."""
    why = why_open(need, facts.members)
    if why is not Refusal.NO_TIME:
        return why
    if any(other.seat > 1 for other in facts.needs if other.order_id == need.order_id):
        return Refusal.NO_PAIR
    return Refusal.ONLY_FAILED if need.failed else why


def _placed(need: Need, line: Line | None) -> Need:
    """A need as if its line were true; what has begun has none."""
    if line is None or not line.changed:
        return need
    if line.staff_id is None or line.start is None:
        return replace(need, standing=None)
    return replace(need, standing=Standing(0, line.staff_id, line.start))


def _whole(need: Need, placed: Facts) -> Need:
    """An open need with all of its window in which nobody else is at the elder's."""
    begin, end = need.agreed
    own = replace(need, earliest=begin, latest=end, standing=None)
    beside = [n for n in placed.needs if n.standing and n.elder_id == need.elder_id]
    return apart([own], [own, *beside], placed.now)[0]


def _line(need: Need, plan: Plan, skill_words: dict[str, str]) -> Line:
    choice = plan.chosen.get(need.order_id)
    if choice is None:
        return Line(need)
    others = [
        {
            "staff": other.worker_id,
            "name": other.worker_name,
            "start": other.start,
            "extra": round(other.cost - choice.cost, 1),
        }
        for other in plan.others[need.order_id][:MOST_OTHERS]
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
    )


def _still_can(need: Need, facts: Facts) -> bool:
    """Whether whoever was sent still works and has the vehicle; not when nobody was."""
    stands = need.standing
    return stands is not None and any(
        member.staff_id == stands.staff_id and need.carried_by(member) for member in facts.members
    )


def job_of(need: Need, facts: Facts) -> Need:
    """A need as the quick planner has it: from now on, and not for whoever failed it."""
    earliest = need.earliest if facts.now is None else max(need.earliest, facts.now + 1)
    return replace(need, earliest=earliest, refused=need.refused | need.failed)


def crew_of(facts: Facts) -> list[Member]:
    """Everybody on shift from now on, with what stands in the day."""
    stops: dict[int, list[Stop]] = {}
    for need in facts.needs:
        if need.standing:
            stands = need.standing
            ended = stands.ended is not None
            until = busy_until(
                stands.start, need.minutes, facts.now, begun=stands.begun, ended=ended
            )
            stop = Stop(stands.start, until, need.place, need.load, need.end)
            stops.setdefault(stands.staff_id, []).append(stop)
    return [
        replace(
            member,
            starts=member.starts if facts.now is None else max(member.starts, facts.now + 1),
            stops=sorted(stops.get(member.staff_id, []), key=lambda stop: stop.start),
        )
        for member in facts.members
    ]
