"""Taking the register's list out, marked for who takes it."""

from typing import Any
from urllib.parse import quote

from django.http import QueryDict

from songbai.core.errors import SongbaiError
from songbai.core.exports.actions import MOST_ROWS
from songbai.core.exports.rules import ExportFormat
from songbai.domain.elders.actions.exporting import PLAIN, ElderList, export_elders
from songbai.domain.elders.queries.finding import find
from songbai.web.frames.bureau import Place, place_of
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, door, form

from ..forms import RegisterForm

#: What of the list's filter is carried into the export form.
FILTERS = ("region", *RegisterForm.base_fields)


def export_values() -> dict[str, Any]:
    """What ``bureau/_export.html`` needs besides the filters."""
    return {"export_plain": list(PLAIN.items()), "export_most": MOST_ROWS}


@door("bureau", "elders/export/")
def elders_export_form(request: HttpRequest, actor: Actor) -> Shown:
    """What for, which fields, which file: asked before anything leaves."""
    kept = {name: _sent(request).get(name, "") for name in FILTERS}
    place_of(actor, kept["region"])
    return {"kept": kept, **export_values()}


def _sent(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


@form("bureau", "elders/export/take/", mends=SongbaiError, shows=elders_export_form)
def elders_export(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The elders of a filtered list as a file for this officer; a refusal shows the form."""
    sent = request.POST
    place = place_of(actor, sent.get("region", ""))
    rows = find(actor, RegisterForm(sent).wanted(place.prefix))
    kind = ExportFormat.CSV if sent.get("format") == "csv" else ExportFormat.XLSX
    plain = frozenset(name for name in PLAIN if sent.get(f"plain_{name}") == "1")
    asked = ElderList(plain, sent.get("purpose", ""), kind, _filters(sent, place))
    taken = export_elders(actor, rows, asked, request.path)
    response = HttpResponse(taken.content, content_type=taken.media)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(taken.name)}"
    return response


def _filters(sent: QueryDict, place: Place) -> str:
    """The filter in words; a name that was looked for shows its first character only."""
    form = RegisterForm(sent)
    words = [place.name, *form.words()]
    asked = sent.get("q", "").strip()
    return "，".join([*words, f"找“{asked[:1]}*”"] if asked else words)
