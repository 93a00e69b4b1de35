"""Care plans for the family: look, change, agree, order the coming week."""

from django.contrib import messages

from songbai.core.errors import Mendable
from songbai.domain.assessments.queries import instrument_of, suggestions_of
from songbai.domain.assessments.queries import of_elder as assessments_of
from songbai.domain.careplans.actions import draft
from songbai.domain.careplans.queries import get, of_elder
from songbai.domain.catalogue.queries import regular_items
from songbai.web.doors import FORM, door, form, posted, refusal
from songbai.web.rooms.assessments.assessing import level_words, name_of
from songbai.web.rooms.elders.household import household, note
from songbai.web.rooms.orders.forms import refused
from songbai.web.views import Actor, HttpRequest, Shown, done, redirect, whole_number

from .planning import do, shown

FIELDS = ["name", "assessment", "care_plan"]


@door("family", "elders/<int:elder_id>/plans/", FORM, menu="me")
def care_plans(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """The elder's plans, newest first; POST makes one from a result that suggests services."""
    home = household(request, elder_id)
    if request.method == "POST":
        try:
            made = draft(home.actor, whole_number(request.POST.get("assessment", "")))
        except Mendable as error:
            messages.error(request, error.message)
            return redirect("family:care_plans", elder_id)
        return redirect("family:care_plan", made.pk)
    note(request, home, FIELDS, "家属看服务计划")
    plans = list(of_elder(home.actor, home.elder.pk)[:20])
    planned = {plan.assessment_id for plan in plans}
    standing = assessments_of(home.actor, home.elder.pk).filter(current=True)
    return {
        "household": home,
        "plans": plans,
        "results": [
            (one, name_of(instrument_of(one)), level_words(one), len(suggestions_of(one)))
            for one in standing
            if one.pk not in planned
        ],
    }


@form("family", "plans/<int:plan_id>/", menu="me")
def care_plan(request: HttpRequest, actor: Actor, plan_id: int) -> Shown:
    """One plan; POST does what the pressed button says."""
    plan = get(actor, plan_id)
    home = household(request, plan.elder_id)
    sent = request.POST.dict()
    if posted(request):
        after, told = do(actor, plan, sent)
        return done(request, told, "family:care_plan", after.pk)
    note(request, home, FIELDS, "家属看服务计划")
    values = shown(plan, sent or None)
    held = {row.line.item_id for row in values["rows"]}
    return {
        "household": home,
        **values,
        "addable": [one for one in regular_items(plan.region_id) if one.pk not in held],
        "reason": sent.get("reason", ""),
        "may_order": bool(home.proxy and home.proxy.may_order),
        **refused(refusal(request)),
    }
