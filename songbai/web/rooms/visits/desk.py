"""What caregivers said from doors, for the desk to see to."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.domain.visits.actions import see_to
from songbai.domain.visits.queries import open_reports
from songbai.domain.visits.rules import Trouble
from songbai.web.doors import POST, door, signed_in
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.rooms.orders.words import screen_of, services


@door("desk", "reports/")
def reports(request: HttpRequest, _: Actor) -> HttpResponse:
    """What waits, the newest first."""
    return _show(request)


@door("desk", "reports/<int:report_id>/seen/", POST)
def report_seen(request: HttpRequest, actor: Actor, report_id: int) -> HttpResponse:
    """Say what became of one."""
    outcome = request.POST.get("outcome", "")
    try:
        see_to(actor, report_id, outcome)
    except Refused as refused:
        return _show(request, report_id, outcome, refused.message)
    messages.success(request, "记下了，家里会看到。")
    return redirect("desk:reports")


def _show(request: HttpRequest, wrong: int = 0, typed: str = "", message: str = "") -> HttpResponse:
    found = list(open_reports(signed_in(request))[:100])
    noted(request, [one.elder for one in found], "处理门口报的事", "name", "age", "visit")
    rows = [
        {
            "report": one,
            "words": Trouble(one.kind).words,
            "who": who(one.elder),
            "phone": one.assignment.staff.phone,
            "services": services(one.order),
            "url": screen_of(one.order),
            "typed": typed if one.pk == wrong else "",
            "wrong": message if one.pk == wrong else "",
        }
        for one in found
    ]
    shown = {
        "here": "reports",
        "rows": rows,
        "errors": [{"field": f"outcome-{wrong}", "message": message}] if message else [],
    }
    return render(request, "desk/reports.html", shown, status=422 if message else 200)
