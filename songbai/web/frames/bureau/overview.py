"""The overview, and one place."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from songbai.core.accounts.rules import Actor
from songbai.core.regions.queries import path
from songbai.core.regions.rules import Level
from songbai.domain.elders.queries.figures import heads_by_division
from songbai.domain.orders.queries.figures import count_by_division, paid_by_division
from songbai.domain.orders.rules import Payer
from songbai.domain.visits.queries.figures import sum_by_division
from songbai.web.doors import door, signed_in

from .cockpit import FIGURE_SECONDS, cards_of
from .indicators import INDICATORS, Comparison, breaks_of, compare
from .shell import Place, kept, link, month_asked, months, page, place_of, work_of


@door("bureau")
def overview(request: HttpRequest) -> HttpResponse:
    """Numbers of a month, towns compared, and what is to be done today."""
    actor = signed_in(request)
    home = place_of(actor)
    place = place_of(actor, request.GET.get("scope", ""))
    month = month_asked(request.GET)
    key = request.GET.get("indicator", "")
    comparison = kept(
        actor,
        f"compare:{place.prefix}:{month}:{key[:20]}",
        FIGURE_SECONDS,
        lambda: compare(actor, place, month, key),
    )
    tasks = work_of(actor, place.prefix)
    shown = cards_of(actor, place, month)
    return page(
        request,
        "overview",
        "overview",
        home=home,
        place=place,
        scopes=home.divisions() if home.parts in {Level.DISTRICT, Level.TOWN} else (),
        month=month,
        months=months(),
        cards=shown,
        comparison=comparison,
        indicators=INDICATORS.values(),
        drawing=_drawing(place, comparison),
        steps=_legend(comparison),
        tasks=tasks,
        task_count=sum(task.count for task in tasks),
    )


def _drawing(place: Place, comparison: Comparison) -> dict[str, Any]:
    """What the script needs; the map only where its outlines are: towns of a district."""
    rows = comparison.valued
    return {
        "map": place.parts is Level.TOWN,
        "towns": {row.name: row.value for row in rows},
        "breaks": breaks_of([row.value for row in rows if row.value is not None]),
        "rows": [{"name": row.short, "value": row.value, "url": row.url} for row in rows],
        "urls": {row.name: row.url for row in rows},
        "whole": {"name": place.region.short, "value": comparison.whole.value},
        "unit": comparison.indicator.unit,
    }


def _legend(comparison: Comparison) -> list[tuple[int, str]]:
    """Classes of the map: number of the colour and its upper limit in words."""
    limits = breaks_of([row.value for row in comparison.valued if row.value is not None])
    return [(i + 1, f"{limit:g}") for i, limit in enumerate(limits)] + [(len(limits) + 1, "")]


@door("bureau")
def town(request: HttpRequest, region: str) -> HttpResponse:
    """One place: the same cards, and its parts with the numbers behind them."""
    actor = signed_in(request)
    place = place_of(actor, region)
    month = month_asked(request.GET)
    inside = [one for one in path(place.region.code) if one.code.startswith(actor.region or "")]
    name = f"parts:{place.prefix}:{month}"
    rows = kept(actor, name, FIGURE_SECONDS, lambda: parts_of(actor, place, month))
    return page(
        request,
        "town",
        "overview",
        place=place,
        above=[(one.name, link("town", one.code, month=month)) for one in inside[:-1]],
        month=month,
        months=months(),
        cards=cards_of(actor, place, month),
        rows=rows,
        total={key: sum(row[key] for row in rows) for key in SUMMED},
    )


SUMMED = ("elders", "old", "alone", "orders", "done", "on_time", "credit", "voucher", "own")


def parts_of(actor: Actor, place: Place, month: str) -> list[dict[str, Any]]:
    """The parts of a place with their elders, orders, visits and money of a month.

    Raises NotAllowed.
    """
    asked = (actor, place.prefix, month, place.digits)
    heads = heads_by_division(actor, place.prefix, place.digits)
    orders, visits, paid = (
        count_by_division(*asked),
        sum_by_division(*asked),
        paid_by_division(*asked),
    )
    rows = []
    for division in place.divisions():
        code = division.code[: place.digits]
        here = {"region": code, "month": month}
        people, went, money = heads.get(code), visits.get(code), paid.get(code, {})
        rows.append(
            {
                "name": division.name,
                "url": link("town", division.code, month=month) if place.digits < 12 else "",
                "region": code,
                "elders": people.elders if people else 0,
                "old": people.old if people else 0,
                "alone": people.alone if people else 0,
                "orders": orders.get(code, 0),
                "done": went.done if went else 0,
                "on_time": went.on_time if went else 0,
                "credit": money.get(Payer.CREDIT, 0),
                "voucher": money.get(Payer.VOUCHER, 0),
                "own": money.get(Payer.OWN, 0),
                "rows": link("orders", **here),
            }
        )
    return rows
