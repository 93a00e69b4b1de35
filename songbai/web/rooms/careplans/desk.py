"""Care plans at the desk: what waits to be agreed, agreeing on the phone, ordering a week."""

from django.core.paginator import Paginator

from songbai.domain.careplans.queries import counts, get, in_state
from songbai.domain.catalogue.queries import regular_items
from songbai.domain.elders.queries import show_plain
from songbai.web.doors import door, form, posted, refusal
from songbai.web.rooms.orders.forms import refused
from songbai.web.views import Actor, HttpRequest, Shown, done

from .planning import LISTS, chosen_list, do, note, shown

A_PAGE = 30


@door("desk", "care-plans/", name="care_plans")
def plans(request: HttpRequest, actor: Actor) -> Shown:
    """Plans of the desk's towns: those to be agreed first, the oldest first."""
    numbers = counts(actor)
    state = chosen_list(request.GET.get("show", ""), numbers)
    found = Paginator(in_state(actor, state), A_PAGE).get_page(request.GET.get("page"))
    note(request, list(found), "查看服务计划名单")
    return {
        "here": "care_plans",
        "show": state,
        "tabs": [(one, words, numbers.get(one, 0)) for one, words in LISTS.items()],
        "page": found,
        "rows": list(found),
    }


@form("desk", "care-plans/<int:plan_id>/", name="care_plan", status=422)
def plan(request: HttpRequest, actor: Actor, plan_id: int) -> Shown:
    """One plan; POST does what the pressed button says."""
    found = get(actor, plan_id)
    elder, sent = found.elder, request.POST.dict()
    if posted(request):
        after, told = do(actor, found, sent)
        return done(request, told, "desk:care_plan", after.pk)
    note(request, [found], "商定服务计划")
    plain = show_plain(
        actor, elder, fields=["phone"], purpose="商定服务计划，打电话", where=request.path
    )
    values = shown(found, sent or None)
    held = {row.line.item_id for row in values["rows"]}
    extra = {
        "here": "care_plans",
        "phone": plain.phone,
        "addable": [one for one in regular_items(found.region_id) if one.pk not in held],
        "reason": sent.get("reason", ""),
        "may_keep": True,
        **refused(refusal(request)),
    }
    return {**values, **extra}
