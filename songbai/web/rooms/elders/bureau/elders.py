"""Elders: the register behind the counts, and one masked record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings

from songbai.core import texts
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import get, survivor_of
from songbai.domain.elders.queries.figures import (
    Cell,
    cells,
    group_by_division,
    heads,
    masked,
    proxies_of,
)
from songbai.domain.elders.queries.finding import by_id_number, by_phone, find, household
from songbai.domain.elders.rules import (
    HardshipClass,
    LivingSituation,
)
from songbai.domain.matching.rules.id_number import IdProblem, check_id_number, normal_id_number
from songbai.web.asked import wrong_in
from songbai.web.frames.bureau import Place, area, link, page, place_of, slice_of
from songbai.web.plugs import fields_of, links, panels_at
from songbai.web.rooms.elders.looks import noted, plain_field
from songbai.web.views import FORM, POST, Actor, HttpRequest, HttpResponse, Shown, door, redirect

from ..forms import MapForm, RegisterForm, ShowPlainForm
from .register import VillageRow, story_of, villages_of


@dataclass(frozen=True)
class Column:
    """One column: its name, who belongs to it, how the register's list is cut to it."""

    name: str
    holds: Callable[[Cell], bool]
    filters: dict[str, str]


def _age(name: str, band: str, holds: Callable[[int], bool]) -> Column:
    return Column(name, lambda cell: holds(cell.age_band), {"age": band})


def _hardship(code: str, name: str) -> Column:
    return Column(name, lambda cell: cell.hardship == code, {"hardship": code})


def _living(code: str, name: str) -> Column:
    return Column(name, lambda cell: cell.living == code, {"living": code})


AGES: tuple[Column, ...] = (
    _age("60–69 岁", "60", lambda band: band == 60),
    _age("70–79 岁", "70", lambda band: band == 70),
    _age("80 岁以上", "80", lambda band: band >= 80),
    _age("其中 90 岁以上", "90", lambda band: band >= 90),
    _age("其中 100 岁以上", "100", lambda band: band >= 100),
)
CLASSES = tuple(_hardship(code.value, code.words) for code in HardshipClass if code.words)
SITUATIONS = tuple(_living(code.value, code.words) for code in LivingSituation)
COLUMNS: tuple[Column, ...] = (*AGES, *CLASSES, *SITUATIONS)
#: Headings over the columns, and how many columns each spans.
GROUPS = (("年龄", len(AGES)), ("经济状况", len(CLASSES)), ("居住情况", len(SITUATIONS)))


@dataclass(frozen=True)
class Row:
    """One part of the place: its name, all its elders, and a number for each column."""

    name: str
    total: int
    url: str
    numbers: list[tuple[int, str]]


def rows_of(cells: Sequence[Cell], place: Place) -> list[Row]:
    """A row for every part of a place, by code, the place itself last."""
    by_part: dict[str, list[Cell]] = {}
    for cell in cells:
        by_part.setdefault(cell.part, []).append(cell)
    rows = [
        _row(division.name, by_part.get(division.code[: place.digits], []), division.code)
        for division in place.divisions()
    ]
    return [*rows, _row(f"{place.name}合计", cells, place.region.code)]


def _row(name: str, cells: Sequence[Cell], region: str) -> Row:
    numbers = [
        (
            sum(cell.n for cell in cells if column.holds(cell)),
            link("elders", region=region, **column.filters),
        )
        for column in COLUMNS
    ]
    return Row(name, sum(cell.n for cell in cells), link("elders", region=region), numbers)


def drawing(row: Row) -> list[dict[str, object]]:
    """Three bar charts of one row: age, class, situation."""
    charts: list[dict[str, object]] = []
    start = 0
    for title, width in GROUPS:
        columns = COLUMNS[start : start + width]
        values = [number for number, _ in row.numbers[start : start + width]]
        charts.append(
            {"title": title, "names": [column.name for column in columns], "values": values}
        )
        start += width
    return charts


#: So many digits are meant as a number, not as a name; so many places as an identity number.
FEWEST_DIGITS, SHORT_NUMBER = 7, 15


