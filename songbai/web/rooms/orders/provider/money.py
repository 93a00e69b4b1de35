"""The month's statement by payer, and the rows behind each of its numbers."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.http import urlencode

from songbai.core.ledger.registry import Payer, payer_of
from songbai.domain.orders.queries import Statement, of_provider
from songbai.domain.orders.queries import statement as month_statement
from songbai.domain.orders.queries.books import owed
from songbai.domain.orders.queries.of_provider import elder_of
from songbai.domain.orders.rules import OrderState
from songbai.web.asked import months
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.providers.console import pages_of
from songbai.web.views import Actor, HttpRequest, Shown, door

from ..forms import RowsForm
from .lists import month_asked, who_or_gone

PER_PAGE = 50
WHICH_WORDS = {
    "": "已完成",
    "done": "还没结算",
    "settled": "已结算",
    "held": "等核对",
    "ledger": "账本记录",
}


@door("provider", "statement/")
def statement(request: HttpRequest, actor: Actor) -> Shown:
    """A month by payer, from the orders and from the books."""
    month = month_asked(request.GET.get("month", ""))
    bill = month_statement(actor, actor.organisation_id or 0, month)
    return {
        "bill": bill,
        "lines": _lines(bill),
        "left": bill.total - bill.settled,
        "owes": owed(actor, actor.organisation_id or 0),
        "ledger": sum(bill.ledger.values()),
        "orders": of_provider.month_summary(actor, month).done,
        "month": month,
        "months": sorted({*months(), month}, reverse=True),
    }


def _lines(bill: Statement) -> list[dict[str, Any]]:
    return [
        {
            "payer": line.payer,
            "orders": line.orders,
            "amount": line.amount,
            "settled": line.settled,
            "left": line.amount - line.settled,
            "ledger": bill.ledger.get(line.payer, 0),
            "agrees": line.amount - line.settled == bill.ledger.get(line.payer, 0),
        }
        for line in bill.lines
    ]


@door("provider", "statement/rows/")
def statement_rows(request: HttpRequest, actor: Actor) -> Shown:
    """The rows behind a number of the statement."""
    form = RowsForm(request.GET)
    month, payer, which = month_asked(request.GET.get("month", "")), form.who_pays(), form.which()
    if which == "ledger":
        rows = _books(request, actor, month, payer)
    else:
        rows = _shares(request, actor, month, payer, which)
    who_pays = (payer.words, payer.code) if payer else ("", "")
    return {
        "month": month,
        "payer": who_pays[0],
        "which": which,
        "which_words": WHICH_WORDS[which],
        "query": urlencode({"month": month, "payer": who_pays[1], "state": which}),
        **rows,
    }


def _shares(
    request: HttpRequest, actor: Actor, month: str, payer: Payer | None, which: str
) -> dict[str, Any]:
    """Orders, one line for each payer's share."""
    held = which == "held"
    state = OrderState(which) if which and not held else None
    found = of_provider.statement_rows(actor, month, payer, state, held=held)
    count, total = of_provider.sum_of(found)
    page = pages_of(found, PER_PAGE, count).get_page(request.GET.get("page"))
    shares = list(page.object_list)
    elders = [elder for share in shares if (elder := elder_of(share))]
    noted(request, elders, "核对结算", "name", "age")
    rows = [(share, who_or_gone(elder_of(share)), payer_of(share.payer).words) for share in shares]
    return {"page": page, "rows": rows, "total": total}


def _books(request: HttpRequest, actor: Actor, month: str, payer: Payer | None) -> dict[str, Any]:
    """Postings of the ledger: what came in, what went out."""
    found = of_provider.ledger_rows(actor, month, payer)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    ours = f"provider:{actor.organisation_id}:earned:"
    rows = [
        (posting, posting.amount if posting.credit.code.startswith(ours) else -posting.amount)
        for posting in page.object_list
    ]
    return {"page": page, "postings": rows, "total": of_provider.ledger_total(actor, month, payer)}
