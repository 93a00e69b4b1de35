"""Pages of the desk: one screen, its parts, and what a dispatcher does with an order."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import JsonResponse
from django.views.decorators.vary import vary_on_headers

from songbai.core import clock, scope
from songbai.core.errors import NotFound, Refused
from songbai.domain.dispatch import actions as dispatch
from songbai.domain.dispatch.actions import AgainstWish, assign, plan, withdraw
from songbai.domain.dispatch.queries import of_order
from songbai.domain.dispatch.rules import WishKind
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import get
from songbai.domain.orders.rules import OrderState
from songbai.web.doors import POST, door
from songbai.web.frames import desk
from songbai.web.rooms.orders.words import screen_of
from songbai.web.views import (
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    redirect,
    render,
    whole_number,
)

from . import screen
from .forms import AssignForm, ReasonForm, WishForm
from .panel import panel


@door("desk", "")
def overview(request: HttpRequest, _: Actor) -> Shown:
    """The whole screen."""
    selected = whole_number(request.GET.get("order", ""))
    plan_id = whole_number(request.GET.get("plan", ""))
    opened = panel(request, selected, plan_id) if selected else {}
    return {**opened, **screen.screen(request)}


@door("desk", "queue/")
def queue(request: HttpRequest, _: Actor) -> HttpResponse:
    """The queue alone."""
    return render(request, "desk/_queue.html", screen.queue_part(request))


@door("desk", "counts/")
def counts(request: HttpRequest, _: Actor) -> HttpResponse:
    """The counters alone."""
    return render(request, "desk/_counts.html", screen.counts_part(request))


@door("desk", "routes/")
def gantt(request: HttpRequest, _: Actor) -> HttpResponse:
    """The routes alone."""
    return render(request, "desk/_gantt.html", screen.gantt_part(request))


@door("desk", "towns/")
def towns(request: HttpRequest, _: Actor) -> HttpResponse:
    """The list beside the map alone."""
    return render(request, "desk/_towns.html", screen.towns_part(request))


@door("desk", "points/")
def points(request: HttpRequest, _: Actor) -> HttpResponse:
    """What the map draws, as JSON."""
    return JsonResponse(screen.points_part(request))


@door("desk", "positions/")
def positions(request: HttpRequest, _: Actor) -> HttpResponse:
    """Where those are now who let the desk see it."""
    return render(request, "desk/_positions.html", screen.positions_part(request))


@door("desk", "orders/<int:order_id>/")
@vary_on_headers("HX-Request")
def order(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """An order in the right pane; without htmx the whole screen with it."""
    if not request.headers.get("HX-Request"):
        return redirect(screen_of(get(actor, order_id)))
    plan_id = whole_number(request.GET.get("plan", ""))
    shown = panel(request, order_id, plan_id)
    return render(request, "desk/_order.html", shown)


@door("desk", "plan/", POST, name="plan")
def plan_day(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Find somebody for every open order of the day."""
    day = screen.day_of(request)
    try:
        done = plan(actor, day)
    except Refused as error:
        messages.error(request, error.message)
        return redirect(desk.address(day))
    left = scope.visible(Order, actor).filter(pk__in=done.open).values_list("pk", "number")
    request.session[screen.PLANNED_KEY] = {
        "assigned": len(done.assigned),
        "open": [
            {"order": pk, "number": order_number, "why": done.open[pk].value}
            for pk, order_number in left
        ],
    }
    return redirect(desk.address(day))


@door("desk", "orders/<int:order_id>/assign/", POST, name="assign")
def assign_order(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Send a caregiver."""
    form = AssignForm(request.POST)
    seen = get(actor, order_id)
    day = seen.window_start.astimezone(clock.SHANGHAI).date()

    def act() -> str:
        standing = of_order(actor, seen)
        if standing and standing.staff_id == form.chosen() and not form.starts_at(day):
            raise Refused("已经派了这位。要换时间，请填新的时间。", field="start")
        chosen = assign(
            actor,
            order_id,
            form.chosen(),
            starts_at=form.starts_at(day),
            reason=form.cleaned_data["reason"],
            despite=form.cleaned_data["despite"],
            knowing=form.cleaned_data["knowing"],
        )
        return f"派给{chosen.staff_name}了，{clock.shown(chosen.starts_at)} 到。"

    return _answer(request, order_id, form, act, "assign")


@door("desk", "orders/<int:order_id>/withdraw/", POST, name="withdraw")
def withdraw_order(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Take the caregiver off."""
    form = ReasonForm(request.POST)
    get(actor, order_id)

    def act() -> str:
        withdraw(actor, order_id, form.cleaned_data["reason"])
        return "撤回了，这一单回到待派单。"

    return _answer(request, order_id, form, act, "withdraw")


@door("desk", "orders/<int:order_id>/cancel/", POST, name="cancel")
def cancel_order(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Cancel for the elder; a caregiver already sent is taken off first, which frees the time."""
    form = ReasonForm(request.POST)
    seen = get(actor, order_id)

    @transaction.atomic
    def act() -> str:
        if seen.state == OrderState.ASSIGNED:
            withdraw(actor, order_id, form.cleaned_data["reason"])
        cancel(actor, order_id, form.cleaned_data["reason"])
        return "取消了，占用的额度已退回。"

    return _answer(request, order_id, form, act, "cancel")


@door("desk", "orders/<int:order_id>/wish/", POST, name="wish")
def state_wish(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Note what the elder of an order asks of whoever comes, or that it is not asked any more."""
    form = WishForm(request.POST)
    seen = get(actor, order_id)

    def act() -> str:
        ended = whole_number(request.POST.get("end", ""))
        if ended:
            dispatch.end_wish(actor, ended)
            return "不再要求了。"
        given = form.cleaned_data
        dispatch.state_wish(actor, seen.elder, WishKind(given["kind"]), given["staff"])
        return "记下了，以后排班会照着办。"

    if "end" in request.POST:
        form = WishForm({"kind": WishKind.WOMAN})
    return _answer(request, order_id, form, act, "wish")


Form = AssignForm | ReasonForm | WishForm


def _answer(
    request: HttpRequest, order_id: int, form: Form, act: Callable[[], str], name: str
) -> HttpResponse:
    """Act, then show the order again; errors stand at their field and nothing typed is lost."""
    said, against = "", None
    errors = {field: str(found[0]) for field, found in form.errors.items()}
    if not errors:
        try:
            said = act()
        except NotFound as error:
            errors = {"staff": error.message}
        except AgainstWish as error:
            errors, against = {"despite": error.message}, error.wish
        except Refused as error:
            errors = {error.field or "staff": error.message}
    shown = {**panel(request, order_id), "said": said}
    if errors:
        shown |= {"failed": name, "errors": errors, "typed": request.POST, "against": against}
    return _show(request, shown, changed=bool(said))


def _show(request: HttpRequest, shown: dict[str, Any], *, changed: bool) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = render(request, "desk/_order.html", shown)
        if changed:
            response["HX-Trigger"] = "desk:changed"
        return response
    if changed:
        messages.success(request, shown["said"])
        return redirect(screen_of(shown["order"]))
    return render(request, "desk/overview.html", {**screen.screen(request), **shown}, status=422)
