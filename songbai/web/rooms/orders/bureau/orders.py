"""Orders: the rows behind the numbers, and everything about one."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from songbai.core.accounts.queries import names_of
from songbai.core.accounts.rules import Reach, may
from songbai.core.approvals.queries import of_person
from songbai.core.approvals.rules import ProposalState
from songbai.core.errors import Refused
from songbai.core.events.queries import history
from songbai.core.ledger.models import LedgerAccount
from songbai.core.ledger.queries import Entry, bare_transfers_of, both_sides
from songbai.core.ledger.registry import transfer_words
from songbai.domain.orders.declares import ORDER_REVERSE
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import get
from songbai.domain.orders.rules import REVERSIBLE, OrderState
from songbai.domain.providers.queries.figures import provider_names
from songbai.domain.visits.actions import look, see_to
from songbai.domain.visits.actions.reversing import REVERSAL, ask_reversal
from songbai.domain.visits.queries import evidence, reports
from songbai.domain.visits.queries.lists import (
    NOW,
    OrderFilter,
    Show,
    assignment_of,
    order_ids,
    orders_by_id,
    visit_of,
)
from songbai.web.asked import at_field, done, key_of, month_asked, months_of_money, whole_number
from songbai.web.frames.bureau import area, page_of, place_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.ledger.words import AccountName, names_of_accounts
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, door, form
from songbai.web.words import who_did

from ..forms import OrderFilterForm
from ..words import steps_of


@door("bureau", "orders/")
def orders(request: HttpRequest, actor: Actor) -> Shown:
    """A list of orders with filters in the address."""
    place = place_of(actor, request.GET.get("region", ""))
    home = place_of(actor)
    form = OrderFilterForm(request.GET)
    show = Show(form.chosen("show")) if form.chosen("show") else None
    month = "" if show in NOW else month_asked(request, ahead=True)
    provider = whole_number(request.GET.get("provider", ""))
    wanted = OrderFilter(
        region=place.prefix,
        month=month,
        state=form.chosen("state"),
        payer=form.chosen("payer"),
        doubt=form.chosen("doubt"),
        provider_id=provider or None,
        show=show,
    )
    shown = page_of(order_ids(actor, wanted), request)
    rows = list(orders_by_id(actor, list(shown.object_list)))
    _note(request, rows, "查看订单名单")
    return {
        **area(place, home),
        "month": month,
        "months": months_of_money(month),
        "form": form,
        "selects": [form[name] for name in ("show", "state", "payer", "doubt")],
        "show_words": dict(form.fields["show"].choices).get(show.value) if show else "",  # type: ignore[attr-defined]  # a choice field
        "provider_name": provider_names({provider}).get(provider, "") if provider else "",
        "provider_id": provider,
        "rows": rows,
        "shown": shown,
    }


@door("bureau", "orders/<int:order_id>/")
def order(request: HttpRequest, actor: Actor, order_id: int, **_: object) -> Shown:
    """One order: what was asked, who went, what was found, and where the money went."""
    found = get(actor, order_id)
    _note(request, [found], "查看订单详情")
    visit, assignment = visit_of(actor, found), assignment_of(actor, found)
    events = list(history("order", found.pk))
    entries = both_sides(bare_transfers_of("order", found.pk))
    people = names_of([e.actor_id for e in events] + [e.transfer.actor_id for e in entries])
    accounts = names_of_accounts(actor, _accounts(entries))
    return {
        "order": found,
        "assignment": assignment,
        "visit": visit,
        "evidence": evidence(visit) if visit else [],
        "reports": reports(actor).filter(order=found),
        "steps": steps_of(found, assignment, visit, events, people),
        "entries": [
            (
                one.transfer,
                transfer_words(one.transfer.kind),
                accounts[one.giver.account_id],
                accounts[one.taker.account_id],
                who_did(people, one.transfer.actor_id),
            )
            for one in entries
        ],
        "net": _net(entries, accounts),
        "reversal": _reversal(actor, found),
        "key": request.POST.get("idempotency_key") or str(uuid.uuid4()),
        "net_sum": sum(amount for _, amount in _net(entries, accounts)),
    }


def _reversal(actor: Actor, order: Order) -> str:
    """Whether to offer to take an order back ("ask"), or say that it was asked ("asked")."""
    if order.state not in REVERSIBLE or order.held:
        return ""
    if not may(actor, ORDER_REVERSE, Reach(order.region_id)):
        return ""
    asked = of_person(actor, order.elder_id).filter(
        kind=REVERSAL, subject_id=order.pk, state=ProposalState.OPEN
    )
    return "asked" if asked.exists() else "ask"


@form("bureau", "orders/<int:order_id>/look/", status=422, mends=Refused, shows=order)
def order_look(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Say, after a look at the doubts, whether the care was given."""
    given = request.POST.get("given") == "1"
    with at_field("look-reason"):
        found = look(actor, order_id, given=given, reason=request.POST.get("reason", ""))
    again = found.state == OrderState.ACCEPTED
    not_given = "记下了，时间还没过，调度另外找人去。" if again else "记下了，钱退回了。"
    words = "记下了，这一单可以付了。" if given else not_given
    return done(request, words, "bureau:order", order_id)


@form(
    "bureau",
    "orders/<int:order_id>/reports/<int:report_id>/",
    status=422,
    mends=Refused,
    shows=order,
)
def report_seen(request: HttpRequest, actor: Actor, order_id: int, report_id: int) -> HttpResponse:
    """Say what became of what was reported from the door."""
    with at_field("outcome"):
        see_to(actor, report_id, request.POST.get("outcome", ""))
    return done(request, "记下了，家里会看到。", "bureau:order", order_id)


@form("bureau", "orders/<int:order_id>/reverse/", status=422, mends=Refused, shows=order)
def order_reverse(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    """Propose to take back an order that was confirmed and not given; another officer decides."""
    sent = request.POST
    proposal = ask_reversal(actor, order_id, sent.get("why", ""), key_of(sent))
    words = "提交了。另一位同事审核同意后，钱退回，已付的从以后的结算里扣。"
    return done(request, words, "bureau:proposal", proposal.pk)


def _accounts(entries: Iterable[Entry]) -> dict[int, LedgerAccount | None]:
    sides = [side for entry in entries for side in (entry.giver, entry.taker)]
    return {side.account_id: side.account for side in sides}


def _net(
    entries: Iterable[Entry], accounts: dict[int, AccountName]
) -> list[tuple[AccountName, int]]:
    """What all transfers together did to each account; the sum of it is zero."""
    change: defaultdict[int, int] = defaultdict(int)
    for entry in entries:
        change[entry.giver.account_id] -= entry.transfer.amount
        change[entry.taker.account_id] += entry.transfer.amount
    return [(accounts[account_id], amount) for account_id, amount in change.items()]


def _note(request: HttpRequest, found: list[Order], purpose: str) -> None:
    noted(request, [order.elder for order in found], purpose, "name", "age", "village")
