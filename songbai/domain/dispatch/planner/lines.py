"""A plan as lines for people: who goes where when, why, and what else it could have been."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from songbai.core.geo import Place, distance_km
from songbai.domain.dispatch.rules import Candidate, Refusal, reason_words
from songbai.domain.dispatch.solver.day.problem import Assignment, Plan

from .facts import Need
from .tasks import Task

#: Other caregivers named beside the chosen one.
MOST_OTHERS = 3
BARRED_WORDS = {"时间排不下": "这个时段排满了，或赶不到"}


@dataclass(frozen=True)
class Line:
    """One need of a day and what the plan does with it; ``staff_id`` None: nobody goes.

    ``why`` is JSON: familiar, certificates, unmet (words), others (staff, name, start, extra
    points), barred (words by how many).
    """

    need: Need
    staff_id: int | None = None
    staff_name: str = ""
    start: int | None = None
    travel_minutes: int = 0
    metres: int = 0
    reason: str = ""
    why: Mapping[str, Any] | None = None

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
            named = BARRED_WORDS.get(words, _skills_in(words, skill_words))
            barred[named] = barred.get(named, 0) + 1
        why = {
            "familiar": found.familiar,
            "certificates": [skill_words.get(s, s) for s in found.certificates],
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


def why_nobody(task: Task, key: str) -> Refusal:
    """Why a need stays open, in the desk's words."""
    if not task.members:
        return Refusal.NOBODY_WORKS
    if not any(task.needs[key].skills <= member.skills for member in task.members.values()):
        return Refusal.NO_SKILL
    return Refusal.NO_TIME


def _ways(task: Task, plan: Plan) -> dict[str, tuple[Place, Place, int]]:
    """For each visit made: from where, to where, minutes on the road."""
    problem, found = task.problem, {}
    visits = {visit.id: visit for visit in problem.visits}
    for caregiver in problem.caregivers:
        here = caregiver.start_place
        for assignment in plan.routes.get(caregiver.id, ()):
            visit = visits[assignment.visit]
            there = visit.place
            minutes = int(problem.travel[caregiver.mode][here, there])
            found[assignment.visit] = (task.places[here], task.places[there], minutes)
            here = there if visit.end_place is None else visit.end_place
    return found


def _line(
    task: Task,
    need: Need,
    made: Assignment | None,
    ways: Mapping[str, tuple[Place, Place, int]],
) -> Line:
    if made is None:
        return Line(need)
    begin, end, minutes = ways[need.key]
    member = task.members[made.caregiver]
    return Line(
        need,
        member.staff_id,
        member.name,
        round(made.start),
        minutes,
        round(distance_km(begin, end) * 1000),
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
    )
    words = reason_words(choice, sorted(line.need.skills), dict(skill_words))
    return replace(line, reason="，".join([words, *unmet])[:120], why=why)


def _skills_in(words: str, skill_words: Mapping[str, str]) -> str:
    for code, name in skill_words.items():
        words = words.replace(code, name)
    return words
