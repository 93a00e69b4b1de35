"""What waits for somebody today: computed lists, each with its rows one click away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.http import urlencode

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.assessments.queries.figures import open_outliers
from songbai.domain.orders.queries.figures import unassigned_on, waiting_long
from songbai.domain.visits.queries.figures import doubts_by_kind, late_now
from songbai.domain.visits.queries.lists import Show
from songbai.domain.visits.rules import DOUBT_WORDS, Doubt

#: The word of the status vocabulary for each doubt that has one: (family, code).
DOUBT_STATUS = {
    Doubt.FAR: ("visit", "geo_doubt"),
    Doubt.NO_POSITION: ("visit", "geo_doubt"),
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
    return [task for task in found if task.count]


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
