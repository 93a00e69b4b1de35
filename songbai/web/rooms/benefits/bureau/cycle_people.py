"""The people behind the figures of a cycle."""

from songbai.core.regions.rules import DIGITS, Level
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.cycle_figures import counts, people, ruled_out_people
from songbai.domain.benefits.queries.cycles import cycle, policy_of
from songbai.domain.elders.models import Elder
from songbai.web.asked import list_asked
from songbai.web.frames.bureau.shell import MOST_PAGES, PER_PAGE, Slice, page, slice_of
from songbai.web.places import Place, place_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, whole_number

from .people_rows import LISTS, cause_words, list_counts, outcome_tabs, people_rows, ruled_rows


@door("bureau", "benefits/<int:cycle_id>/people/")
def cycle_people(request: HttpRequest, actor: Actor, cycle_id: int) -> HttpResponse:
    """The people behind a figure of a cycle."""
    found = cycle(actor, cycle_id)
    policy = policy_of(found)
    place = place_of(actor, request.GET.get("region", "") or _widest(actor, found))
    show, cause = request.GET.get("show", ""), request.GET.get("cause", "")[:30]
    numbers = list_counts(counts(actor, found, place.prefix))
    criterion = next((c for c in policy.criteria if show == f"no-{c.id}"), None)
    if criterion is not None:
        heading = f"最先卡在：{criterion.if_no}"
        shown, elders = _ruled(request, actor, found, criterion.id, place)
        rows = ruled_rows(elders, criterion.if_no)
    else:
        show = list_asked(show, numbers)
        words, outcome, change = LISTS[show]
        heading = f"{words}：{cause_words(cause)}" if cause else words
        listed = people(
            actor, found, place=place.prefix, outcome=outcome, change=change, cause=cause
        )
        shown = slice_of(listed, request)
        elders = [row.elder for row in shown.rows]
        rows = people_rows(shown.rows, policy)
    noted(request, elders, "查看待遇批次名单", "name", "age", "village", "benefits")
    return page(
        request,
        "cycle_people",
        "cycles",
        one=found,
        policy=policy,
        place=place,
        home=place_of(actor, _widest(actor, found)),
        divisions=place_of(actor, _widest(actor, found)).divisions(),
        show=show,
        cause=cause,
        heading=heading,
        tabs=outcome_tabs(found, numbers, show, request.GET.get("region", "")),
        rows=rows,
        shown=shown,
    )


def _widest(actor: Actor, found: Cycle) -> str:
    """The smaller of the scope and the cycle's district."""
    scope, district = actor.region or "", found.region_id[: DIGITS[Level.DISTRICT]]
    return scope if len(scope) > len(district) else district


def _ruled(
    request: HttpRequest, actor: Actor, found: Cycle, criterion: str, place: Place
) -> tuple[Slice, list[Elder]]:
    """A page of people whom a criterion is the first to rule out."""
    number = min(max(whole_number(request.GET.get("page", "")), 1), MOST_PAGES)
    start = (number - 1) * PER_PAGE
    elders = ruled_out_people(actor, found, criterion, place.prefix, start, PER_PAGE + 1)
    more = len(elders) > PER_PAGE and number < MOST_PAGES
    return Slice([], number, more), elders[:PER_PAGE]
