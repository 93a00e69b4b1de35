"""The trace a page leaves of showing somebody's record."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import as_people, note_read, show_plain
from songbai.web.doors import signed_in
from songbai.web.frames.bureau.shell import Slice, slice_of

from .forms import FIELDS, ShowPlainForm


def noted(request: HttpRequest, people: Iterable[Elder], purpose: str, *fields: str) -> None:
    """Log that these fields of these people are shown on this page, for each person once.

    Raises NotAllowed for a stranger, ValueError for a field that no room declares.
    """
    shown = list({elder.pk: elder for elder in people}.values())
    where = request.path
    note_read(signed_in(request), shown, fields=list(fields), purpose=purpose, where=where)


def people_slice(request: HttpRequest, rows: QuerySet[Any], purpose: str, *fields: str) -> Slice:
    """The page asked for of rows about people, each by the name of the person now, and the trace of
    it: name, age and village, unless other ``fields`` are shown.

    Raises as ``noted``.
    """
    shown = slice_of(rows, request)
    as_people(signed_in(request), shown.rows)
    fields = fields or ("name", "age", "village")
    noted(request, [row.elder for row in shown.rows], purpose, *fields)
    return shown


def plain_field(
    request: HttpRequest, form: ShowPlainForm, people: Iterable[Elder]
) -> dict[str, Any] | None:
    """The field asked for in full, of each of these people by number, logged with its purpose; None
    when the form is wrong. Raises NotAllowed.
    """
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    field, purpose = asked["field"], f"{asked['purpose']}：{asked['why']}"[:60]
    actor, where = signed_in(request), request.path
    plain = {
        one.pk: show_plain(actor, one, fields=[field], purpose=purpose, where=where)
        for one in people
    }
    values = [(pk, getattr(one, field) or "没有登记") for pk, one in plain.items()]
    return {"label": dict(FIELDS)[field], "values": values}
