"""The provider's back office: orders with their evidence, the month's statement, caregivers."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.elders.queries import note_read
from songbai.domain.orders import of_provider
from songbai.domain.orders.of_provider import Asked
from songbai.domain.orders.queries import statement as month_statement
from songbai.domain.orders.rules import PAYER_WORDS, OrderState
from songbai.domain.providers.queries import own_staff
from songbai.domain.visits.queries import StaffWork, staff_work
from songbai.web.doors import door, signed_in

from .console import provider_of, shell
from .forms import ListForm, RowsForm
from .lists import elder_of, month_asked, months, panel, rows_of, services, town_names, who

PER_PAGE, ROWS_PER_PAGE = 20, 50


@require_GET
@door("provider")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders of a day by state, and the selected one."""
    actor, form = signed_in(request), ListForm(request.GET)
    chosen, day = form.chosen(), form.the_day()
    found = of_provider.listed(actor, Asked(day, chosen.get("q", ""), chosen.get("town", "")))
    counts = of_provider.by_state(found)
    asked = chosen.get("state", "")
    page = Paginator(found.filter(state=asked) if asked else found, PER_PAGE).get_page(
        request.GET.get("page")
    )
    today = _today(actor, counts, chosen, day == clock.today())
    selected = request.GET.get("order", "")
    opened = panel(actor, int(selected), request.path) if selected.isdigit() else {}
    return render(
        request,
        "provider/orders.html",
        {
            **opened,
            **shell(actor, "orders", today.get(OrderState.ACCEPTED, 0)),
            "day": day,
            "chosen": chosen,
            "today": today,
            "today_total": sum(today.values()),
            "month": of_provider.month_summary(actor, clock.month_of(clock.today())),
            "tabs": _tabs(chosen, counts),
            "towns": town_names(provider_of(actor).region_id).items(),
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "rows": rows_of(actor, list(page.object_list), request.path),
            "query": urlencode(chosen),
        },
    )


def _today(
    actor: Actor, counts: dict[str, int], chosen: dict[str, str], is_today: bool
) -> dict[str, int]:
    """Today's orders by state; the list's own counts when it shows just that."""
    if is_today and not chosen.keys() & {"q", "town"}:
        return counts
    return of_provider.by_state(of_provider.listed(actor, Asked(clock.today())))


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


@require_GET
@door("provider")
@vary_on_headers("HX-Request")
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """The selected order alone; without htmx the list of its day with it."""
    actor = signed_in(request)
    if not request.headers.get("HX-Request"):
        found = of_provider.get(actor, order_id)
        day = found.window_start.astimezone(clock.SHANGHAI).date()
        return redirect(f"{reverse('provider:orders')}?day={day:%Y-%m-%d}&order={found.pk}")
    return render(request, "provider/_order.html", panel(actor, order_id, request.path))


@require_GET
@door("provider")
def statement(request: HttpRequest) -> HttpResponse:
    """A month by payer, from the orders and from the books."""
    actor = signed_in(request)
    month = month_asked(request.GET.get("month", ""))
    bill = month_statement(actor, actor.organisation_id or 0, month)
    lines = [
        {
            "payer": line.payer.value,
            "name": PAYER_WORDS[line.payer],
            "orders": line.orders,
            "amount": line.amount,
            "settled": line.settled,
            "left": line.amount - line.settled,
            "ledger": bill.ledger.get(line.payer, 0),
            "agrees": line.amount - line.settled == bill.ledger.get(line.payer, 0),
        }
        for line in bill.lines
    ]
    return render(
        request,
        "provider/statement.html",
        {
            **shell(actor, "statement"),
            "bill": bill,
            "lines": lines,
            "left": bill.total - bill.settled,
            "ledger": sum(line["ledger"] for line in lines),
            "month": month,
            "months": sorted({*months(), month}, reverse=True),
            "orders": of_provider.month_summary(actor, month).done,
        },
    )


@require_GET
@door("provider")
def statement_rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a number of the statement."""
    actor, form = signed_in(request), RowsForm(request.GET)
    month, payer, which = (
        month_asked(request.GET.get("month", "")),
        form.who_pays(),
        form.which(),
    )
    shown: dict[str, Any] = {
        **shell(actor, "statement"),
        "month": month,
        "payer": PAYER_WORDS[payer] if payer else "",
        "which": which,
        "query": urlencode({"month": month, "payer": payer or "", "state": which}),
    }
    if which == "ledger":
        shown |= _ledger(request, actor, month, payer)
        return render(request, "provider/statement_books.html", shown)
    state = OrderState(which) if which else None
    found = of_provider.statement_rows(actor, month, payer, state)
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    shares = list(page.object_list)
    elders = [elder for share in shares if (elder := elder_of(share))]
    note_read(actor, elders, fields=["name", "age"], purpose="核对结算", where=request.path)
    rows = [
        (share, who(elder_of(share)), services(share.order), PAYER_WORDS[share.payer])
        for share in shares
    ]
    shown |= {"page": page, "rows": rows, "total": of_provider.sum_of(found)}
    return render(request, "provider/statement_rows.html", shown)
