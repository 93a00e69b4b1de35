"""A plan as lines for people: who goes where when, why, and what else it could have been."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from songbai.core.geo import Place, distance_km
from songbai.domain.dispatch.rules import FULL, Candidate, reason_words
from songbai.domain.dispatch.solver.day.problem import (
    Assignment,
    Caregiver,
    Plan,
    Problem,
    Visit,
)

from .facts import Need
from .tasks import Task

#: Other caregivers named beside the chosen one.
MOST_OTHERS = 3
BARRED_WORDS = {"时间排不下": FULL}
#: What the solver says of whoever has not the vehicle.
NOT_AMONG_THOSE_ALLOWED = "不在可派的人里"
#: What it says of whoever may not come, and what is true when somebody failed the order before.
UNWELCOME, OR_FAILED = "老人不要这位护理员", "老人不要，或上次这一单核对过没有做"


@dataclass(frozen=True)
class Line:
    """One need of a day and what the plan does with it; ``staff_id`` None: nobody goes.

    ``why`` is JSON: familiar, certificates, unmet (words), others (staff, name, start, extra
    points), barred (words by how many). ``filling`` minutes of filling up on the way are not among
    ``travel_minutes``.
    """

    need: Need
    staff_id: int | None = None
    staff_name: str = ""
    start: int | None = None
    travel_minutes: int = 0
    metres: int = 0
    reason: str = ""
    why: Mapping[str, Any] | None = None
    filling: int = 0

    @property
    def minutes(self) -> int:
        """How long the visit lasts."""
        return self.need.minutes

    @property
    def familiar(self) -> bool | None:
        """Whether the elder knows whoever goes; None: she knows nobody yet, or nobody goes."""
        known = self.need.known
        return self.staff_id in known if known and self.staff_id is not None else None

    @property
    def changed(self) -> bool:
        """Whether somebody has to be told."""
        stands = self.need.standing
        if stands is None or self.staff_id is None:
            return stands is not None or self.staff_id is not None
        return (stands.staff_id, stands.start) != (self.staff_id, self.start)


def lines_of(
    task: Task, plan: Plan, skill_words: Mapping[str, str], expected: Mapping[str, int]
) -> Iterator[Line]:
    """A line for every visit of the problem; those that change something have their reasons.

    ``expected``: when each visit that stands would begin anyway. Whoever was late already is not
    told so by a plan that changes nothing for her.
    """
    from songbai.domain.dispatch.solver.day.explain import explain_all

    ways, made = _ways(task, plan), {a.visit: a for r in plan.routes.values() for a in r}
    bare = {
        key: _as_told(_line(task, need, made.get(key), ways), expected.get(key))
        for key, need in task.needs.items()
    }
    explained = [key for key, line in bare.items() if line.changed or line.staff_id is None]
    reasons = explain_all(task.problem, plan, explained, MOST_OTHERS)
    for key, line in bare.items():
        if key not in reasons:
            yield line
            continue
        found = reasons[key]
        barred: dict[str, int] = {}
        for words in found.barred.values():
            named = _barred(line.need, words, skill_words)
            barred[named] = barred.get(named, 0) + 1
        why = {
            "familiar": found.familiar,
            "certificates": [skill_words.get(s, s) for s in sorted(line.need.skills)],
            "unmet": list(found.unmet),
            "others": [
                {
                    "staff": task.members[other.caregiver].staff_id,
                    "name": task.members[other.caregiver].name,
                    "start": round(other.start),
                    "extra": round(other.extra, 1),
                }
                for other in found.others
            ],
            "barred": [{"words": words, "count": n} for words, n in sorted(barred.items())],
        }
        yield _with_reason(line, found.familiar, found.unmet, why, skill_words)


def told_line(need: Need, names: Mapping[int, str]) -> Line:
    """A line that leaves a visit as it was told."""
    stands = need.standing
    if stands is None:
        return Line(need)
    name = names.get(stands.staff_id, "")
    return Line(need, stands.staff_id, name, stands.start, stands.travel_minutes, stands.metres)


@dataclass(frozen=True)
class Way:
    """The way to a visit: minutes on the road, metres in a straight line, minutes filling up."""

    minutes: int
    metres: int
    filling: int


def _ways(task: Task, plan: Plan) -> dict[str, Way]:
    """For each visit made, the way to it; over the place where the vehicle is filled up."""
    found, visits = {}, {visit.id: visit for visit in task.problem.visits}
    for caregiver in task.problem.caregivers:
        route = [visits[a.visit] for a in plan.routes.get(caregiver.id, ())]
        for number, visit in enumerate(route):
            found[visit.id] = way_to(task.problem, task.places, caregiver, route, number)
    return found


def way_to(
    problem: Problem,
    places: Sequence[Place],
    caregiver: Caregiver,
    route: Sequence[Visit],
    number: int,
) -> Way:
    """The way to one visit of a caregiver's route."""
    visit, here = route[number], caregiver.start_place
    if number:
        last = route[number - 1]
        here = last.place if last.end_place is None else last.end_place
    full = problem.filled(caregiver, [one.amount for one in route])[number]
    stops = [here, caregiver.refill_place, visit.place] if full else [here, visit.place]
    legs = list(pairwise(place for place in stops if place is not None))
    return Way(
        sum(int(problem.travel[caregiver.mode][leg]) for leg in legs),
        round(1000 * sum(distance_km(places[a], places[b]) for a, b in legs)),
        round(caregiver.refill_minutes) if full else 0,
    )


def _line(
    task: Task,
    need: Need,
    made: Assignment | None,
    ways: Mapping[str, Way],
) -> Line:
    if made is None:
        return Line(need)
    way, member = ways[need.key], task.members[made.caregiver]
    return Line(
        need,
        member.staff_id,
        member.name,
        round(made.start),
        way.minutes,
        way.metres,
        filling=way.filling,
    )


def _as_told(line: Line, expected: int | None) -> Line:
    stands = line.need.standing
    if stands is None or line.staff_id != stands.staff_id or line.start != expected:
        return line
    return replace(line, start=stands.start)


def _with_reason(
    line: Line,
    familiar: bool | None,
    unmet: Collection[str],
    why: Mapping[str, Any],
    skill_words: Mapping[str, str],
) -> Line:
    if line.staff_id is None or line.start is None:
        return Line(line.need, why=why)
    choice = Candidate(
        worker_id=line.staff_id,
        worker_name=line.staff_name,
        start=line.start,
        end=line.start + line.need.minutes,
        travel_minutes=line.travel_minutes,
        km=line.metres / 1000,
        known=bool(familiar),
        cost=0.0,
        filling=line.filling,
    )
    need = line.need
    words = reason_words(choice, sorted(need.skills), dict(skill_words), need.vehicle)
    return replace(line, reason="，".join([words, *unmet])[:120], why=why)


def _barred(need: Need, words: str, skill_words: Mapping[str, str]) -> str:
    """Why one caregiver cannot go, as the desk says it."""
    if need.vehicle and words == NOT_AMONG_THOSE_ALLOWED:
        return f"没有带{need.vehicle.words}"
    if need.failed and words == UNWELCOME:
        return OR_FAILED
    said = BARRED_WORDS.get(words, words)
    for code, name in skill_words.items():
        said = said.replace(code, name)
    return said
