"""Facts and their sources: of one person, where sources disagree, and who is believed first."""

from songbai.core.errors import NotAllowed, NotFound, SongbaiError
from songbai.domain.elders.actions.corrections import choose_account
from songbai.domain.elders.actions.facts import decide_conflict, may_set_trust, set_trust
from songbai.domain.elders.queries import get
from songbai.domain.elders.queries.facts import (
    conflict,
    conflicts,
    last_trust,
    moment,
    of_person,
    trust,
)
from songbai.domain.elders.rules.kinds import BANK_CARD, Kind, kind_of, kinds, source_words
from songbai.web.frames.bureau import area, link, place_of
from songbai.web.rooms.elders.looks import noted, people_slice
from songbai.web.views import Actor, HttpRequest, Shown, done, door, form, key_of, posted

from ..forms import AsKnownForm
from .register import sides_in_words, story_of

#: What a clerk does with disagreements, and what is shown of whom they are about.
CHECKING, CHECKED = "核对部门说法不一致", ("name", "village", "facts")


@door("bureau", "elders/<int:elder_id>/facts/")
def elder_facts(request: HttpRequest, actor: Actor, elder_id: int) -> Shown:
    """What is known of a person, from whom and since when; as of any day, as known on any day."""
    found = get(actor, elder_id)
    form = AsKnownForm(request.GET)
    day, known = form.chosen("day"), form.chosen("known")
    noted(request, [found], "查看资料来源", "name", "facts")
    return {
        "elder": found,
        "form": form,
        "day": day,
        "known": known,
        "story": story_of(actor, found, day=day, known_at=moment(known) if known else None),
    }


@door("bureau", "conflicts/", name="conflicts")
def disagreements(request: HttpRequest, actor: Actor) -> Shown:
    """Where trusted sources say different things of a person, the oldest first."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    kind = request.GET.get("kind", "")
    waiting = conflicts(actor, place.prefix, kind if kind in kinds() else "")
    shown = people_slice(request, waiting, CHECKING, *CHECKED)
    return {
        **area(place, home),
        "kind": kind,
        "choices": [one for one in kinds().values() if one.conflict],
        "count": waiting.count(),
        "rows": shown.rows,
        "shown": shown,
    }


@form("bureau", "conflicts/<int:conflict_id>/", name="conflict", mends=SongbaiError)
def disagreement(request: HttpRequest, actor: Actor, conflict_id: int) -> Shown:
    """What each source says of one thing; POST says who is right, and why."""
    row = conflict(actor, conflict_id)
    source, reason = request.POST.get("source", ""), request.POST.get("reason", "")
    if posted(request) and row.kind == BANK_CARD:
        key = key_of(request.POST)
        proposal = choose_account(actor, row.pk, key, source=source, why=reason)
        words = "报上去了。另一位同事核对同意以后，钱才发到这个账号。"
        return done(request, words, link("proposal", proposal.pk))
    if posted(request):
        decide_conflict(actor, row.pk, source=source, reason=reason)
        said = source_words().get(source, "")
        words = f"已记下：{kind_of(row.kind).name}以{said}说的为准。"
        return done(request, words, link("conflicts"))
    noted(request, [row.elder], CHECKING, *CHECKED)
    return {
        "row": row,
        "elder": row.elder,
        "sides": sides_in_words(row.elder, row.kind, of_person(actor, row.elder)),
        "chosen": source,
    }


@door("bureau", "trust/", name="trust", menu="conflicts")
def trust_orders(_: HttpRequest, actor: Actor) -> Shown:
    """Who is believed first about each kind of fact."""
    order, latest = trust(), last_trust()
    rows = [
        (kind, [source_words()[source] for source in order[code]], latest.get(code))
        for code, kind in kinds().items()
    ]
    may_set = may_set_trust(actor)
    return {"rows": rows, "may_set": may_set}


@form("bureau", "trust/<slug:kind>/", menu="conflicts", mends=SongbaiError)
def trust_order(request: HttpRequest, actor: Actor, kind: str) -> Shown:
    """Change who is believed first about one kind; POST with a place for each source."""
    if kind not in kinds():
        raise NotFound
    if not may_set_trust(actor):
        raise NotAllowed
    found, standing = kind_of(kind), trust()[kind]
    reason = request.POST.get("reason", "")
    wanted = _ordered(request, found) if request.method == "POST" else list(standing)
    if posted(request):
        set_trust(actor, kind, wanted, reason=reason)
        words = f"已改{found.name}的可信顺序，正在按新顺序重新认定。"
        return done(request, words, link("trust"))
    return {
        "kind": found,
        "rows": [(source, source_words()[source], at) for at, source in enumerate(wanted, 1)],
        "places": range(1, len(found.sources) + 1),
        "reason": reason,
    }


def _ordered(request: HttpRequest, kind: Kind) -> list[str]:
    """The sources by the place typed beside each; equal places keep the standing order."""

    def place(source: str) -> int:
        typed = request.POST.get(f"place_{source}", "")
        return int(typed) if typed.isdecimal() and len(typed) < 4 else len(kind.sources)

    return sorted(trust()[kind.code], key=place)
