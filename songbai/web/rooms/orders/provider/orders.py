"""The provider's orders with their evidence."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.vary import vary_on_headers

from songbai.core import clock
from songbai.domain.orders.queries import of_provider
from songbai.domain.orders.rules import OrderState
from songbai.web.asked import day_asked
from songbai.web.rooms.providers.console import pages_of, provider_of
from songbai.web.views import (
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    door,
    redirect,
    render,
    whole_number,
)

from ..forms import ListForm
from .lists import panel, rows_of, town_names

PER_PAGE = 20


@door("provider", "")
def orders(request: HttpRequest, actor: Actor) -> Shown:
    """Orders of a day by state, and the selected one."""
    form = ListForm(request.GET)
    chosen, day = form.chosen(), day_asked(request, "day")
    found = of_provider.listed(actor, day, chosen.get("q", ""), chosen.get("town", ""))
    counts = of_provider.by_state(found)
    asked = chosen.get("state", "")
    rows, count = found, sum(counts.values())
    if asked:
        rows, count = found.filter(state=asked), counts.get(asked, 0)
    page = pages_of(rows, PER_PAGE, count).get_page(request.GET.get("page"))
    today = _today(actor, counts, chosen, day == clock.today())
    selected = whole_number(request.GET.get("order", ""))
    opened = panel(request, actor, selected) if selected else {}
    return {
        **opened,
        "work": today.get(OrderState.ACCEPTED, 0),
        "day": day,
        "chosen": chosen,
        "today": today,
        "today_total": sum(today.values()),
        "month": of_provider.month_summary(actor, clock.month_of(clock.today())),
        "tabs": _tabs(chosen, counts),
        "towns": town_names(provider_of(actor).region_id).items(),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "rows": rows_of(request, actor, list(page.object_list)),
        "query": urlencode(chosen),
    }


def _today(
    actor: Actor, counts: dict[str, int], chosen: dict[str, str], is_today: bool
) -> dict[str, int]:
    """Today's orders by state; the list's own counts when it shows just that."""
    if is_today and not chosen.keys() & {"q", "town"}:
        return counts
    return of_provider.by_state(of_provider.listed(actor, clock.today()))


def _tabs(chosen: dict[str, str], counts: dict[str, int]) -> list[dict[str, Any]]:
    """One tab for each state; their counts add up to the first one's."""
    rest = {name: value for name, value in chosen.items() if name != "state"}
    states = [("", sum(counts.values())), *((s.value, counts.get(s, 0)) for s in OrderState)]
    return [
        {
            "state": state,
            "count": count,
            "url": f"?{urlencode({**rest, **({'state': state} if state else {})})}",
            "current": state == chosen.get("state", ""),
        }
        for state, count in states
    ]


@door("provider", "orders/<int:order_id>/")
@vary_on_headers("HX-Request")
def order(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """The selected order alone; without htmx the list of its day with it."""
    if not request.headers.get("HX-Request"):
        found = of_provider.get(actor, order_id)
        day = found.window_start.astimezone(clock.SHANGHAI).date()
        return redirect(f"{reverse('provider:orders')}?day={day:%Y-%m-%d}&order={found.pk}")
    return render(request, "provider/_order.html", panel(request, actor, order_id))
