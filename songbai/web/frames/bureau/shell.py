"""What every page of the bureau has: side bar with work to do, month, place, pages of a list."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.approvals.queries import waiting
from songbai.core.errors import NotFound, UnknownRegion
from songbai.core.events.queries import Position, position
from songbai.core.regions.models import Region
from songbai.core.regions.queries import children
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import DIGITS, Level, level_of, prefix
from songbai.domain.benefits.queries.objections import to_answer
from songbai.domain.benefits.queries.payments import to_mend
from songbai.domain.feeds.queries import alarming
from songbai.domain.orders.queries.books import unpaid_before
from songbai.web.doors import signed_in

from .tasks_today import Task, benefit_work, tasks_of

ANY = ("", "不限")
T = TypeVar("T")
PER_PAGE = 25
#: Lists of people are cut off here: who needs more chooses a town first.
MOST_PAGES = 200
#: Counters of the side bar may be so old.
WORK_SECONDS = 30
#: So long a figure is kept when nothing happens.
NEWS_SECONDS = 600
NAV: tuple[dict[str, str], ...] = (
    {"name": "overview", "label": "一屏总览", "icon": "layout-dashboard"},
    {"heading": "待遇和服务"},
    {"name": "elders", "label": "老人名册", "icon": "users"},
    {"name": "matching", "label": "疑似同一人", "icon": "user-search"},
    {"name": "conflicts", "label": "说法不一致", "icon": "alert-triangle"},
    {"name": "proposals", "label": "审核", "icon": "user-check"},
    {"name": "assessments", "label": "能力评估", "icon": "list-check"},
    {"name": "care_plans", "label": "服务计划", "icon": "calendar-heart"},
    {"name": "orders", "label": "上门服务", "icon": "truck-delivery"},
    {"name": "cycles", "label": "待遇发放", "icon": "coin-yuan"},
    {"name": "failed_payments", "label": "发放问题", "icon": "alert-circle"},
    {"name": "benefit_gap", "label": "应享未享", "icon": "user-question"},
    {"name": "what_if", "label": "换个标准", "icon": "calculator"},
    {"name": "objections", "label": "待遇异议", "icon": "gavel"},
    {"name": "credits", "label": "额度发放", "icon": "receipt-yuan"},
    {"heading": "资金"},
    {"name": "money", "label": "资金结算", "icon": "receipt-yuan"},
    {"name": "ledger", "label": "账本", "icon": "book-2"},
    {"heading": "监管"},
    {"name": "beds", "label": "机构和床位", "icon": "building-community"},
    {"name": "feeds", "label": "部门数据", "icon": "database-import"},
    {"name": "rosters", "label": "村社名册", "icon": "file-spreadsheet"},
    {"name": "audit", "label": "查阅记录", "icon": "history"},
    {"name": "exports", "label": "导出记录", "icon": "file-export"},
)


@dataclass(frozen=True)
class Place:
    """A division in the officer's scope: its row, its code prefix, the level of its parts."""

    region: Region
    prefix: str

    @property
    def name(self) -> str:
        """铜梁区."""
        return self.region.name

    @property
    def parts(self) -> Level | None:
        """The level below, None for a village."""
        level = Level(self.region.level)
        return None if level is Level.VILLAGE else Level(level + 1)

    @property
    def digits(self) -> int:
        """Digits of the codes of its parts (of its own code for a village)."""
        return DIGITS[self.parts or Level.VILLAGE]

    def divisions(self) -> tuple[Region, ...]:
        """Its parts, by code."""
        return children(self.prefix, self.parts) if self.parts else (self.region,)


def place_of(actor: Actor, code: str = "") -> Place:
    """The division asked for, or the officer's own.

    Raises NotFound for one outside the officer's scope.
    """
    try:
        region = region_by_code(code or actor.region or "")
    except UnknownRegion as error:
        raise NotFound("没有这个地方，或不在您能看的范围里。") from error
    short = prefix(region.code, Level(region.level))
    if not short.startswith(actor.region or ""):
        raise NotFound("这个地方不在您能看的范围里。")
    return Place(region, short)


def month_asked(query: QueryDict) -> str:
    """The month in ``?month=``; this month when it is missing or not one."""
    this = clock.month_of(clock.today())
    asked = query.get("month", "")
    try:
        clock.month_bounds(asked)
    except ValueError:
        return this
    return asked if len(asked) == 7 and asked <= this else this


