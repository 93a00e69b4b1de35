"""Who took which list."""

from songbai.core.exports.queries import exports_in
from songbai.web.frames.bureau.shell import slice_of
from songbai.web.views import Actor, HttpRequest, Shown, door


@door("bureau", "exports/")
def exports(request: HttpRequest, actor: Actor) -> Shown:
    """Lists taken out by people of the officer's area, newest first."""
    shown = slice_of(exports_in(actor), request)
    return {"shown": shown, "rows": shown.rows}
