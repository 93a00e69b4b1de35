"""The work list of a cycle: what must be looked at before money goes out."""

from collections.abc import Iterable
from dataclasses import dataclass

from songbai.core.accounts.rules import Reach, may
from songbai.core.errors import NotFound, Refused
from songbai.domain.benefits.actions.cycles import settle
from songbai.domain.benefits.declares import BENEFIT_CHECK
from songbai.domain.benefits.models import Cycle, CycleException
from songbai.domain.benefits.queries.cycles import cycle, exceptions_of, policy_of
from songbai.domain.benefits.rules.cycle import (
    ExceptionKind,
    ExceptionState,
    State,
)
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.queries import age
from songbai.domain.elders.rules import mask_name
from songbai.web.frames.bureau.shell import link, page
from songbai.web.rooms.elders.looks import people_slice
from songbai.web.views import Actor, HttpRequest, HttpResponse, at_field, done, door, form
from songbai.web.words import village_of


@dataclass(frozen=True)
class ExceptionRow:
    """Something to look at: whom it is about, what it is, what became of it."""

    row: CycleException
    who: str
    age: int
    village: str
    kind: str
    about: str
    state: str
    can_settle: bool


def exception_rows(
    actor: Actor, cycle: Cycle, rows: Iterable[CycleException]
) -> list[ExceptionRow]:
    """Rows of the work list; only who may check the town can settle, and only in time."""
    names = vocabulary("elder")
    found = []
    for one in rows:
        facts = [names[key].name for key in one.facts.split(",") if key in names]
        open_ = one.blocking and one.state == ExceptionState.OPEN
        in_time = cycle.state in {State.CHECKED, State.IN_TOWNS}
        found.append(
            ExceptionRow(
                one,
                mask_name(one.elder.name),
                age(one.elder),
                village_of(one.region_id),
                ExceptionKind(one.kind).words,
                "、".join(facts) or one.about,
                ExceptionState(one.state).words,
                open_ and in_time and may(actor, BENEFIT_CHECK, Reach(one.region_id)),
            )
        )
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
        if said not in {"yes", "no"}:
            raise Refused("请选“照发”或“本批不发”。")
        settle(actor, exception_id, pay=said == "yes", reason=reason)
    query = request.GET.urlencode()
    to = link("cycle_exceptions", cycle_id) + (f"?{query}" if query else "")
    return done(request, "记下了。", to)