def months(count: int = 12) -> list[str]:
    """The last months, this one first."""
    day = clock.today().replace(day=1)
    found = []
    for _ in range(count):
        found.append(clock.month_of(day))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def link(name: str, *args: object, **query: str | int | None) -> str:
    """The address of a page of this door with the given filters; empty ones are left out."""
    asked = urlencode({key: value for key, value in query.items() if value})
    return f"{reverse(f'bureau:{name}', args=args)}{'?' + asked if asked else ''}"


def whole_number(text: str) -> int:
    """A positive number typed or linked; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def page_of(
    rows: QuerySet[Any, Any] | Sequence[Any], request: HttpRequest, total: int | None = None
) -> Page[Any]:
    """The page of a list asked for by ``?page=``; ``total`` where the count is known already."""
    pages = Paginator(rows, PER_PAGE)
    if total is not None:
        pages.count = total
    return pages.get_page(request.GET.get("page"))


@dataclass(frozen=True)
class Slice:
    """A page of a list too long to be counted: its rows, and whether there are more."""

    rows: list[Any]
    number: int
    has_next: bool


def slice_of(rows: QuerySet[Model], request: HttpRequest, per_page: int = PER_PAGE) -> Slice:
    """The page asked for, of at most 200, reading one row more than shown."""
    number = min(max(whole_number(request.GET.get("page", "")), 1), MOST_PAGES)
    start = (number - 1) * per_page
    found = list(rows[start : start + per_page + 1])
    return Slice(found[:per_page], number, len(found) > per_page and number < MOST_PAGES)


def kept(actor: Actor, name: str, seconds: int, compute: Callable[[], T]) -> T:
    """A figure of the actor's scope; never shared across scopes.

    It may be ``seconds`` old; then it is computed anew as soon as anything has happened in the
    scope (0: at once), and after ten minutes in any case.
    """
    key = f"bureau:{actor.kind}:{actor.region}:{name}:{clock.today()}"
    found: tuple[T, Position, float] | None = cache.get(key)
    now, stands = time.monotonic(), None
    if found is not None:
        if now - found[2] < seconds:
            return found[0]
        stands = position()
        if stands == found[1]:
            return found[0]
    stands = stands or position()
    value = compute()
    cache.set(key, (value, stands, now), NEWS_SECONDS)
    return value


def work_of(actor: Actor, region: str) -> list[Task]:
    """The work list of a division, at most half a minute old.

    Raises NotAllowed.
    """
    return kept(actor, f"work:{region}", WORK_SECONDS, lambda: tasks_of(actor, region))


def page(
    request: HttpRequest, name: str, current: str, /, *, status: int = 200, **values: Any
) -> HttpResponse:
    """Draw ``bureau/<name>.html`` in the console shell."""
    actor = signed_in(request)
    place = place_of(actor)
    office = "民政局" if level_of(place.region.code) <= Level.DISTRICT else "民政办"
    shell = {
        "console_name": "松柏民政端",
        "console_of": f"{place.name}{office}",
        "side_nav": side_nav(actor, current),
        "kept_query": _without_page(request),
    }
    return render(request, f"bureau/{name}.html", {**shell, **values}, status=status)


def side_nav(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The side bar; counters are work to do."""
    region = actor.region or ""
    counts = {
        "overview": sum(task.count for task in work_of(actor, region)),
        "proposals": kept(actor, f"waiting:{actor.account}", 5, waiting(actor).count),
        "money": kept(
            actor,
            "unpaid",
            WORK_SECONDS,
            lambda: len(unpaid_before(actor, clock.month_of(clock.today()))),
        ),
        "cycles": kept(actor, "cycles", WORK_SECONDS, lambda: benefit_work(actor)),
        "failed_payments": kept(actor, "to_mend", WORK_SECONDS, lambda: to_mend(actor).count()),
        "objections": kept(actor, "objections", WORK_SECONDS, lambda: to_answer(actor).count()),
        "feeds": kept(actor, "feeds", WORK_SECONDS, lambda: alarming(actor)),
    }
    return [
        {
            **entry,
            "url": reverse(f"bureau:{entry['name']}"),
            "count": counts.get(entry["name"], 0),
            "current": entry["name"] == current,
        }
        if "name" in entry
        else dict(entry)
        for entry in NAV
    ]


def _without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
