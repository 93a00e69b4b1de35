"""A day of a district: planned, re-planned live, slots offered: ``python -m bench.dispatch.day``.

Pure, no database. One provider of 100 caregivers and 400 orders in a town of 12 km. First-fit gives
each order, by time, the first caregiver who can; it is what a list on paper does. Both keep the
same shifts, skills and windows. Prices are those of ``catalogues/dispatch_weights.yaml``.
"""

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from songbai.core.geo import Mode, Place
from songbai.core.travel import EstimatedTravel
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.dispatch.planner import engine
from songbai.domain.dispatch.planner.drafting import Draft, Terms, draft_of
from songbai.domain.dispatch.planner.facts import Facts, Member, Need, Standing
from songbai.domain.dispatch.planner.hand import as_told, offers
from songbai.domain.dispatch.planner.prices import house
from songbai.domain.dispatch.planner.soundness import sound_task
from songbai.domain.dispatch.planner.tasks import with_new
from songbai.domain.dispatch.solver.day.explain import cheap_slots

SKILLS = ("care", "bathing", "escort")
TRAVEL = EstimatedTravel()
DAY = date(2026, 12, 1)


def scene(caregivers: int, orders: int, seed: int) -> Facts:
    """A day to come, the same for the same seed."""
    draw = random.Random(seed)

    def place() -> Place:
        return Place(106.05 + draw.uniform(-0.06, 0.06), 29.84 + draw.uniform(-0.06, 0.06))

    members = tuple(
        Member(
            n,
            n,
            f"护理员{n}",
            1,
            frozenset(s for s in SKILLS if s == "care" or draw.random() < 0.4),
            draw.choice("ffm"),
            480,
            1080,
            place(),
            Mode.EBIKE,
        )
        for n in range(1, caregivers + 1)
    )
    needs = []
    for n in range(1, orders + 1):
        earliest = draw.randrange(480, 930, 30)
        needs.append(
            Need(
                n,
                1,
                1,
                frozenset({draw.choice(SKILLS)}),
                earliest,
                earliest + 120,
                draw.choice((30, 45, 60, 90)),
                place(),
                known=frozenset(draw.sample(range(1, caregivers + 1), 2)),
            )
        )
    return Facts(DAY, None, members, tuple(needs))


def announced(facts: Facts, draft: Draft, now: int) -> Facts:
    """The same day at ``now``, when the draft was published and is being carried out."""
    needs = []
    for line in draft.lines:
        if line.staff_id is None or line.start is None:
            needs.append(line.need)
            continue
        begun = line.start if line.start <= now else None
        ended = line.start + line.need.minutes if line.start + line.need.minutes <= now else None
        told = Standing(line.need.order_id, line.staff_id, line.start, begun, ended)
        needs.append(replace(line.need, standing=told))
    return replace(facts, now=now, needs=tuple(needs))


def first_fit(facts: Facts) -> tuple[int, int, float]:
    """Orders placed, minutes on the road, share by a known face, taking the first who can."""
    days: dict[int, list[tuple[int, int, Place]]] = {m.staff_id: [] for m in facts.members}
    done = road = known = 0
    for need in sorted(facts.needs, key=lambda n: n.earliest):
        for member in facts.members:
            found = gap(need, member, days[member.staff_id])
            if need.skills <= member.skills and found:
                start, way = found
                days[member.staff_id].append((start, start + need.minutes, need.place))
                days[member.staff_id].sort()
                done, road, known = done + 1, road + way, known + (member.staff_id in need.known)
                break
    return done, road, known / max(1, done)


def gap(need: Need, member: Member, day: list[tuple[int, int, Place]]) -> tuple[int, int] | None:
    """The best start on somebody's day and the minutes of the way there; None: there is no room."""
    best: tuple[int, int, int] | None = None
    stops = [(member.starts, member.starts, member.base), *day]
    for (_, free, here), after in zip(stops, [*day, None], strict=True):
        way = TRAVEL.minutes(here, need.place, member.mode)
        start = max(need.earliest, free + way)
        end = start + need.minutes
        back = TRAVEL.minutes(need.place, after[2], member.mode) if after else 0
        if start > need.latest or end > member.ends or (after and end + back > after[0]):
            continue
        direct = TRAVEL.minutes(here, after[2], member.mode) if after else 0
        if best is None or way + back - direct < best[0]:
            best = (way + back - direct, start, way)
    return best[1:] if best else None


