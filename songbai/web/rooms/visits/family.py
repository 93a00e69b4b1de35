"""The card of today's or the next visit."""

from typing import Any

from songbai.core import clock
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import coming
from songbai.domain.orders.rules import OrderState
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import open_reports
from songbai.domain.visits.queries.lists import assignment_of, visit_of
from songbai.domain.visits.rules import LATE
from songbai.web.rooms.elders.household import Household, household, note
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, render


def next_visit(home: Household) -> dict[str, Any] | None:
    """What is shown as today's or the next visit: the order under way or coming, who comes for it,
    and the state.
    """
    order = coming(home.actor, home.elder)
    if order is None:
        return None
    assignment = assignment_of(home.actor, order)
    visit = visit_of(home.actor, order) if order.state == OrderState.IN_SERVICE else None
    status = _status(order, assignment, visit)
    return {"order": order, "assignment": assignment, "status": status}


def _status(order: Order, assignment: Assignment | None, visit: Visit | None) -> tuple[str, str]:
    if visit is not None:
        return "visit", visit.state
    now = clock.now()
    if assignment is None or assignment.starts_at >= clock.day_bounds(clock.today())[1]:
        return "order", order.state
    return "visit", "late" if now > assignment.starts_at + LATE else "planned"


def now_of(home: Household) -> dict[str, Any]:
    """What the card shows: first what was said from the door and nobody has seen to."""
    said = open_reports(home.actor).filter(elder=home.elder)
    reports = [(one, one.words) for one in said]
    return {"next": next_visit(home), "day": clock.today(), "reports": reports}


@door("family", "now/")
def now(request: HttpRequest, _: Actor) -> HttpResponse:
    """The card alone, fetched again when something happens."""
    who = household(request)
    note(request, who, ["orders"], "家属看首页")
    values = {"elder": who.elder, **now_of(who)}
    return render(request, "family/_now.html", values)
