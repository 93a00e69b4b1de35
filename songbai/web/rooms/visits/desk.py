"""What caregivers said from doors, for the desk to see to."""

from songbai.core.errors import Refused
from songbai.domain.visits.actions import see_to
from songbai.domain.visits.queries import open_reports
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.rooms.orders.words import screen_of, services
from songbai.web.views import Actor, HttpRequest, HttpResponse, at_field, done, door, form, render


@door("desk", "reports/")
def reports(request: HttpRequest, actor: Actor, report_id: int = 0) -> HttpResponse:
    """What waits, the newest first."""
    found = list(open_reports(actor)[:100])
    noted(request, [one.elder for one in found], "处理门口报的事", "name", "age", "visit")
    rows = [
        {
            "report": one,
            "words": one.words,
            "who": who(one.elder),
            "phone": one.assignment.staff.phone,
            "services": services(one.order),
            "url": screen_of(one.order),
            "wrong": one.pk == report_id,
        }
        for one in found
    ]
    return render(request, "desk/reports.html", {"here": "reports", "rows": rows})


@form("desk", "reports/<int:report_id>/seen/", status=422, mends=Refused, shows=reports)
def report_seen(request: HttpRequest, actor: Actor, report_id: int) -> HttpResponse:
    """Say what became of one."""
    with at_field(f"outcome-{report_id}"):
        see_to(actor, report_id, request.POST.get("outcome", ""))
    return done(request, "记下了，家里会看到。", "desk:reports")
