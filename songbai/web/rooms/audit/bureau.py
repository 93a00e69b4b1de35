"""Who read whose record and why, and what happened to one person's affairs."""

from datetime import datetime

from django.utils.http import urlencode

from songbai.core import clock
from songbai.core.accounts.queries import names_of
from songbai.core.accounts.registry import role_words
from songbai.core.audit.queries import filtered, reads_in, reads_of
from songbai.core.audit.registry import read_words
from songbai.core.audit.rules import looks
from songbai.core.events.queries import of_person
from songbai.core.events.registry import said
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age, get, note_read, person_of_records, reach_of
from songbai.domain.elders.queries.figures import named
from songbai.domain.elders.rules import mask_name
from songbai.web.frames.bureau.shell import slice_of
from songbai.web.plugs import moments, page_words
from songbai.web.views import Actor, HttpRequest, Shown, door
from songbai.web.words import village_of, who_did

from .forms import ReadFilterForm

EVENTS = 100
#: Rows of the log on a page; what one list wrote is one line of it.
ROWS = 100


@door("bureau", "audit/")
def audit(request: HttpRequest, actor: Actor) -> Shown:
    """The reading log of the officer's area, or of one person with the changes beside it."""
    form = ReadFilterForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    person = get(actor, asked["person"]) if asked.get("person") else None
    reads = reads_of(actor, person.pk, reach_of(person)) if person else reads_in(actor)
    day = asked.get("day")
    shown = slice_of(
        filtered(
            reads,
            purpose=asked.get("q", ""),
            reader=asked.get("reader", ""),
            between=clock.day_bounds(day) if day else None,
            field=asked.get("field", ""),
            role=asked.get("role", ""),
            where=asked.get("where", ""),
        ),
        request,
        ROWS,
    )
    people = named(actor, {read.person_id for read in shown.rows})
    if person:
        fields = ["name", "age", "village", "reads"]
        note_read(actor, [person], fields=fields, purpose="核对查阅记录", where=request.path)
    return {
        "form": form,
        "person": person,
        "person_words": _person(person) if person else "",
        "reads": [
            {
                "read": look.read,
                "people": [
                    (one, mask_name(people[one].name) if one in people else "", _link(one))
                    for one in look.people
                ],
                "role": role_words(look.read.role, "系统"),
                "fields": read_words(look.read.fields),
                "page": page_words(look.read.where),
            }
            for look in looks(shown.rows)
        ],
        "shown": shown,
        "story": _story(actor, person) if person else [],
        "most_events": EVENTS,
    }


def _story(actor: Actor, person: Elder) -> list[tuple[datetime, str, str, int]]:
    """What happened to a person under all her records, the newest first: when, what, who, and the
    order it was about, 0 none.
    """
    events = list(of_person(*person_of_records([person.pk]))[:EVENTS])
    doers = names_of(event.actor_id for event in events)
    rows = [
        (
            one.at,
            said(one.kind, one.payload),
            who_did(doers, one.actor_id),
            one.subject_id if one.subject_kind == "order" else 0,
        )
        for one in events
    ]
    rows += [(one.at, one.words, one.who, 0) for make in moments for one in make(actor, person)]
    return sorted(rows, key=lambda row: row[0], reverse=True)[:EVENTS]


def _link(person_id: int) -> str:
    return f"?{urlencode({'person': person_id})}"


def _person(person: Elder) -> str:
    return f"{mask_name(person.name)}，{age(person)} 岁，{village_of(person.region_id)}"
