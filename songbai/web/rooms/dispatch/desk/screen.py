"""The whole screen of the desk, and its parts that refresh themselves."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.templatetags.static import static

from songbai.core import clock
from songbai.core.errors import NotFound
from songbai.domain.dispatch.models import DayPlan
from songbai.domain.dispatch.queries import open_orders
from songbai.domain.dispatch.queries.plans import get as get_plan
from songbai.domain.dispatch.rules import PlanState
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import note_seen
from songbai.domain.visits.queries import at_doors, day_counts
from songbai.web.asked import day_asked
from songbai.web.doors import signed_in
from songbai.web.views import Actor, HttpRequest, whole_number

from .board import queue_of
from .crew import crew_of, points_of, town_loads, waiting_on_map
from .gantt import gantt_of
from .whereabouts import people_of

HERE = "/desk/"
PLANNED_KEY = "desk.planned"


def day_of(request: HttpRequest) -> date:
    """The day the page is about."""
    return day_asked(request, "date")


def note(actor: Actor, elders: list[Elder], fields: list[str]) -> None:
    """Leave a trace of the people on the screen, once an hour."""
    note_seen(actor, elders, fields=fields, purpose="派单", where=HERE)


def common(request: HttpRequest) -> dict[str, Any]:
    """What every part needs: the day, which order and which draft are open (0: none)."""
    given = request.GET or request.POST
    opened = {name: whole_number(given.get(name, "")) for name in ("order", "plan")}
    return {"day": day_of(request), "selected": opened["order"], "plan_id": opened["plan"]}


def draft_of(actor: Actor, plan_id: int) -> DayPlan | None:
    """The draft of that number, while it is one."""
    if not plan_id:
        return None
    try:
        found = get_plan(actor, plan_id)
    except NotFound:
        return None
    return found if found.state == PlanState.DRAFT else None


def counts_part(request: HttpRequest) -> dict[str, Any]:
    """How the day stands."""
    shown = common(request)
    actor = signed_in(request)
    reported = at_doors(actor)
    return {**shown, "counts": day_counts(actor, shown["day"]), "reported": reported}


def queue_part(request: HttpRequest) -> dict[str, Any]:
    """Open orders of the day; for an empty today, how many there are tomorrow."""
    actor, shown = signed_in(request), common(request)
    page = whole_number(request.GET.get("page", "")) or 1
    rows, part = queue_of(actor, shown["day"], page)
    note(actor, [row.order.elder for row in rows], ["name", "age", "town"])
    tomorrow = clock.today() + timedelta(days=1)
    offered = 0
    if not part.paginator.count and shown["day"] == clock.today():
        offered = open_orders(actor, tomorrow).count()
    return {**shown, "queue": rows, "part": part, "tomorrow": tomorrow, "tomorrow_open": offered}


def gantt_part(request: HttpRequest) -> dict[str, Any]:
    """Caregivers' routes of the day."""
    actor, shown = signed_in(request), common(request)
    everyone = request.GET.get("all") == "1"
    draft = draft_of(actor, shown["plan_id"])
    gantt = gantt_of(crew_of(actor, shown["day"]), draft, everyone=everyone)
    note(actor, gantt.elders, ["name", "time"])
    return {**shown, "plan_id": draft.pk if draft else 0, "gantt": gantt, "everyone": everyone}


def towns_part(request: HttpRequest) -> dict[str, Any]:
    """The facts of the map as a table, and how many are on shift."""
    actor, shown = signed_in(request), common(request)
    crew = crew_of(actor, shown["day"])
    needs = (
        open_orders(actor, shown["day"]).prefetch_related(None).values_list("region_id", flat=True)
    )
    loads = town_loads(actor, crew, needs)
    crowd = {"free": len(crew.free), "serving": len(crew.serving)}
    return {**shown, **crowd, "loads": loads, "today": clock.today()}


def points_part(request: HttpRequest) -> dict[str, Any]:
    """What the map draws."""
    actor, day = signed_in(request), day_of(request)
    crew, waiting = crew_of(actor, day), waiting_on_map(actor, day)
    # Only who and where they belong, for the trace.
    served = [Elder(pk=s.elder_id, region_id=s.region) for s in crew.stops]
    note(actor, [order.elder for order in waiting] + served, ["home"])
    needs = [order.region_id for order in waiting]
    return points_of(crew, town_loads(actor, crew, needs), waiting)


def positions_part(request: HttpRequest) -> dict[str, Any]:
    """Who lets the desk see where she is. A caregiver's, not an elder's: no trace in the log."""
    return {"people": people_of(signed_in(request))}


def screen(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """What is looked at first; the page asks for towns and routes when it is there."""
    actor = signed_in(request)
    today = clock.today()
    covered = (actor.region or "").startswith(settings.PORTAL_REGION[:6])
    return {
        **counts_part(request),
        **queue_part(request),
        "everyone": request.GET.get("all") == "1",
        "here": "overview",
        "today": today,
        "boundary": static("songbai/map.geojson") if covered else "",
        "live_topic": f"region:{(actor.region or '')[:6]}",
        "planned": request.session.pop(PLANNED_KEY, None),
        **more,
    }
