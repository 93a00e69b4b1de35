"""How cycles read: rows of the list, what is to do next, the steps, where figures lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from songbai.core.accounts.rules import Act, Actor, Reach, may
from songbai.core.approvals.models import Proposal
from songbai.core.regions.queries import region
from songbai.core.regions.rules import DIGITS, Level
from songbai.domain.benefits.models import Cycle, CycleException, Decision
from songbai.domain.benefits.queries.cycle_figures import Counts, Ruled, Work
from songbai.domain.benefits.queries.cycles import of_elder, policy_of
from songbai.domain.benefits.rules.cycle import (
    CAUSE_WORDS,
    CHANGE_WORDS,
    EXCEPTION_STATE_WORDS,
    EXCEPTION_WORDS,
    Change,
    ExceptionKind,
    ExceptionState,
    Outcome,
    State,
)
from songbai.domain.benefits.rules.facts import vocabulary
from songbai.domain.benefits.rules.missing import missing_by
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age
from songbai.domain.elders.rules import mask_name

from .shell import link
from .words import village_of

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
#: The lists behind the figures of a cycle: words, and what belongs to them.
LISTS: dict[str, tuple[str, Outcome | None, Change | None]] = {
    "yes": ("享受", Outcome.YES, None),
    "new": ("新增", None, Change.NEW),
    "changed": ("金额变化", None, Change.CHANGED),
    "stopped": ("停发", None, Change.STOPPED),
    "same": ("不变", None, Change.SAME),
    "cannot": ("不能判断", Outcome.CANNOT_DECIDE, None),
    "stacked": ("不能同享", Outcome.STACKED, None),
}
OUTCOME_STATUS = {
    Outcome.YES: "eligible",
    Outcome.CANNOT_DECIDE: "to_verify",
    Outcome.STOPPED: "stopped",
    Outcome.STACKED: "not_eligible",
}


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


@dataclass(frozen=True)
class Figure:
    """A number with its words and the list behind it; ``share`` of the largest, of a hundred."""

    words: str
    count: int
    url: str
    share: float = 0.0


def list_url(cycle: Cycle, show: str, place: str = "", cause: str = "") -> str:
    """The list of the people behind a figure."""
    return link("cycle_people", cycle.pk, show=show, region=place, cause=cause)


def changes_of(cycle: Cycle, counts: Counts, place: str) -> list[tuple[Figure, list[Figure]]]:
    """New, changed and stopped, each with its causes, the most frequent first."""
    found = []
    for show in ("new", "changed", "stopped"):
        change = LISTS[show][2] or Change.NONE
        causes = [
            Figure(cause_words(cause), n, list_url(cycle, show, place, cause))
            for cause, n in counts.causes[change].most_common()
        ]
        whole = Figure(CHANGE_WORDS[change], counts.changes[change], list_url(cycle, show, place))
        found.append((whole, causes))
    return found


def ruled_figures(cycle: Cycle, ruled: Ruled, place: str) -> list[Figure]:
    """Whom each criterion is the first to rule out, the most first."""
    most = max(ruled.first.values(), default=0)
    words = {c.id: c.if_no for c in policy_of(cycle).criteria}
    rows = sorted(ruled.first.items(), key=lambda pair: -pair[1])
    return [
        Figure(words[key], n, list_url(cycle, f"no-{key}", place), 100 * n / most)
        for key, n in rows
    ]


def cause_words(cause: str) -> str:
    """Why something changed: a fact's name, or a word for what is no fact."""
    kind = vocabulary("elder").get(cause)
    return CAUSE_WORDS.get(cause) or (f"{kind.name}变了" if kind else cause)


@dataclass(frozen=True)
class PersonRow:
    """Somebody of a cycle: who, where, what was decided, how much, and why it changed."""

    elder: Elder
    who: str
    age: int
    village: str
    status: str
    amount: int | None
    before: int | None
    why: str


