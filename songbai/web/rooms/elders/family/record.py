"""The elder's record: who looked at it, and the code at the door."""

import segno
from django.core.paginator import Paginator
from django.utils.safestring import mark_safe

from songbai.core.audit.queries import reads_of
from songbai.core.audit.registry import read_words
from songbai.core.audit.rules import looks
from songbai.domain.elders.queries import reach_of
from songbai.web.rooms.elders.household import household, note
from songbai.web.views import Actor, HttpRequest, Shown, door

from ..words import looked_from, reader_words

A_PAGE = 30


@door("family", "elders/<int:elder_id>/reads/")
def reads(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """Everybody who looked at the elder's record: when, who, what, and what for."""
    home = household(request, elder_id)
    note(request, home, ["name", "reads"], "家属看谁看过档案")
    rows = reads_of(home.actor, home.elder.pk, reach_of(home.elder))
    others_only = request.GET.get("who") != "all"
    if others_only:
        rows = rows.exclude(account_id=home.actor.account_id)
    page_of_rows = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            "at": look.read.at,
            "reader": reader_words(
                look.read.account_id, look.read.reader, look.read.role, home.actor
            ),
            "fields": read_words(look.read.fields),
            "purpose": look.read.purpose,
            "place": looked_from(look.read.where),
            "times": look.times,
        }
        for look in looks(page_of_rows)
    ]
    return {"household": home, "page": page_of_rows, "looks": shown, "others_only": others_only}


@door("family", "elders/<int:elder_id>/code/")
def code(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """The code for the elder's door, to print and stick on."""
    home = household(request, elder_id)
    note(request, home, ["name", "door_code"], "家属打印门口的码")
    text = request.build_absolute_uri(f"/d/{home.elder.door_code}")
    picture = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, dark="#000", light="#fff", title="门口的二维码"
    )
    # Drawn by segno from our own text: holds nothing a person typed.
    svg = mark_safe(picture)  # noqa: S308
    return {"household": home, "svg": svg, "text": text}