@door("bureau", "elders/")
def elders(request: HttpRequest, actor: Actor) -> Shown:
    """Masked elders of a place, by village and name, cut to what was asked."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    form = RegisterForm(request.GET)
    shown = slice_of(find(actor, form.wanted(place.prefix)), request)
    _note_list(request, shown.rows)
    return {
        **area(place, home),
        "form": form,
        "heads": heads(actor, place.prefix),
        "people": shown.rows,
        "shown": shown,
    }


@door("bureau", "elders/figures/")
def elders_figures(request: HttpRequest, actor: Actor) -> Shown:
    """Elders of a place and its parts by age, class and situation; a number opens its list."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    rows = rows_of(cells(actor, place.prefix, place.digits), place)
    return {
        **area(place, home),
        "columns": COLUMNS,
        "groups": GROUPS,
        "rows": rows[:-1],
        "whole": rows[-1],
        "charts": drawing(rows[-1]),
        "counted_at": heads(actor, place.prefix).counted_at,
    }


@door("bureau", "elders/find/", POST)
def find_elder(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Find by identity number or phone, which never stand in an address; else go to the list."""
    words = request.POST.get("q", "").strip()[:40]
    if sum(one.isdecimal() for one in words) < FEWEST_DIGITS:
        return redirect(link("elders", q=words))
    found, problem = _by_number(actor, words)
    _note_list(request, found)
    return page(
        request,
        "found",
        "elders",
        status=422 if problem else 200,
        typed=words,
        problem=problem,
        people=found,
    )


def _by_number(actor: Actor, words: str) -> tuple[list[Elder], str]:
    """Who has this identity number or phone; else what is wrong with the number."""
    number = normal_id_number(words)
    if len(number) >= SHORT_NUMBER:
        found, checked = by_id_number(actor, number), check_id_number(words)
        wrong = texts.wrong_character(number, "0-9X", words, "身份证号")
        problem = wrong or (checked.value if isinstance(checked, IdProblem) else "")
    else:
        found, problem = by_phone(actor, words), _wrong_phone(words)
    return found, "" if found else problem.removesuffix("。")


def _wrong_phone(words: str) -> str:
    """Why this is no telephone number; "" when it is one."""
    try:
        texts.phone(words)
    except texts.WrongText as error:
        return error.message
    return ""


def _note_list(request: HttpRequest, found: list[Elder]) -> None:
    noted(request, found, "查看老人名册", "name", "age", "village", "tags")


@door("bureau", "elders/map/")
def elders_map(request: HttpRequest, actor: Actor) -> Shown:
    """Where the elders of a group live: a circle for each village, and the same as a list."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    form = MapForm(request.GET)
    group = form.group()
    found = group_by_division(actor, place.prefix, 12, group)
    here = {"age": form.band(), "hardship": group.hardship, "living": group.living}
    rows = [
        VillageRow(village, found[village.code], link("elders", region=village.code, **here))
        for village in villages_of(place)
        if found.get(village.code)
    ]
    rows.sort(key=lambda row: (-row.n, row.village.code))
    return {
        **area(place, home),
        "form": form,
        "rows": rows,
        "total": sum(row.n for row in rows),
        "circles": [row.circle() for row in rows if row.village.longitude],
        "covered": place.prefix[:6] == settings.PORTAL_REGION[:6],
        "counted_at": heads(actor, place.prefix).counted_at,
    }


@door("bureau", "elders/<int:elder_id>/", FORM)
def elder(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """One masked record; one field in full for a stated purpose, on that answer only."""
    found = get(actor, elder_id)
    standing = survivor_of(actor, found)
    if standing.pk != found.pk:
        return redirect("bureau:elder", standing.pk)
    form = ShowPlainForm(request.POST or None)
    shown = plain_field(request, form, [found]) if request.method == "POST" else None
    panels = panels_at("bureau elder", actor, found)
    noted(
        request,
        [found],
        "查看老人档案",
        *("name", "age", "village", "masked_id_number", "masked_phone", "facts"),
        *("proxies", *fields_of(panels)),
    )
    return page(
        request,
        "elder",
        "elders",
        status=422 if form.is_bound and not form.is_valid() else 200,
        elder=found,
        masked=masked(found),
        story=story_of(actor, found),
        others=_household(request, actor, found),
        proxies=proxies_of(found),
        links=[(link.label, link.url(found.pk)) for link in links["bureau elder"]],
        panels=panels,
        form=form,
        shown=shown,
        errors=wrong_in(form),
    )


def _household(request: HttpRequest, actor: Actor, found: Elder) -> list[Elder]:
    """The others of the household, whose names are shown too."""
    others = [one for one in household(actor, found) if one.pk != found.pk]
    _note_list(request, others)
    return others