def timed(act: Callable[[], Draft]) -> tuple[Draft, float]:
    """What an act gives and the seconds it took."""
    began = time.perf_counter()
    found = act()
    return found, time.perf_counter() - began


def make(facts: Facts, terms: Terms | None = None) -> Draft:
    """A draft with the house's prices."""
    return draft_of(facts, terms or Terms(), house(), TRAVEL, catalogue().skill_words)


def main() -> None:
    """Plan, break, plan again, offer slots."""
    options = argparse.ArgumentParser()
    options.add_argument("--caregivers", type=int, default=100)
    options.add_argument("--orders", type=int, default=400)
    options.add_argument("--seeds", type=int, default=3)
    asked = options.parse_args()
    began = time.perf_counter()
    engine.ready(300)
    print(f"kernels there after {time.perf_counter() - began:.1f} s")
    for seed in range(1, asked.seeds + 1):
        day(scene(asked.caregivers, asked.orders, seed), seed)


def day(facts: Facts, seed: int) -> None:
    """One day, printed."""
    draft, took = timed(lambda: make(facts))
    ours = draft.figures
    placed, road, known = first_fit(facts)
    each, theirs = ours.road / max(1, ours.made), road / max(1, placed)
    print(
        f"seed {seed}: planned in {took:.1f} s{'' if draft.whole else ' (time was up)'},"
        f" {ours.made} of {len(facts.needs)} placed, {draft.cost:.0f} points,"
        f" {each:.1f} min on the road each,"
        f" {ours.continuity} % known faces; first-fit {placed} placed, {theirs:.1f} min,"
        f" {100 * known:.0f} %; road of first-fit {theirs / each:.2f} times ours"
    )
    noon = announced(facts, draft, 660)
    without_one(noon)
    offering(announced(facts, draft, 0), facts.needs[:20])
    suggesting(announced(facts, draft, 0), facts.needs[:20])


def without_one(noon: Facts) -> None:
    """Somebody with work left falls ill at eleven: the rest of the day anew."""
    left = Counter(
        need.standing.staff_id
        for need in noon.needs
        if need.standing and need.standing.begun is None
    )
    sick, hers = left.most_common(1)[0]
    rest = replace(noon, members=tuple(m for m in noon.members if m.staff_id != sick))
    again, took = timed(lambda: make(rest))
    told = sum(line.changed for line in again.lines if line.need.standing)
    print(
        f"  ill at 11:00 with {hers} visits left: planned again in {took:.1f} s, {told} of"
        f" {len(again.lines)} announced visits change, {again.figures.open} open"
    )


def offering(told: Facts, callers: Sequence[Need]) -> None:
    """Twenty windows for each caller, from the facts of the day on."""
    spent = []
    for caller in callers:
        began = time.perf_counter()
        task = sound_task(told, 1, house(), TRAVEL)
        problem, visit = with_new(task, caller, TRAVEL)
        windows = [(480 + 30 * number, 540 + 30 * number) for number in range(20)]
        cheap_slots(problem, task.standing, visit, windows)
        spent.append(1000 * (time.perf_counter() - began))
    print(f"  20 slots: median {statistics.median(spent):.0f} ms, worst {max(spent):.0f} ms")


def suggesting(told: Facts, wanted: Sequence[Need]) -> None:
    """Whom a hand is offered for one order, from the facts of the day on; then on one board."""
    spent, again = [], []
    for need in wanted:
        began = time.perf_counter()
        task = as_told(told, 1, house(), TRAVEL)
        offers(task, need, TRAVEL)
        spent.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        offers(task, need, TRAVEL)
        again.append(1000 * (time.perf_counter() - began))
    print(
        f"  a suggestion: median {statistics.median(spent):.0f} ms, worst {max(spent):.0f} ms;"
        f" one more on the same board {statistics.median(again):.0f} ms"
    )


if __name__ == "__main__":
    main()
