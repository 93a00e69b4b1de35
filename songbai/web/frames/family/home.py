"""The first page, the cry for help, and who I am."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from songbai.core import clock
from songbai.domain.benefits.queries import month_credit, month_voucher
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules import Sex
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import coming, of_elder
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries.lists import assignment_of, visit_of
from songbai.domain.visits.rules import LATE
from songbai.web.doors import door

from .household import Household, household, note, page


@dataclass(frozen=True)
class NextVisit:
    """The order under way or coming, who comes for it, and the state to show."""

    order: Order
    assignment: Assignment | None
    status: tuple[str, str]


def next_visit(home: Household) -> NextVisit | None:
    """What is shown as today's or the next visit."""
    order = coming(home.actor, home.elder)
    if order is None:
        return None
    assignment = assignment_of(home.actor, order)
    visit = visit_of(home.actor, order) if order.state == OrderState.IN_SERVICE else None
    return NextVisit(order, assignment, _status(order, assignment, visit))


def _status(order: Order, assignment: Assignment | None, visit: Visit | None) -> tuple[str, str]:
    if visit is not None:
        return "visit", visit.state
    now = clock.now()
    if assignment is None or assignment.starts_at >= clock.day_bounds(clock.today())[1]:
        return "order", order.state
    return "visit", "late" if now > assignment.starts_at + LATE else "planned"


def _now(home: Household) -> dict[str, Any]:
    return {"next": next_visit(home), "day": clock.today()}


@door("family")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is due today, what the month's credit is, and the four things families do."""
    who = household(request)
    if who.proxy is None:
        return page(request, "family/nobody.html", who, here="home")
    note(request, who, ["name", "orders", "credit"], "家属看首页")
    month = clock.month_of(clock.now())
    waiting = of_elder(who.actor, who.elder).filter(state=OrderState.TO_CONFIRM)
    hour = clock.now().astimezone(clock.SHANGHAI).hour
    return page(
        request,
        "family/home.html",
        who,
        here="home",
        greeted=honorific(who.elder) if who.is_self else who.actor.name,
        greeting=part_of_day(hour),
        credit=month_credit(who.elder, month) if who.sees_money else None,
        voucher=month_voucher(who.elder, month) if who.sees_money else None,
        waiting=waiting[:3],
        **_now(who),
    )


@door("family")
@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """The card of today's or the next visit alone, fetched again when something happens."""
    who = household(request)
    note(request, who, ["orders"], "家属看首页")
    values = {"elder": who.elder, **_now(who)}
    return render(request, "family/_now.html", values)


@door("family")
@require_safe
def sos(request: HttpRequest) -> HttpResponse:
    """Five seconds to think again, then the telephone; shows nothing about anybody."""
    return render(request, "family/sos.html", {"home_url": reverse("family:home")})


@door("family")
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and for whom they act until when."""
    who = household(request)
    return page(request, "family/me.html", who, here="me")


def honorific(elder: Elder) -> str:
    """王奶奶, 李爷爷: how one speaks to an elder. Four characters mean a double surname."""
    surname = elder.name[:2] if len(elder.name) > 3 else elder.name[:1]
    return f"{surname}{'奶奶' if elder.sex == Sex.FEMALE else '爷爷'}"


def part_of_day(hour: int) -> str:
    """The greeting for an hour of the day."""
    names = ((6, "夜深了"), (11, "上午好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))
    return next(words for until, words in names if hour < until)
