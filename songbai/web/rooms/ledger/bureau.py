"""The ledger: accounts by kind with the zero line, and one account with its transfers."""

from django.db.models import Count, Sum

from songbai.core.accounts.queries import names_of
from songbai.core.ledger.models import LedgerAccount
from songbai.core.ledger.queries import account as account_by_id
from songbai.core.ledger.queries import accounts_of, both_sides, movements, shelves
from songbai.core.ledger.registry import Book, books, transfer_words
from songbai.domain.elders.queries import note_read
from songbai.domain.elders.queries.figures import named
from songbai.web.asked import month_asked, months_of_money
from songbai.web.frames.bureau import kept, page, page_of, place_of
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, door, whole_number
from songbai.web.words import who_did

from .words import names_of_accounts


@door("bureau", "ledger/")
def ledger(request: HttpRequest, actor: Actor) -> Shown:
    """Accounts by kind with the zero line; one account with its transfers."""
    if request.GET.get("account"):
        return _account(request, actor, whole_number(request.GET["account"]))
    month = month_asked(request, ahead=True)
    book = _book(request.GET.get("book", ""))
    found = kept(actor, f"ledger:{month}", 0, lambda: shelves(actor, month))
    total = next((shelf.listed for shelf in found if shelf.book == book), 0)
    shown = page_of(accounts_of(actor, book, month), request, total)
    names = names_of_accounts(actor, {row.pk: row for row in shown.object_list})
    return {
        "place": place_of(actor),
        "shelves": found,
        "total": sum(shelf.balance for shelf in found),
        "whole": len(actor.region or "") <= 6,
        "book": book,
        "month": month,
        "months": months_of_money(month),
        "rows": [(row, names[row.pk]) for row in shown.object_list],
        "shown": shown,
    }


def _book(text: str) -> Book:
    known = {book.kind: book for book in books()}
    return known.get(text) or next(iter(known.values()))


def _account(request: HttpRequest, actor: Actor, account_id: int) -> HttpResponse:
    """One account: what came, what went, and what stood on it after each transfer."""
    found = account_by_id(actor, account_id)
    rows = movements(found)
    whole = rows.order_by().aggregate(n=Count("id"), fen=Sum("signed", default=0))
    complete = whole["fen"] == found.balance
    shown = page_of(rows, request, whole["n"])
    newer = rows[: max(shown.start_index() - 1, 0)]
    standing = found.balance - (newer.aggregate(s=Sum("signed"))["s"] or 0)
    entries = both_sides(shown.object_list)
    others = {side.account_id: side.account for e in entries for side in (e.giver, e.taker)}
    names = names_of_accounts(actor, others | {found.pk: found})
    people = names_of(e.transfer.actor_id for e in entries)
    lines = []
    for entry in entries:
        inward = entry.transfer.credit_id == found.pk
        signed = entry.transfer.amount if inward else -entry.transfer.amount
        lines.append(
            {
                "transfer": entry.transfer,
                "words": transfer_words(entry.transfer.kind),
                "other": names[entry.transfer.debit_id if inward else entry.transfer.credit_id],
                "signed": signed,
                "standing": standing if complete else None,
                "who": who_did(people, entry.transfer.actor_id),
            }
        )
        standing -= signed
    _note_owner(request, actor, found)
    return page(
        request,
        "account",
        "ledger",
        account=found,
        name=names[found.pk],
        lines=lines,
        complete=complete,
        shown=shown,
    )


def _note_owner(request: HttpRequest, actor: Actor, account: LedgerAccount) -> None:
    """Somebody's account is somebody's record."""
    owner = named(actor, {account.person_id or 0})
    if owner:
        note_read(
            actor,
            list(owner.values()),
            fields=["name", "account"],
            purpose="查看账户流水",
            where=request.get_full_path(),
        )
