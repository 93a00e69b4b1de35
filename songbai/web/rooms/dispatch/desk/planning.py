"""The pane of plans: how the day stands in numbers, drafts, what a draft changes, what would be."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from songbai.domain.dispatch.models import DayPlan
from songbai.domain.dispatch.planner.figures import Figures
from songbai.domain.dispatch.queries.doubts import doubts_of_plan
from songbai.domain.dispatch.queries.plans import (
    Change,
    change_of,
    compare,
    drafts,
    figures_as_it_stands,
    lines_of_plan,
)
from songbai.domain.dispatch.queries.trials import WhatIf
from songbai.web.doors import signed_in
from songbai.web.views import Actor, HttpRequest, whole_number

from .board import crew_on
from .screen import common, draft_of, note

MOST_LINES = 60


def plan_of(request: HttpRequest) -> DayPlan | None:
    """The draft that the address names, while it is one."""
    given = request.GET or request.POST
    return draft_of(signed_in(request), whole_number(given.get("plan", "")))


def plan_part(request: HttpRequest) -> dict[str, Any]:
    """Numbers, drafts, and the open draft with what it changes."""
    actor, shown = signed_in(request), common(request)
    found, stands = plan_of(request), figures_as_it_stands(actor, shown["day"])
    waiting = drafts(actor, shown["day"])
    context = {
        **shown,
        "drafts": [d for d in waiting if found is None or d.pk != found.pk],
        "plan": found,
        "stands": stands,
        "numbers": _numbers(stands, Figures(**found.figures) if found else None),
        "crew": crew_on(actor, shown["day"]),
    }
    return context | (_changes(actor, found) if found else {})


def _changes(actor: Actor, found: DayPlan) -> dict[str, Any]:
    lines = list(lines_of_plan(found, changed=True))
    kinds = Counter(change_of(line) for line in lines)
    shown = sorted(lines[:MOST_LINES], key=lambda line: (line.starts_at is None, line.starts_at))
    doubts = doubts_of_plan(lines)
    asked = {line.pk: words for line, words in doubts if not line.override_reason}
    seen = {line.elder for line in lines if line in shown or line.breaks_word or line.pk in asked}
    note(actor, sorted(seen, key=lambda elder: elder.pk), ["name", "age"])
    return {
        "kinds": [(kind.value, kinds[kind]) for kind in Change if kinds[kind]],
        "changes": [(line, asked.get(line.pk, "")) for line in shown],
        "alone": [line for line in lines if line.breaks_word],
        "doubtful": [(line, asked[line.pk]) for line in lines if line.pk in asked],
        "more_changes": max(0, len(lines) - MOST_LINES),
    }


#: A number of the day: name, how it is read off, unit, whether more is better (None: as it is).
_NUMBERS: list[tuple[str, Callable[[Figures], float | None], str, bool | None]] = [
    ("没人去的", lambda f: f.open, "单", False),
    ("服务占上班时间", lambda f: f.utilisation, "%", True),
    ("每单路上", lambda f: f.road_each, "分钟", False),
    ("直线路程", lambda f: f.kilometres, "公里", None),
    ("熟人上门", lambda f: f.continuity, "%", True),
    ("最忙和最闲差", lambda f: f.busiest - f.idlest, "个百分点", False),
]


def _numbers(now: Figures, then: Figures | None) -> list[tuple[str, str, str, bool | None]]:
    """The day in six numbers, and beside them those of a draft, and whether the draft is better."""
    rows = []
    for name, read, unit, more_is_better in _NUMBERS:
        here, there = read(now), read(then) if then else None
        better = None
        if more_is_better is not None and None not in (here, there) and here != there:
            better = ((there or 0) > (here or 0)) is more_is_better
        rows.append((name, _with(here, unit), _with(there, unit), better))
    return rows


def _with(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value} {unit}"


def trial_part(found: WhatIf) -> dict[str, Any]:
    """One caregiver more or less, in numbers."""
    return {
        "name": found.name,
        "more": found.more,
        "numbers": _numbers(found.now, found.then),
        "cost": round((found.then.cost or 0) - (found.now.cost or 0)),
    }


def compare_part(actor: Actor, one: DayPlan, other: DayPlan) -> dict[str, Any]:
    """Two plans side by side: their numbers, and where they differ."""
    differences = compare(one, other)
    shown = differences[:MOST_LINES]
    note(actor, [found.line.elder for found in shown], ["name", "age"])
    return {
        "one": one,
        "other": other,
        "numbers": _numbers(Figures(**one.figures), Figures(**other.figures)),
        "differences": shown,
        "total": len(differences),
    }
