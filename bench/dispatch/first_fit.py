"""Planning a day by regret insertion beside first-fit: ``python -m bench.dispatch.first_fit``.

Pure: 60 caregivers of three providers, 180 visits in a town of 12 km. First-fit gives each order,
by time, the first caregiver who can; it is what a list on paper does.
"""

import random
import time

from songbai.core.geo import Mode, Place
from songbai.core.travel import EstimatedTravel
from songbai.domain.dispatch.planner.facts import Member, Need, Stop
from songbai.domain.dispatch.rules import candidates, plan_day

SKILLS = ("care", "bathing", "escort")


def scene(seed: int) -> tuple[list[Need], list[Member]]:
    """A day, the same for the same seed."""
    draw = random.Random(seed)

    def place() -> Place:
        return Place(106.05 + draw.uniform(-0.06, 0.06), 29.84 + draw.uniform(-0.06, 0.06))

    workers = [
        Member(
            shift_id=n,
            staff_id=n,
            sex="",
            name=f"{n}",
            provider_id=n % 3,
            skills=frozenset(s for s in SKILLS if s == "care" or draw.random() < 0.4),
            starts=480,
            ends=1080,
            base=place(),
            mode=Mode.EBIKE,
        )
        for n in range(60)
    ]
    jobs = []
    for n in range(180):
        earliest = draw.randrange(480, 960, 30)
        jobs.append(
            Need(
                order_id=n,
                seat=1,
                provider_id=n % 3,
                skills=frozenset({draw.choice(SKILLS)}),
                earliest=earliest,
                latest=earliest + 120,
                minutes=draw.choice((30, 45, 60, 90)),
                place=place(),
            )
        )
    return jobs, workers


def first_fit(jobs: list[Need], workers: list[Member], travel: EstimatedTravel) -> tuple[int, int]:
    """Orders placed and minutes travelled by taking the first who can."""
    done = minutes = 0
    for job in sorted(jobs, key=lambda job: job.earliest):
        found = sorted(candidates(job, workers, travel.minutes), key=lambda c: c.worker_id)
        if found:
            first = found[0]
            worker = next(w for w in workers if w.staff_id == first.worker_id)
            worker.stops.append(Stop(first.start, first.end, job.place))
            worker.stops.sort(key=lambda stop: stop.start)
            done, minutes = done + 1, minutes + first.travel_minutes
    return done, minutes


def main() -> None:
    """Three days of both."""
    travel = EstimatedTravel()
    for seed in (1, 2, 3):
        jobs, workers = scene(seed)
        began = time.perf_counter()
        plan = plan_day(jobs, workers, travel.minutes)
        took = time.perf_counter() - began
        ours = sum(choice.travel_minutes for choice in plan.chosen.values())
        placed, theirs = first_fit(*scene(seed), travel)
        print(
            f"seed {seed}: regret {len(plan.chosen)}/{len(jobs)} placed, {ours} min on the road,"
            f" {took:.2f} s; first-fit {placed} placed, {theirs} min;"
            f" road per visit {ours / len(plan.chosen) / (theirs / placed):.2f} of first-fit"
        )


if __name__ == "__main__":
    main()
