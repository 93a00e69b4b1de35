"""The caregivers of the desk's area: who works and how to reach her, where she lets it be seen."""

import math

from songbai.core.errors import Refused
from songbai.core.geo import Place
from songbai.core.regions.queries import children
from songbai.core.regions.rules import Level, prefix
from songbai.domain.dispatch.actions import note_back, note_gone
from songbai.domain.dispatch.queries.positions import Seen, on_the_map
from songbai.domain.providers.queries import require_staff, staff_gone, staff_in
from songbai.domain.visits.queries import StaffWork, staff_work
from songbai.web.asked import day_asked, tried
from songbai.web.doors import POST
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, door


def people_of(actor: Actor) -> list[tuple[Seen, str]]:
    """Everybody on shift now in the desk's area who shares it, by name, and the nearest village."""
    found = on_the_map(actor)
    villages = {code: _villages(code) for code in {_district(seen) for seen in found}}
    return [(seen, _nearest(villages[_district(seen)], seen.place)) for seen in found]


def _district(seen: Seen) -> str:
    return prefix(seen.region, Level.DISTRICT)


def _villages(district: str) -> list[tuple[float, float, str]]:
    """The middle of every village, and its name."""
    return [
        (village.longitude, village.latitude, village.short)
        for village in children(district, Level.VILLAGE)
        if village.longitude is not None and village.latitude is not None
    ]


def _nearest(villages: list[tuple[float, float, str]], place: Place) -> str:
    """The nearest village by its middle; in one district the earth is flat."""
    x, y = place.longitude, place.latitude
    narrower = math.cos(math.radians(y)) ** 2
    near = min(villages, key=lambda v: (v[0] - x) ** 2 * narrower + (v[1] - y) ** 2, default=None)
    return near[2] if near else ""


@door("desk", "staff/")
def people(request: HttpRequest, actor: Actor) -> Shown:
    """Everybody with her employer, her telephone, her shift of a day and her visits."""
    day = day_asked(request, "date")
    words = request.GET.get("q", "").strip()[:20]
    work = staff_work(actor, day)
    found = [
        (member, work.get(member.pk, StaffWork()))
        for member in staff_in(actor, day)
        if words in member.name or words in member.number or words in member.provider.name
    ]
    return {
        "here": "people",
        "day": day,
        "words": words,
        "people": found,
        "gone": staff_gone(actor),
    }


@door("desk", "staff/<int:staff_id>/gone/", POST)
def staff_left(request: HttpRequest, actor: Actor, staff_id: int) -> HttpResponse:
    """A caregiver has died, or works no more."""
    require_staff(actor, staff_id)
    how = request.POST.get("how", "")

    def act() -> str:
        if how not in {"left", "died"}:
            raise Refused("请选离职还是去世。")
        visits = note_gone(actor, staff_id, request.POST.get("why", ""), died=how == "died")
        return f"记下了。她的 {visits:,} 单回到待派单，家里会收到通知。"

    return tried(request, act, "desk:people")


@door("desk", "staff/<int:staff_id>/back/", POST)
def staff_back(request: HttpRequest, actor: Actor, staff_id: int) -> HttpResponse:
    """It was an error."""
    require_staff(actor, staff_id)

    def act() -> str:
        found = note_back(actor, staff_id, request.POST.get("why", ""))
        return f"{found.name}恢复上班。撤回的单不会自动派回去，请再派。"

    return tried(request, act, "desk:people")
