"""What departments delivered, what is missing, what went back, and who was not found."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from songbai.core.errors import Refused
from songbai.domain.elders.queries.figures import named
from songbai.domain.elders.rules import mask_name
from songbai.domain.feeds import queries
from songbai.domain.feeds.actions import returning, unmatched
from songbai.domain.feeds.models import UnmatchedRow
from songbai.domain.feeds.queries import Standing, plain_cells
from songbai.domain.feeds.rules.schema import Schema, Type, schemas
from songbai.domain.feeds.rules.states import (
    DeliveryState,
    UnmatchedState,
    UnmatchedWhy,
    Way,
)
from songbai.web.doors import door, form, posted, refusal, signed_in
from songbai.web.frames.bureau.shell import page_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.templatetags.songbai import mask_id, mask_phone
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done, whole_number


@dataclass(frozen=True)
class Line:
    """One feed in the overview: its state in the words of the vocabulary, and why."""

    standing: Standing
    state: str
    note: str

    @property
    def share(self) -> str:
        """Refused rows of the newest written delivery in per cent, one place."""
        return f"{self.standing.refused_share * 100:.1f}"


def line_of(standing: Standing) -> Line:
    """What to say about a feed first."""
    last = standing.last
    if last is not None and last.state == DeliveryState.REFUSED:
        return Line(standing, "refused", last.reason)
    if standing.late_days:
        return Line(
            standing, "late", f"晚了 {standing.late_days} 天，请催{standing.schema.department_name}"
        )
    if last is None:
        return Line(standing, "never", f"{standing.feed.due_on:%m-%d} 前该到")
    if last.state != DeliveryState.WRITTEN:
        return Line(standing, "writing", "正在写入，过一会儿刷新")
    if standing.today > standing.feed.due_on:
        return Line(standing, "waiting", f"该到了，宽限 {standing.schema.due.grace_days} 天")
    return Line(standing, "on_time", "")


def shown_cells(schema: Schema, row: UnmatchedRow) -> list[tuple[str, str]]:
    """The cells of a row by title, personal ones masked; none once it is settled."""
    if row.state != UnmatchedState.OPEN:
        return []
    places: dict[str, str] = row.delivery.layout.get("places", {})
    plain = plain_cells(row)
    return [
        (column.title, _masked(column.type, plain.get(places[column.name], ""), column.is_personal))
        for column in schema.columns
        if column.name in places
    ]


def _masked(kind: Type, text: str, is_personal: bool) -> str:
    if not text or not is_personal:
        return text
    if kind is Type.NAME:
        return mask_name(text)
    if kind is Type.ID_NUMBER:
        return mask_id(text)
    if kind is Type.PHONE:
        return mask_phone(text)
    return f"{text[:2]}****"


REASONS, ROWS = 20, 200


@door("bureau", "feeds/")
def feeds(_: HttpRequest, actor: Actor) -> Shown:
    """Every feed of the place: when it came, what it brought, when the next is due."""
    found = queries.standings(actor)
    return {
        "lines": [line_of(standing) for standing in found],
        "late": sum(bool(one.late_days) for one in found),
        "refused": sum(_was_refused(one) for one in found),
        "waiting": sum(one.open_unmatched for one in found),
    }


def _was_refused(standing: Standing) -> bool:
    return standing.last is not None and standing.last.state == DeliveryState.REFUSED


@door("bureau", "feeds/deliveries/", name="feed_deliveries")
def deliveries(request: HttpRequest, actor: Actor) -> Shown:
    """All deliveries, newest first, or those of one feed."""
    code = request.GET.get("feed", "")
    schema = schemas().get(code)
    shown = page_of(queries.deliveries_of(actor, code if schema else ""), request)
    return {
        "schema": schema,
        "choices": [
            (one.code, f"{one.department_name} · {one.title}") for one in schemas().values()
        ],
        "rows": [(row, schemas().get(row.feed.code)) for row in shown],
        "shown": shown,
    }


@door("bureau", "feeds/deliveries/<int:delivery_id>/", name="feed_delivery")
def delivery(request: HttpRequest, actor: Actor, delivery_id: int) -> Shown:
    """One delivery: its counts, how it was read, which rows went back and why."""
    found = queries.delivery(actor, delivery_id)
    schema = schemas().get(found.feed.code)
    done, pieces = queries.progress(found)
    places: dict[str, str] = found.layout.get("places", {})
    columns = schema.columns if schema else ()
    return {
        "delivery": found,
        "schema": schema,
        "way": Way(found.way).words,
        "done": done,
        "pieces": pieces,
        "reasons": queries.reasons(found)[:REASONS],
        "refused": queries.refused_rows(actor, found)[:ROWS],
        "most": ROWS,
        "layout": [(one.title, places[one.name]) for one in columns if one.name in places],
        "error": refusal(request),
    }


@form(
    "bureau",
    "feeds/deliveries/<int:delivery_id>/refused/",
    name="feed_refused",
    status=422,
    mends=Refused,
    shows=delivery,
)
def take_refused(request: HttpRequest, actor: Actor, delivery_id: int) -> HttpResponse:
    """The workbook of refused rows, for a stated purpose."""
    taken = returning.take_refused(actor, delivery_id, purpose=request.POST.get("purpose", ""))
    response = HttpResponse(taken.content, content_type=returning.MEDIA)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(taken.name)}"
    return response


@door("bureau", "feeds/unmatched/", name="feed_unmatched")
def unmatched_rows(request: HttpRequest, actor: Actor) -> Shown:
    """Good rows whose person is not in the register."""
    code, why = request.GET.get("feed", ""), request.GET.get("why", "")
    rows = queries.unmatched_rows(
        actor,
        code=code if code in schemas() else "",
        why=why if why in {w.value for w in UnmatchedWhy} else "",
    )
    shown = page_of(rows, request)
    return {
        "code": code,
        "why": why,
        "choices": [
            (one.code, f"{one.department_name} · {one.title}") for one in schemas().values()
        ],
        "whys": UnmatchedWhy.choices(),
        "rows": [(row, schemas().get(row.feed.code), UnmatchedWhy(row.why).words) for row in shown],
        "shown": shown,
    }


@form("bureau", "feeds/unmatched/<int:row_id>/", name="feed_row", status=422, mends=Refused)
def unmatched_row(request: HttpRequest, actor: Actor, row_id: int) -> Shown:
    """One row without a person, masked; a clerk gives it to somebody or lays it aside."""
    row = queries.unmatched_row(actor, row_id)
    if posted(request):
        return _settled(request, row)
    return _row_page(request, row)


def _settled(request: HttpRequest, row: UnmatchedRow) -> HttpResponse:
    actor, note = signed_in(request), request.POST.get("note", "")
    if request.POST.get("what") != "give":
        unmatched.dismiss(actor, row.pk, note=note)
        return done(request, "已记为不处理。", "bureau:feed_unmatched")
    elder_id = whole_number(request.POST.get("elder", ""))
    found = named(actor, {elder_id}).get(elder_id) if elder_id else None
    if found is None:
        raise unmatched.NoSuchElder
    noted(request, [found], "给部门数据找人", "name")
    unmatched.give_to(actor, row.pk, elder_id, note=note)
    return done(request, f"已记到编号 {elder_id} 的老人名下。", "bureau:feed_unmatched")


def _row_page(request: HttpRequest, row: UnmatchedRow) -> dict[str, Any]:
    schema, error = schemas()[row.feed.code], refusal(request)
    return {
        "row": row,
        "schema": schema,
        "why": UnmatchedWhy(row.why).words,
        "cells": shown_cells(schema, row),
        "error": error,
        "errors": [{"field": error.field or "note", "message": error.message}] if error else [],
    }
