"""Care plans for the office: how many stand where, and one of them. The office only reads."""

from songbai.domain.careplans.queries import counts, get, in_state
from songbai.web.frames.bureau import area, link, place_of, slice_of
from songbai.web.views import Actor, HttpRequest, Shown, door

from .planning import LISTS, chosen_list, note, shown


@door("bureau", "plans/")
def care_plans(request: HttpRequest, actor: Actor) -> Shown:
    """Plans of a place by state, the oldest first."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    numbers = counts(actor, place.prefix)
    state = chosen_list(request.GET.get("show", ""), numbers)
    part = slice_of(in_state(actor, state, place.prefix), request)
    note(request, part.rows, "查看服务计划名单")
    inside = place.prefix if place.prefix != home.prefix else ""
    return {
        **area(place, home),
        "show": state,
        "heading": LISTS[state],
        "tabs": [
            (words, numbers.get(one, 0), link("care_plans", show=one, region=inside), one == state)
            for one, words in LISTS.items()
        ],
        "rows": part.rows,
        "shown": part,
    }


@door("bureau", "plans/<int:plan_id>/")
def care_plan(request: HttpRequest, actor: Actor, plan_id: int) -> Shown:
    """One plan: what was suggested and why, what the family made of it, what is ordered."""
    found = get(actor, plan_id)
    note(request, [found], "查看服务计划")
    return {**shown(found)}
