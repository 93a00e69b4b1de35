"""What waits for somebody today: computed lists, each with its rows one click away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.http import urlencode

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.regions.rules import DIGITS, Level
from songbai.domain.assessments.queries.figures import open_outliers
from songbai.domain.benefits.queries.cycle_figures import waiting as waiting_cycles
from songbai.domain.benefits.queries.payments import to_mend
from songbai.domain.benefits.rules.cycle import STATE_WORDS, State
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.orders.queries.figures import unassigned_on, waiting_long
from songbai.domain.visits.queries.figures import doubts_by_kind, late_now
from songbai.domain.visits.queries.lists import Show
from songbai.domain.visits.rules import DOUBT_WORDS, Doubt

#: The word of the status vocabulary for each doubt that has one: (family, code).
DOUBT_STATUS = {
    Doubt.FAR: ("visit", "geo_doubt"),
    Doubt.NO_POSITION: ("visit", "geo_doubt"),
    Doubt.NOT_THERE: ("visit", "geo_doubt"),
    Doubt.SHORT: ("visit", "short"),
    Doubt.LATE: ("visit", "late"),
}


@dataclass(frozen=True)
class Task:
    """One line of the work list: a state of the vocabulary, what it is, how many, why, where."""

    status: tuple[str, str]
    title: str
    count: int
    why: str
    url: str


def tasks_of(actor: Actor, region: str) -> list[Task]:
    """What is to be done in a division now; lines without work are left out.

    Raises NotAllowed.
    """
    late = late_now(actor, region).count()
    tomorrow = clock.today() + timedelta(days=1)
    lonely = unassigned_on(actor, region, tomorrow).count()
    waiting = waiting_long(actor, region).count()
    odd = open_outliers(actor, region).count()
    found = [
        Task(
            ("visit", "missed"),
            f"{late} 单到点还没人到",
            late,
            "约定时间过了 15 分钟没签到，或到点没派人",
            _rows(region, Show.LATE),
        ),
        Task(
            ("order", "accepted"),
            f"明天 {lonely} 单还没派人",
            lonely,
            "请调度台今天派出去",
            _rows(region, Show.UNASSIGNED),
        ),
        *_doubt_tasks(actor, region),
        Task(
            ("order", "to_confirm"),
            f"{waiting} 单等家属确认超过 12 小时",
            waiting,
            "满 24 小时会自动确认",
            _rows(region, Show.WAITING),
        ),
        Task(
            ("funnel", "outlier"),
            f"{odd} 件评估质量要核查",
            odd,
            "评估机构的结果离群、一致性低、太快太慢，或申诉改判多",
            f"{reverse('bureau:assessment_quality')}?{urlencode({'region': region})}",
        ),
    ]
    return [task for task in [*found, *_benefit_tasks(actor), _money_back(actor)] if task.count]


def benefit_work(actor: Actor) -> int:
    """What of the benefit cycles waits for the officer's own scope. Raises NotAllowed."""
    return sum(task.count for task in _benefit_tasks(actor))


def _benefit_tasks(actor: Actor) -> list[Task]:
    """What the cycles wait for; always of the officer's whole scope. Raises NotAllowed."""
    found = waiting_cycles(actor)
    district = len(actor.region or "") <= DIGITS[Level.DISTRICT]
    tasks = [
        Task(
            ("decision", "to_verify"),
            f"{found.exceptions:,} 条待遇要核对",
            found.exceptions,
            "核对完才能确认、才能发钱",
            _cycles(State.IN_TOWNS),
        ),
        Task(
            ("cycle", State.IN_TOWNS),
            f"{found.towns:,} 份镇街名单没确认",
            found.towns,
            "看过新增、停发和金额再确认",
            _cycles(State.IN_TOWNS),
        ),
    ]
    waits = ((State.NOTICED, "报给同事审批"), (State.APPROVED, "已批准，可以发放"))
    if district:
        tasks += [
            Task(
                ("cycle", state),
                f"{found.states[state]:,} 个批次{STATE_WORDS[state]}",
                found.states[state],
                why,
                _cycles(state),
            )
            for state, why in waits
        ]
    return tasks


def _money_back(actor: Actor) -> Task:
    """What the bank refused and nobody mended; always of the officer's whole scope."""
    count = to_mend(actor).count()
    return Task(
        ("payment", PaymentState.FAILED),
        f"{count:,} 笔待遇没有到账",
        count,
        "换账号、原账号再发一次，或者不再发放",
        reverse("bureau:failed_payments"),
    )


def _cycles(state: State) -> str:
    return f"{reverse('bureau:cycles')}?{urlencode({'state': state.value})}"


def _doubt_tasks(actor: Actor, region: str) -> list[Task]:
    return [
        Task(
            DOUBT_STATUS.get(doubt, ("decision", "to_verify")),
            f"{count} 次上门{DOUBT_WORDS[doubt]}",
            count,
            "近 3 天签到、签退时留下的疑点",
            _rows(region, Show.DOUBTED, doubt=doubt.value),
        )
        for doubt, count in doubts_by_kind(actor, region).items()
    ]


def _rows(region: str, show: Show, **query: str) -> str:
    asked = {"region": region, "show": show.value, **query}
    return f"{reverse('bureau:orders')}?{urlencode(asked)}"
