"""What caregivers said from doors, and what they are asked there, for the desk to see to."""

from songbai.core.errors import FormError, Refused
from songbai.domain.elders.actions.turning import see_to as see_to_followed
from songbai.domain.visits.actions import see_to
from songbai.domain.visits.queries import open_reports, to_ask
from songbai.domain.visits.queries import visible as visible_visits
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, at_field, done, door, form


@door("desk", "reports/")
def reports(request: HttpRequest, actor: Actor, report_id: int = 0, **_: object) -> Shown:
    """What waits, the newest first."""
    found, asked = list(open_reports(actor)[:100]), list(to_ask(actor)[:100])
    people = [*(one.elder for one in asked), *(one.elder for one in found)]
    noted(request, people, "处理门口报的事", "name", "age", "visit")
    orders = [row.subject_id for row in asked]
    visits = visible_visits(actor).filter(order__in=orders).select_related("order", "assignment")
    there = {visit.order_id: visit for visit in visits.order_by("-id")}
    inside = [(row, there[row.subject_id]) for row in asked if row.subject_id in there]
    return {"here": "reports", "rows": found, "wrong": report_id, "inside": inside}


@form("desk", "reports/<int:report_id>/seen/", status=422, mends=Refused, shows=reports)
def report_seen(request: HttpRequest, actor: Actor, report_id: int) -> HttpResponse:
    """Say what became of one."""
    with at_field(f"outcome-{report_id}"):
        see_to(actor, report_id, request.POST.get("outcome", ""))
    return done(request, "记下了，家里会看到。", "desk:reports")


@form("desk", "asked/<int:followed_id>/seen/", mends=FormError, shows=reports)
def asked_seen(request: HttpRequest, actor: Actor, followed_id: int) -> HttpResponse:
    """Somebody spoke to the caregiver who is in the house."""
    see_to_followed(actor, followed_id, request.POST.get("note", ""))
    return done(request, "记下了。", "desk:reports")
