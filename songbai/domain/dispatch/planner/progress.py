"""When people will really be there, from how far the day has come; before anybody is late."""

from collections import defaultdict

from songbai.core.travel.rules import Travel
from songbai.domain.dispatch.rules import LATE_MINUTES
from songbai.domain.dispatch.vehicles import leg, refills

from .between import between
from .facts import SOON, Facts, Need


def expected_starts(facts: Facts, travel: Travel) -> dict[int, int]:
    """For each assignment not yet begun, the minute it will begin if everybody goes on as told.

    Whoever is at a home stays her full time; whoever runs over is thought to need a little more.
    Whoever shares her position is on her way from there, the others from the last home or the base.
    """
    if facts.now is None:
        return {}
    days: defaultdict[int, list[Need]] = defaultdict(list)
    for need in facts.needs:
        if need.standing:
            days[need.standing.staff_id].append(need)
    # Of two shifts the first says when her day begins.
    members = {m.staff_id: m for m in sorted(facts.members, key=lambda m: -m.starts)}
    found: dict[int, int] = {}
    for staff_id, needs in days.items():
        member = members.get(staff_id)
        if member is None:
            continue
        place, free = member.base, member.starts
        here = between(member, needs)
        needs = sorted(needs, key=lambda n: n.standing.start if n.standing else 0)
        filled = refills(member.vehicle, [need.load for need in needs])
        for need, full in zip(needs, filled, strict=True):
            stands = need.standing
            if stands is None:
                continue
            if stands.begun is None:
                if here is not None and free <= here.minute:
                    place, free = here.place, here.minute
                there = free + sum(leg(place, need.place, member, travel.minutes, full=full))
                start = max(stands.start, there, facts.now)
                found[stands.assignment_id] = start
                free = start + need.minutes
            elif stands.ended is None:
                free = max(stands.begun + need.minutes, facts.now + SOON)
            else:
                free = stands.ended
            place = need.leaves
    return found


def will_be_late(told: int, expected: int) -> bool:
    """Whether somebody must be warned."""
    return expected - told > LATE_MINUTES
