"""Village registers: upload, say what the columns are, look over, confirm."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.utils.http import content_disposition_header

from songbai.core.acting import Reach, require
from songbai.core.errors import SongbaiError
from songbai.core.regions.rules import Level
from songbai.domain.elders.queries.figures import named
from songbai.domain.elders.rules.kinds import kinds
from songbai.domain.feeds.actions.receiving import schema_of
from songbai.domain.feeds.declares import FEED_DELIVER
from songbai.domain.rosters import actions, queries
from songbai.domain.rosters.actions import Upload
from songbai.domain.rosters.models import Roster
from songbai.domain.rosters.queries import Mapped
from songbai.domain.rosters.rules import FEED, LIMITS, Guessed, RosterState
from songbai.domain.rosters.tasks import begin
from songbai.web.doors import POST, door, form, posted, refusal
from songbai.web.frames.bureau import link, page, page_of, place_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, redirect


def column_choices() -> list[tuple[str, str]]:
    """What a column can be, required ones marked."""
    return [
        (column.name, f"{column.title}（必填）" if column.required else column.title)
        for column in schema_of(FEED).columns
    ]


def guess_words(one: Mapped) -> str:
    """Why the column is chosen; a choice by hand says so."""
    if one.chosen != one.guess.column:
        return "您选的"
    why = one.guess.why
    if why is Guessed.REMEMBERED and not one.chosen:
        return "上次没有用这一列"
    return why.words


def change_words(change: dict[str, Any]) -> str:
    """居住情况：空巢 → 独居; a secret only says that it changes."""
    kind = kinds().get(change["kind"])
    name = kind.name if kind else change["kind"]
    if change["secret"]:
        return f"{name}有变"
    codes = dict(getattr(kind, "codes", None) or {})
    words = [codes.get(value, value) or "没有" for value in (change["before"], change["after"])]
    return f"{name}：{words[0]} → {words[1]}"


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Refused rows shown; all of them are in the workbook.
SHOWN = 100


@form("bureau", "rosters/", status=422)
def rosters(request: HttpRequest, actor: Actor) -> Shown:
    """What was uploaded, and a form to upload more."""
    if posted(request):
        return _take(request, actor)
    error = refusal(request)
    place = place_of(actor, request.GET.get("region", ""))
    home = place_of(actor)
    shown = page_of(queries.history(actor, place.prefix), request)
    return {
        "place": place,
        "home": home,
        "towns": home.divisions() if home.region.level < Level.VILLAGE else (),
        "villages": place.divisions() if place.region.level == Level.TOWN else (),
        "ready": place.region.level >= Level.TOWN,
        "shown": shown,
        "key": request.POST.get("idempotency_key") or uuid.uuid4(),
        "error": error,
        "errors": [{"field": "file", "message": error.message}] if error else [],
        "megabytes": LIMITS.file_bytes >> 20,
        "rows": LIMITS.rows,
    }


def _take(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep what was uploaded and go on to its columns."""
    file = request.FILES.get("file")
    content = _content(file) if isinstance(file, UploadedFile) else b""
    place = place_of(actor, request.POST.get("region", ""))
    roster, before = actions.upload(
        actor,
        Upload(
            region=place.region.code,
            name=(file.name or "") if file else "",
            content=content,
            key=_key(request.POST.get("idempotency_key", "")),
        ),
    )
    if before is not None:
        stands = "已写入" if before.written_at else "还没写入"
        messages.warning(
            request,
            f"同一个文件 {before.uploaded_by} 已经交过（{stands}）。"
            "再交一次不会重复登记，可以接着核对，也可以作废这一份。",
        )
    return redirect("bureau:roster", roster.pk)


def _content(file: Any) -> bytes:
    """The file, no more of it than is allowed and one byte."""
    return bytes(file.read(LIMITS.file_bytes + 1))


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid.uuid4()


@door("bureau", "rosters/template/")
def roster_template(request: HttpRequest, actor: Actor) -> HttpResponse:
    """An empty register for a village or a town."""
    place = place_of(actor, request.GET.get("region", ""))
    require(actor, FEED_DELIVER, Reach(place.region.code))
    return _file(queries.template_for(place.region.code), f"{place.name}老年人名册.xlsx")


@door("bureau", "rosters/<int:roster_id>/")
def roster(request: HttpRequest, actor: Actor, roster_id: int) -> HttpResponse:
    """One register: its columns, what would happen, or what happened."""
    return _page(request, actor, queries.get(actor, roster_id))