def people_rows(rows: Iterable[Decision], policy: Policy) -> list[PersonRow]:
    """Rows of decisions that came from a scoped query with elders."""
    found = []
    for one in rows:
        outcome, change = Outcome(one.outcome), Change(one.change)
        status = "new" if change is Change.NEW else OUTCOME_STATUS[outcome]
        why = [] if change in {Change.NONE, Change.SAME} else [cause_words(one.cause)]
        if outcome is Outcome.CANNOT_DECIDE:
            why.append(f"缺{missing_words(policy, one.unknown)}")
        elif outcome is Outcome.STOPPED and one.failed:
            why.append(failed_words(policy, one.failed))
        found.append(_person(one.elder, status, one.amount, one.before, "；".join(why)))
    return found


def ruled_rows(elders: Iterable[Elder], why: str) -> list[PersonRow]:
    """Rows of people whom a criterion rules out."""
    return [_person(elder, "not_eligible", None, None, why) for elder in elders]


def _person(
    elder: Elder, status: str, amount: int | None, before: int | None, why: str
) -> PersonRow:
    return PersonRow(
        elder, mask_name(elder.name), age(elder), village_of(elder.region_id), status, amount,
        before, why,
    )  # fmt: skip


@dataclass(frozen=True)
class BenefitRow:
    """One benefit of one person in a month."""

    month: str
    name: str
    status: str
    amount: int | None


def benefits_of(elder: Elder, most: int = 12) -> list[BenefitRow]:
    """What cycles decided for somebody who may be read, the latest month first."""
    return [
        BenefitRow(
            one.cycle.month,
            policy_of(one.cycle).name,
            OUTCOME_STATUS[Outcome(one.outcome)],
            one.amount,
        )
        for one in of_elder(elder.pk, elder.region_id)[:most]
    ]


def failed_words(policy: Policy, failed: int) -> str:
    """The sentence of the first criterion that failed."""
    first = next((c for c in policy.criteria if failed & policy.bits[c.id]), None)
    return first.if_no if first else "和其他待遇不能同时享受"


def missing_words(policy: Policy, unknown: int) -> str:
    """The names of the facts an open decision may be waiting for."""
    names = [name for name, bit in policy.bits.items() if unknown & bit]
    keys = dict.fromkeys(key for name in names for key in missing_by(policy, name))
    return "、".join(policy.vocabulary[key].name for key in keys) or "资料"


@dataclass(frozen=True)
class ExceptionRow:
    """Something to look at: whom it is about, what it is, what became of it."""

    row: CycleException
    who: str
    age: int
    village: str
    kind: str
    about: str
    state: str
    can_settle: bool


def exception_rows(
    actor: Actor, cycle: Cycle, rows: Iterable[CycleException]
) -> list[ExceptionRow]:
    """Rows of the work list; only who may check the town can settle, and only in time."""
    names = vocabulary("elder")
    found = []
    for one in rows:
        facts = [names[key].name for key in one.facts.split(",") if key in names]
        open_ = one.blocking and one.state == ExceptionState.OPEN
        in_time = cycle.state in {State.CHECKED, State.IN_TOWNS}
        found.append(
            ExceptionRow(
                one,
                mask_name(one.elder.name),
                age(one.elder),
                village_of(one.region_id),
                EXCEPTION_WORDS[ExceptionKind(one.kind)],
                "、".join(facts) or one.about,
                EXCEPTION_STATE_WORDS[ExceptionState(one.state)],
                open_ and in_time and may(actor, Act.BENEFIT_CHECK, Reach(one.region_id)),
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


def outcome_tabs(
    cycle: Cycle, counts: Counts, show: str, place: str
) -> list[tuple[str, int, str, bool]]:
    """The lists of a cycle: words, how many, address, whether it is the one shown."""
    by_show: Counter[str] = Counter()
    for name, (_, outcome, change) in LISTS.items():
        by_show[name] = (
            counts.outcomes[outcome] if outcome else counts.changes[change or Change.NONE]
        )
    return [
        (words, by_show[name], list_url(cycle, name, place), name == show)
        for name, (words, _, _) in LISTS.items()
    ]
