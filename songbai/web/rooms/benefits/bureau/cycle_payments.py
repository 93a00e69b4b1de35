"""The money of a cycle: everybody's payment, the files the bank was given, what it answered."""

from songbai.domain.benefits.queries.cycles import cycle, policy_of
from songbai.domain.benefits.queries.payments import (
    CycleTotals,
    answers_of,
    batches_of,
    payments_of,
    totals_of,
)
from songbai.domain.benefits.rules.paying import (
    BatchState,
    PaymentState,
)
from songbai.web.frames.bureau import link, page, place_of, slice_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, door

from .paying import payment_rows


@door("bureau", "benefits/<int:cycle_id>/payments/")
def cycle_payments(request: HttpRequest, actor: Actor, cycle_id: int) -> HttpResponse:
    """The payments of a cycle in scope, by state; beside them files and answers."""
    found = cycle(actor, cycle_id)
    state = request.GET.get("state", "")
    state = state if state in [*PaymentState] else ""
    told = totals_of(actor, found)
    shown = slice_of(payments_of(actor, found, state), request)
    noted(
        request,
        [row.elder for row in shown.rows],
        "查看待遇发放",
        "name",
        "age",
        "village",
        "money",
    )
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