def _page(
    request: HttpRequest, actor: Actor, found: Roster, error: SongbaiError | None = None
) -> HttpResponse:
    state = RosterState(found.state)
    values: dict[str, Any] = {}
    if state is RosterState.COLUMNS:
        typed = request.POST if error else None
        values = {"columns": _columns(actor, found, typed), "choices": column_choices()}
    elif state in {RosterState.PREVIEWED, RosterState.CONFIRMED, RosterState.WRITTEN}:
        values = _preview(request, actor, found)
    return page(
        request,
        "roster",
        "rosters",
        status=422 if error else 200,
        roster=found,
        state=state.value,
        own=found.account_id == actor.account,
        errors=[{"field": "", "message": error.message}] if error else [],
        **values,
    )


def _columns(actor: Actor, found: Roster, typed: Any) -> list[dict[str, Any]]:
    return [
        {
            "heading": one.guess.heading,
            "chosen": typed.get(f"column-{at}", "") if typed is not None else one.chosen,
            "why": guess_words(one),
            "examples": "、".join(one.examples),
        }
        for at, one in enumerate(queries.columns_of(actor, found))
    ]


def _preview(request: HttpRequest, actor: Actor, found: Roster) -> dict[str, Any]:
    """What was found, for the page; those whose changes are shown leave a trace."""
    preview = queries.preview_of(found)
    changed = preview.get("changed", [])
    elders = named(actor, {one["person"] for one in changed})
    noted(request, list(elders.values()), "核对村社名册", "name")
    return {
        "refused": [
            {"row": row["row"], "problems": row["problems"]}
            for row in preview.get("refused", [])[:SHOWN]
        ],
        "doubtful": preview.get("doubtful", [])[:SHOWN],
        "changed": [
            {**one, "words": [change_words(change) for change in one["fields"]]}
            for one in changed[:SHOWN]
            if one["person"] in elders
        ],
        "writable": found.counts.get("rows", 0) - found.counts.get("refused", 0),
    }


@door("bureau", "rosters/<int:roster_id>/columns/", POST)
def roster_columns(request: HttpRequest, actor: Actor, roster_id: int) -> HttpResponse:
    """The columns are chosen; a worker looks the register over."""
    found = queries.get(actor, roster_id)
    if found.state != RosterState.COLUMNS:
        raise actions.NotNow
    chosen = {
        one.guess.heading: request.POST.get(f"column-{at}", "")
        for at, one in enumerate(queries.columns_of(actor, found))
    }
    try:
        begin(actions.choose_columns(actor, roster_id, chosen))
    except actions.WrongColumns as error:
        return _page(request, actor, found, error)
    return redirect("bureau:roster", roster_id)


@door("bureau", "rosters/<int:roster_id>/back/", POST)
def roster_back(_: HttpRequest, actor: Actor, roster_id: int) -> HttpResponse:
    """Choose the columns again."""
    actions.back_to_columns(actor, roster_id)
    return redirect("bureau:roster", roster_id)


@door("bureau", "rosters/<int:roster_id>/confirm/", POST)
def roster_confirm(request: HttpRequest, actor: Actor, roster_id: int) -> HttpResponse:
    """Have it written, unless somebody else wrote the same village meanwhile."""
    if actions.look_again_if_old(actor, roster_id):
        begin(queries.get(actor, roster_id))
        messages.warning(request, actions.LookAgain().message)
        return redirect("bureau:roster", roster_id)
    begin(actions.confirm(actor, roster_id))
    return redirect("bureau:roster", roster_id)


@door("bureau", "rosters/<int:roster_id>/discard/", POST)
def roster_discard(request: HttpRequest, actor: Actor, roster_id: int) -> HttpResponse:
    """Throw it away."""
    found = actions.discard(actor, roster_id)
    messages.success(request, f"“{found.file_name}”已作废，文件已删除，什么也没有写入。")
    return redirect(link("rosters"))


@door("bureau", "rosters/<int:roster_id>/errors/")
def roster_errors(_: HttpRequest, actor: Actor, roster_id: int) -> HttpResponse:
    """The sender's refused rows, each bad cell marked."""
    found = queries.get(actor, roster_id)
    body = queries.error_workbook(actor, found)
    actions.note_errors_taken(actor, found)
    stem = found.file_name.rsplit(".", 1)[0]
    return _file(body, f"{stem}-要改的行.xlsx")


def _file(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=_XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response
