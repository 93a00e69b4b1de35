"""What caregivers said from doors, for the desk to see to."""

from songbai.core.errors import Refused
from songbai.domain.visits.actions import see_to
from songbai.domain.visits.queries import open_reports
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, at_field, done, door, form


@door("desk", "reports/")
def reports(request: HttpRequest, actor: Actor, report_id: int = 0) -> Shown:
    """What waits, the newest first."""
    found = list(open_reports(actor)[:100])
    noted(request, [one.elder for one in found], "处理门口报的事", "name", "age", "visit")
    return {"here": "reports", "rows": found, "wrong": report_id}


@form("desk", "reports/<int:report_id>/seen/", status=422, mends=Refused, shows=reports)
def report_seen(request: HttpRequest, actor: Actor, report_id: int) -> HttpResponse:
    """Say what became of one."""
    with at_field(f"outcome-{report_id}"):
        see_to(actor, report_id, request.POST.get("outcome", ""))
    return done(request, "记下了，家里会看到。", "desk:reports")
