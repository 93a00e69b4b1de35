"""The caregivers of the desk's area: who works, from when to when, and how to reach her."""

from songbai.domain.providers.queries import staff_in
from songbai.domain.visits.queries import StaffWork, staff_work
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, render

from .screen import day_of


@door("desk", "staff/")
def people(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody with her employer, her telephone, her shift of a day and her visits."""
    day = day_of(request)
    words = request.GET.get("q", "").strip()[:20]
    work = staff_work(actor, day)
    found = [
        (member, work.get(member.pk, StaffWork()))
        for member in staff_in(actor, day)
        if words in member.name or words in member.number or words in member.provider.name
    ]
    shown = {"here": "people", "day": day, "words": words, "people": found}
    return render(request, "desk/people.html", shown)
