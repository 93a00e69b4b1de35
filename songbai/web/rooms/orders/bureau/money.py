"""Money: a month by payer, town and provider, and settling."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Reach
from songbai.core.errors import NotFound
from songbai.domain.orders.actions import settle_month
from songbai.domain.orders.declares import ORDER_SETTLE
from songbai.domain.orders.queries import statement
from songbai.domain.orders.queries.figures import payable
from songbai.domain.providers.queries.figures import provider_of
from songbai.web.doors import door, signed_in
from songbai.web.frames.bureau.shell import kept, link, month_asked, months, page, place_of

from .accounting import month_tables


@door("bureau")
def money(request: HttpRequest) -> HttpResponse:
    """A month's money by payer, by town and by provider."""
    actor = signed_in(request)
    place, month = place_of(actor), month_asked(request.GET)
    tables = kept(actor, f"money:{month}", 0, lambda: month_tables(actor, place, month))
    return page(
        request,
        "money",
        "money",
        place=place,
        month=month,
        months=months(),
        tables=tables,
        district=len(actor.region or "") <= 6,
        read_at=clock.now(),
    )


@door("bureau")
def settle(request: HttpRequest, provider_id: int, month: str) -> HttpResponse:
    """First what would be paid, then (POST) pay it and say how many orders and how much."""
    actor = signed_in(request)
    provider = provider_of(provider_id)
    try:
        clock.month_bounds(month)
    except ValueError as error:
        raise NotFound from error
    require(actor, ORDER_SETTLE, Reach(provider.region_id))
    ready = payable(actor, provider_id, month)
    if request.method == "POST":
        before = statement(actor, provider_id, month).settled
        orders = settle_month(actor, provider_id, month)
        paid = statement(actor, provider_id, month).settled - before
        if orders:
            messages.success(
                request, f"{provider.name} {month} 结算了 {orders} 单，共 {paid / 100:,.2f} 元。"
            )
        else:
            messages.warning(request, f"{provider.name} {month} 没有可以结算的订单，没有付款。")
        return redirect(link("money", month=month))
    return page(
        request,
        "settle",
        "money",
        provider=provider,
        month=month,
        ready=ready,
        statement=statement(actor, provider_id, month),
    )
