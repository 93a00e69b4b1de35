"""What a dispatcher does with plans: draft, look, move, pin, compare, publish; who is absent."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages

from songbai.core.errors import NotFound, Refused
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.planner.drafting import Terms
from songbai.domain.dispatch.planner.facts import Decided
from songbai.domain.dispatch.queries.plans import get
from songbai.domain.dispatch.queries.trials import price_of, what_if
from songbai.web.asked import tried
from songbai.web.doors import POST, door
from songbai.web.frames import desk
from songbai.web.templatetags.songbai import hm
from songbai.web.views import Actor, HttpRequest, HttpResponse, done, redirect, render, whole_number

from . import planning, screen
from .forms import AbsentForm, MoveForm


@door("desk", "plans/", name="plans")
def pane(request: HttpRequest, _: Actor) -> HttpResponse:
    """The pane of plans alone."""
    return render(request, "desk/_plan.html", planning.plan_part(request))


@door("desk", "plans/draft/", POST)
def draft(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a draft; ``search=0``: take the day as it stands, to move things by hand."""
    day = screen.day_of(request)
    search = request.POST.get("search") != "0"

    def act() -> int:
        cause = "排一版看看" if search else "从现在的安排改"
        return actions.draft(actor, day, cause=cause, terms=Terms(rounds=search)).pk

    return _to_plan(request, day, act)


@door("desk", "plans/<int:draft_id>/again/", POST)
def again(request: HttpRequest, actor: Actor, draft_id: int) -> HttpResponse:
    """Plan a draft anew; what is pinned stays."""
    found = get(actor, draft_id)
    return _to_plan(request, found.day, lambda: actions.redraft(actor, draft_id).pk)


@door("desk", "plans/<int:draft_id>/publish/", POST)
def publish(request: HttpRequest, actor: Actor, draft_id: int) -> HttpResponse:
    """Make a draft true and tell those it concerns."""
    found = get(actor, draft_id)
    named = {
        name: [whole_number(one) for one in request.POST.getlist(name)]
        for name in ("leaving", "knowing")
    }
    try:
        made = actions.publish(actor, draft_id, **named, reason=request.POST.get("reason", ""))
    except Refused as error:
        messages.error(request, error.message)
        return redirect(desk.address(found.day, plan=draft_id))
    told = len(made.assigned) + len(made.opened)
    words = f"公布了，{told:,} 单有变化，只通知了这些老人家里和护理员。"
    return done(request, words, desk.address(found.day))


@door("desk", "plans/<int:draft_id>/drop/", POST)
def drop(request: HttpRequest, actor: Actor, draft_id: int) -> HttpResponse:
    """Throw a draft away."""
    found = get(actor, draft_id)

    def act() -> str:
        actions.drop(actor, draft_id)
        return "草稿不要了，没有通知任何人。"

    return tried(request, act, desk.address(found.day))


@door("desk", "plans/move/", POST)
def move(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Move a visit in a draft; without one, begin a draft from how things stand."""
    day, form = screen.day_of(request), MoveForm(request.POST)
    given = form.cleaned_data if form.is_valid() else None

    def act() -> int:
        if given is None:
            raise Refused("请选一位护理员；时间要像 9:30 这样写，或留空。")
        found = planning.plan_of(request)
        if found is None:
            found = actions.draft(actor, day, cause="从现在的安排改", terms=Terms(rounds=False))
        try:
            line = actions.move(
                *(actor, found.pk, given["order"], given["staff"], form.minute()),
                knowing=given["knowing"],
                reason=given["reason"],
            )
        except Refused:
            if planning.plan_of(request) is None:
                actions.drop(actor, found.pk)
            raise
        messages.success(
            request,
            f"挪给{line.staff_name}了，{hm(line.starts_at)} 到。公布以前不通知任何人。",
        )
        return found.pk

    return _to_plan(request, day, act)


@door("desk", "plans/<int:draft_id>/pin/", POST)
def pin(request: HttpRequest, actor: Actor, draft_id: int) -> HttpResponse:
    """Pin a visit to its caregiver, or to its time too, or let it go."""
    found = get(actor, draft_id)
    how = request.POST.get("how", "")
    try:
        actions.pin(
            *(actor, draft_id, request.POST.get("order", "")),
            pinned=how == "who",
            fixed=how == "when",
            knowing=request.POST.get("knowing") == "1",
            reason=request.POST.get("reason", ""),
        )
    except (NotFound, Refused) as error:
        messages.error(request, error.message)
    if request.headers.get("HX-Request"):
        return render(request, "desk/_plan.html", planning.plan_part(request))
    return redirect(desk.address(found.day, plan=draft_id))


@door("desk", "plans/price/")
def price(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What a move would cost, before it is made."""
    day, form = screen.day_of(request), MoveForm(request.GET)
    if not form.is_valid():
        return render(request, "desk/_price.html", {"wrong": "请选一位护理员。"})
    target = Decided(form.cleaned_data["staff"], form.minute())
    try:
        draft = planning.plan_of(request)
        found = price_of(actor, day, form.cleaned_data["order"], target, draft)
    except NotFound:
        return render(request, "desk/_price.html", {"wrong": "这一单现在不能挪。"})
    except Refused as error:
        return render(request, "desk/_price.html", {"wrong": error.message})
    return render(request, "desk/_price.html", {"price": found})


@door("desk", "plans/trial/")
def trial(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One caregiver more or less, tried out."""
    day = screen.day_of(request)
    more = request.GET.get("more") == "1"
    try:
        found = what_if(actor, day, whole_number(request.GET.get("staff", "")), more=more)
    except (NotFound, Refused) as error:
        return render(request, "desk/_trial.html", {"wrong": error.message})
    return render(request, "desk/_trial.html", planning.trial_part(found))


@door("desk", "plans/<int:draft_id>/compare/")
def compare(request: HttpRequest, actor: Actor, draft_id: int) -> HttpResponse:
    """Two drafts side by side."""
    wanted = whole_number(request.GET.get("with", ""))
    one = get(actor, draft_id)
    if not wanted:
        return redirect(desk.address(one.day, plan=draft_id))
    other = get(actor, wanted)
    return render(request, "desk/_compare.html", planning.compare_part(actor, one, other))


@door("desk", "plans/absent/", POST)
def absent(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Note that a caregiver does not come; a draft without her follows."""
    day, form = screen.day_of(request), AbsentForm(request.POST)

    def act() -> str:
        if not form.is_valid():
            raise Refused("请选一位护理员，并写明原因，比如“发烧”“联系不上”。")
        left = actions.note_absent(actor, form.cleaned_data["staff"], day, form.cleaned_data["why"])
        words = f"{left:,} 单要换人，正在排一版，排好会出现在这里。" if left else "没有要换人的单。"
        return f"记下了。{words}"

    return tried(request, act, desk.address(day))


def _to_plan(request: HttpRequest, day: date, act: Callable[[], int]) -> HttpResponse:
    """Act, then show the draft it gave; what is refused is said on the same screen."""
    given = whole_number(request.POST.get("plan", ""))
    open_order = whole_number(request.POST.get("selected", ""))
    more = {"order": open_order} if open_order else {}
    try:
        plan_id = act()
    except (NotFound, Refused) as error:
        messages.error(request, error.message)
        return redirect(desk.address(day, **({"plan": given} if given else {}), **more))
    return redirect(desk.address(day, plan=plan_id, **more))
