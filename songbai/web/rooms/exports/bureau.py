"""Who took which list."""

from songbai.core.exports.queries import exports_in
from songbai.web.frames.bureau.shell import page, slice_of
from songbai.web.views import Actor, HttpRequest, HttpResponse, door


@door("bureau", "exports/")
def exports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Lists taken out by people of the officer's area, newest first."""
    shown = slice_of(exports_in(actor), request)
    return page(request, "exports", "exports", shown=shown, rows=shown.rows)
