"""How cycles read: rows of the list, what is to do next, the steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from songbai.core.approvals.models import Proposal
from songbai.core.regions.queries import region
from songbai.core.regions.rules import DIGITS, Level
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.cycle_figures import Work
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.rules.cycle import (
    State,
)

#: The steps as a person sees them, and the states that come to each.
STEPS: tuple[tuple[str, frozenset[State]], ...] = (
    ("冻结资料", frozenset({State.FROZEN})),
    ("自动核定", frozenset({State.DECIDED})),
    ("自动检查", frozenset({State.CHECKED, State.IN_TOWNS})),
    ("镇街核对", frozenset({State.NOTICED})),
    ("报批", frozenset({State.PROPOSED})),
    ("批准", frozenset({State.APPROVED})),
    ("发放", frozenset({State.PAYING})),
    ("办结", frozenset({State.CLOSED})),
)


ORDER = tuple(State)


@dataclass(frozen=True)
class CycleRow:
    """A cycle in the list, with figures of the scope; ``next`` says what is to do now."""

    cycle: Cycle
    name: str
    unverified: bool
    people: int
    fen: int
    changes: int
    work: Work
    next: str


def rows_of(
    cycles: Iterable[Cycle],
    work: Mapping[int, Work],
    parts: Mapping[int, tuple[int, int, int]] | None,
) -> list[CycleRow]:
    """Rows; ``parts`` are the figures of a town's scope, None where whole districts are seen."""
    rows = []
    for one in cycles:
        policy = policy_of(one)
        whole = (one.yes, one.fen, one.new + one.changed + one.stopped)
        people, fen, changes = whole if parts is None else parts.get(one.pk, (0, 0, 0))
        waits = work.get(one.pk, Work())
        rows.append(
            CycleRow(
                one, policy.name, bool(policy.unverified), people, fen, changes, waits,
                next_words(one, waits),
            )
        )  # fmt: skip
    return rows


def next_words(cycle: Cycle, work: Work) -> str:
    """What is to do now."""
    state = State(cycle.state)
    if state is State.IN_TOWNS:
        if work.open:
            return f"核对 {work.open:,} 条"
        return f"等 {work.towns} 个镇街确认" if work.towns else "镇街都确认了，告知本人"
    return {
        State.FROZEN: "系统正在核定",
        State.DECIDED: "系统正在检查",
        State.CHECKED: "系统正在交给镇街",
        State.NOTICED: "报给同事审批",
        State.PROPOSED: "等另一位同事审批",
        State.APPROVED: "可以发放",
        State.PAYING: "等发放结果",
        State.CLOSED: "办完了",
    }[state]


@dataclass(frozen=True)
class Step:
    """One step: done (with when and by whom), the one now, or to come."""

    words: str
    state: str
    at: datetime | None
    by: str


def steps_of(cycle: Cycle) -> list[Step]:
    """The steps of a cycle, in order."""
    noted = {State(step.state): step for step in cycle.steps.order_by("id")}
    reached = ORDER.index(State(cycle.state))
    found: list[Step] = []
    for words, states in STEPS:
        last = max(states, key=ORDER.index)
        done = ORDER.index(last) <= reached
        step = noted.get(last)
        now = not done and (not found or found[-1].state == "done")
        found.append(
            Step(
                words,
                "done" if done else "now" if now else "todo",
                step.at if step and done else None,
                (step.by_name or "系统") if step and done else "",
            )
        )
    return found


def town_name(code: str) -> str:
    """巴川街道; the district's name for people whose town is not known."""
    name = region(code).name
    return name if code[DIGITS[Level.DISTRICT] :] != "000000" else f"{name}（没有分到镇街）"


def proposal_of(cycle: Cycle) -> Proposal | None:
    """The proposal to pay it."""
    return Proposal.objects.filter(pk=cycle.proposal_id).first() if cycle.proposal_id else None
