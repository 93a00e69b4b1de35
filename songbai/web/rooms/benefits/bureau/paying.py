"""How money on its way reads: the parts of the work, rows of payments, what happened to each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from songbai.domain.benefits.bank.format import REASONS
from songbai.domain.benefits.models import Payment, PaymentLine
from songbai.domain.benefits.queries.payments import account_of, last_reasons
from songbai.domain.benefits.rules.paying import LineState
from songbai.web.frames.bureau.shell import link, page, slice_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.elders.words import who
from songbai.web.views import Actor, HttpRequest, HttpResponse
from songbai.web.words import village_of

from ..explaining import policy_name

#: The pages of what went wrong with money, and their names.
PARTS = {
    "failed_payments": "发放失败",
    "recoveries": "追缴",
    "arrears": "补发",
    "suspensions": "暂停发放",
}


def part_page(
    request: HttpRequest,
    name: str,
    why: str,
    rows: QuerySet[Any],
    among: QuerySet[Any],
    read: Callable[[list[Any]], Sequence[object]],
    *,
    sees: str = "money",
    **values: Any,
) -> HttpResponse:
    """Draw one of these pages: the slice asked for of some rows, and the policies of those it is
    ``among``; that ``why`` and what it ``sees`` of their people is noted.
    """
    shown = slice_of(rows, request)
    noted(request, [row.elder for row in shown.rows], why, "name", "age", "village", sees)
    values |= {"parts": [(words, link(part), part == name) for part, words in PARTS.items()]}
    values |= {"policy": policy_asked(request), "policies": _policies_in(among)}
    return page(request, name, "failed_payments", rows=read(shown.rows), shown=shown, **values)


def policy_asked(request: HttpRequest) -> str:
    """The policy to which such a page is cut; "" for all."""
    return request.GET.get("policy", "")[:40]


def _policies_in(rows: QuerySet[Model]) -> list[tuple[str, str]]:
    """The policies of some rows, by name: code and name."""
    codes = rows.order_by().values_list("policy", flat=True).distinct()
    return sorted(((code, policy_name(code)) for code in codes), key=lambda pair: pair[1])


@dataclass(frozen=True)
class PaymentRow:
    """A payment in a list; ``why`` is what the bank said when it failed last."""

    row: Payment
    who: str
    village: str
    policy: str
    why: str


def payment_rows(rows: Iterable[Payment]) -> list[PaymentRow]:
    """Rows that came from a scoped query with their people."""
    held = list(rows)
    reasons = last_reasons(held)
    return [
        PaymentRow(
            one,
            who(one.elder),
            village_of(one.region_id),
            policy_name(one.policy),
            reasons.get(one.pk, ""),
        )
        for one in held
    ]


@dataclass(frozen=True)
class Try:
    """A payment in one file of the bank: to which account (masked), and what came of it."""

    line: PaymentLine
    account: str
    result: str


def tries(actor: Actor, lines: Iterable[PaymentLine], where: str) -> list[Try]:
    """Each time somebody's money went to the bank; the accounts leave their trace."""
    return [
        Try(
            line,
            account_of(actor, line, purpose="核对发放账号", where=where),
            REASONS.get(line.reason, LineState(line.state).words),
        )
        for line in lines
    ]
