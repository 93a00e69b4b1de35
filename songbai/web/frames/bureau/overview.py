"""The overview, and one place."""

from typing import Any

from django.http import HttpRequest

from songbai.core import clock, working_days
from songbai.core.accounts.rules import Actor
from songbai.core.regions.queries import path
from songbai.core.regions.rules import Level
from songbai.web.asked import month_asked, months
from songbai.web.doors import Shown, door
from songbai.web.frames.bureau.cockpit import Comparison, breaks_of, compare, things_in, work_of
from songbai.web.places import Place, place_of
from songbai.web.plugs import Column, columns, indicators

from .cockpit import FIGURE_SECONDS, cards_of
from .shell import kept, link


@door("bureau", "")
def overview(request: HttpRequest, actor: Actor) -> Shown:
    """Numbers of a month, towns compared, and what is to be done today."""
    home = place_of(actor)
    place = place_of(actor, request.GET.get("scope", ""))
    month = month_asked(request)
    key = request.GET.get("indicator", "")
    comparison = kept(
        actor,
        f"compare:{place.prefix}:{month}:{key[:20]}",
        FIGURE_SECONDS,
        lambda: compare(actor, place, month, key),
    )
    tasks = work_of(actor, place.prefix)
    kpis, read_at = cards_of(actor, place, month)
    return {
        "home": home,
        "place": place,
        "scopes": home.divisions() if home.parts in {Level.DISTRICT, Level.TOWN} else (),
        "month": month,
        "months": months(),
        "cards": kpis,
        "read_at": read_at,
        "comparison": comparison,
        "indicators": indicators,
        "drawing": _drawing(place, comparison),
        "steps": _legend(comparison),
        "tasks": tasks,
        "task_count": things_in(tasks),
        "calendar_ends": working_days.warning(clock.today()),
    }


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


@door("bureau", "places/<str:region>/")
def town(request: HttpRequest, actor: Actor, region: str) -> Shown:
    """One place: the same cards, and its parts with the numbers behind them."""
    place = place_of(actor, region)
    month = month_asked(request)
    inside = [one for one in path(place.region.code) if one.code.startswith(actor.region or "")]
    name = f"parts:{place.prefix}:{month}"
    heads, rows = kept(actor, name, FIGURE_SECONDS, lambda: parts_of(actor, place, month))
    total = {column.key: sum(row[column.key] for row in rows) for column in heads}
    return {
        "place": place,
        "above": [(one.name, link("town", one.code, month=month)) for one in inside[:-1]],
        "month": month,
        "months": months(),
        "cards": cards_of(actor, place, month)[0],
        "heads": heads,
        "rows": rows,
        "total": total,
        "sums": [column.words(total[column.key]) for column in heads],
    }


def parts_of(actor: Actor, place: Place, month: str) -> tuple[list[Column], list[dict[str, Any]]]:
    """The columns plugged in, and for each part of a place its numbers and the rows behind them.

    Raises NotAllowed.
    """
    shown = [column for plugged in columns for column in plugged(actor, place, month)]
    rows = []
    for division in place.divisions():
        code = division.code[: place.digits]
        numbers = {column.key: column.values.get(code, 0) for column in shown}
        rows.append(
            {
                "name": division.name,
                "url": link("town", division.code, month=month) if place.digits < 12 else "",
                "cells": [
                    (
                        column.words(numbers[column.key]),
                        link(column.page, region=code, **column.query),
                    )
                    for column in shown
                ],
                **numbers,
            }
        )
    return shown, rows
