"""A quick plan without kernels: what is open is filled in, what stands is not moved."""

from dataclasses import replace

from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.rules import Plan, Refusal, plan_day, reason_words

from .facts import Facts, Member, Need, Stop
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
    refused = {need.key: Refusal.NO_TIME for need in waiting if need.order_id in for_two}
    return lines, refused | {single[n].key: why for n, why in plan.open.items()}


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
    """A need as the quick planner has it: from now on."""
    if facts.now is None:
        return need
    return replace(need, earliest=max(need.earliest, facts.now + 1))


def crew_of(facts: Facts) -> list[Member]:
    """Everybody on shift from now on, with what stands in the day."""
    stops: dict[int, list[Stop]] = {}
    for need in facts.needs:
        if need.standing:
            start = need.standing.start
            stop = Stop(start, start + need.minutes, need.place, need.load, need.end)
            stops.setdefault(need.standing.staff_id, []).append(stop)
    return [
        replace(
            member,
            starts=member.starts if facts.now is None else max(member.starts, facts.now + 1),
            stops=sorted(stops.get(member.staff_id, []), key=lambda stop: stop.start),
        )
        for member in facts.members
    ]
