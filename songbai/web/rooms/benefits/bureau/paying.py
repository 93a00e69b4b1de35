"""How money on its way reads: the parts of the work, rows of payments, what happened to each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model, QuerySet

from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.bank.format import REASONS
from songbai.domain.benefits.models import Payment, PaymentLine
from songbai.domain.benefits.queries.payments import account_of, last_reasons
from songbai.domain.benefits.rules.paying import LineState
from songbai.web.frames.bureau.shell import link
from songbai.web.rooms.elders.words import who
from songbai.web.words import village_of

from ..explaining import policy_name

#: The pages of what went wrong with money, and their names.
PARTS = {
    "failed_payments": "发放失败",
    "recoveries": "追缴",
    "arrears": "补发",
    "suspensions": "暂停发放",
}


def parts_of(current: str) -> list[tuple[str, str, bool]]:
    """The tabs of these pages: words, address, whether it is the one shown."""
    return [(words, link(name), name == current) for name, words in PARTS.items()]


def policies_in(rows: QuerySet[Model]) -> list[tuple[str, str]]:
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
