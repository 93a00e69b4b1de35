"""The rows behind a cycle: its people, what must be looked at, the money and what the bank said."""

from collections.abc import Iterable

from songbai.core.accounts.rules import Reach, may
from songbai.core.errors import NotFound, Refused
from songbai.core.regions.rules import DIGITS, Level
from songbai.domain.benefits.actions.cycles import open_again, settle
from songbai.domain.benefits.declares import BENEFIT_CHECK
from songbai.domain.benefits.models import Cycle, CycleException
from songbai.domain.benefits.queries.cycle_figures import counts, people, ruled_out_people
from songbai.domain.benefits.queries.cycles import confirmed, cycle, exceptions_of, policy_of
from songbai.domain.benefits.queries.payments import (
    CycleTotals,
    answers_of,
    batches_of,
    payments_of,
    totals_of,
)
from songbai.domain.benefits.rules.cycle import (
    ExceptionKind,
    ExceptionState,
    State,
)
from songbai.domain.benefits.rules.missing import cause_words
from songbai.domain.benefits.rules.paying import (
    BatchState,
    PaymentState,
)
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.models import Elder
from songbai.web.asked import at_field, done, list_asked, whole_number
from songbai.web.frames.bureau import Place, link, page, place_of, slice_of
from songbai.web.frames.bureau.shell import MOST_PAGES, PER_PAGE, Slice
from songbai.web.rooms.elders.looks import noted, people_slice
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, form

from .paying import payment_rows
from .people_rows import LISTS, list_counts, outcome_tabs, people_rows, ruled_rows


def exception_rows(
    actor: Actor, cycle: Cycle, rows: Iterable[CycleException]
) -> list[tuple[CycleException, str, str, str, bool, bool]]:
    """Rows of the work list: what it is, what it is about, what became of it, whether this officer
    can settle it, or take back what was said: only who may check the town can, and only in time.
    """
    names = vocabulary("elder")
    in_time = cycle.state in {State.CHECKED, State.IN_TOWNS}
    found = []
    for one in rows:
        facts = [names[key].name for key in one.facts.split(",") if key in names]
        mine = in_time and may(actor, BENEFIT_CHECK, Reach(one.region_id))
        can_settle = mine and one.blocking and one.state == ExceptionState.OPEN
        said = one.state in {ExceptionState.RELEASED, ExceptionState.HELD}
        can_unsay = mine and said and not confirmed(cycle, one.region_id)
        kind, about = ExceptionKind(one.kind).words, "、".join(facts) or one.about
        state = ExceptionState(one.state).words
        found.append((one, kind, about, state, can_settle, can_unsay))
    return found


def kinds_of(actor: Actor, found: Cycle) -> list[tuple[str, str, int, int]]:
    """Exceptions by kind: key, words, open, all."""
    rows = list(exceptions_of(actor, found).order_by().values_list("kind", "state"))
    kinds = dict.fromkeys(kind for kind, _ in sorted(rows))
    return [
        (
            kind,
            ExceptionKind(kind).words,
            sum(1 for k, state in rows if k == kind and state == ExceptionState.OPEN),
            sum(1 for k, _ in rows if k == kind),
        )
        for kind in kinds
    ]


@door("bureau", "benefits/<int:cycle_id>/exceptions/")
def cycle_exceptions(
    request: HttpRequest, actor: Actor, cycle_id: int, exception_id: int = 0
) -> HttpResponse:
    """The work list of a cycle: what must be looked at before money goes out."""
    found = cycle(actor, cycle_id)
    state, kind = request.GET.get("state", "open"), request.GET.get("kind", "")
    listed = exceptions_of(actor, found)
    if state in [*ExceptionState]:
        listed = listed.filter(state=state)
    if kind in [*ExceptionKind]:
        listed = listed.filter(kind=kind)
    shown = people_slice(request, listed, "核对待遇批次", "name", "age", "village", "benefits")
    return page(
        request,
        "cycle_exceptions",
        "cycles",
        one=found,
        policy=policy_of(found),
        state=state,
        kind=kind,
        states=ExceptionState.choices(),
        kinds=kinds_of(actor, found),
        rows=exception_rows(actor, found, shown.rows),
        shown=shown,
        wrong=exception_id,
    )


@form(
    "bureau",
    "benefits/<int:cycle_id>/exceptions/<int:exception_id>/settle/",
    status=422,
    shows=cycle_exceptions,
)
def exception_settle(
    request: HttpRequest, actor: Actor, cycle_id: int, exception_id: int
) -> HttpResponse:
    """Pay as decided, or not in this cycle; with the reason."""
    if not exceptions_of(actor, cycle(actor, cycle_id)).filter(pk=exception_id).exists():
        raise NotFound
    said, reason = request.POST.get("pay", ""), request.POST.get("reason", "")
    with at_field(f"reason-{exception_id}"):
        if said == "again":
            open_again(actor, exception_id)
        elif said in {"yes", "no"}:
            settle(actor, exception_id, pay=said == "yes", reason=reason)
        else:
            raise Refused("请选“照发”或“本批不发”。")
    query = request.GET.urlencode()
    to = link("cycle_exceptions", cycle_id) + (f"?{query}" if query else "")
    return done(request, "记下了。", to)


@door("bureau", "benefits/<int:cycle_id>/payments/")
def cycle_payments(request: HttpRequest, actor: Actor, cycle_id: int) -> HttpResponse:
    """The payments of a cycle in scope, by state; beside them files and answers."""
    found = cycle(actor, cycle_id)
    state = request.GET.get("state", "")
    state = state if state in [*PaymentState] else ""
    told = totals_of(actor, found)
    payments = payments_of(actor, found, state)
    shown = people_slice(request, payments, "查看待遇发放", "name", "age", "village", "money")
    return page(
        request,
        "cycle_payments",
        "cycles",
        one=found,
        policy=policy_of(found),
        place=place_of(actor),
        told=told,
        tabs=_tabs(found.pk, told, state),
        rows=payment_rows(shown.rows),
        shown=shown,
        batches=[(one, BatchState(one.state).words) for one in batches_of(actor, found)],
        answers=list(answers_of(actor, found)),
    )


def _tabs(cycle_id: int, told: CycleTotals, state: str) -> list[tuple[str, int, str, bool]]:
    """All, and each state there is: words, how many, address, whether it is the one shown."""
    tabs = [("全部", told.all.people, link("cycle_payments", cycle_id), state == "")]
    for one in PaymentState:
        people = told.by_state[one].people if one in told.by_state else 0
        if people or state == one:
            url = link("cycle_payments", cycle_id, state=one.value)
            tabs.append((one.words, people, url, state == one))
    return tabs


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
