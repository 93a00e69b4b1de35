"""What the bank answers: each line paid or failed, once, in whatever order answers come.

A bank gives money back that it had booked (the account was closed): paid becomes failed, the money
is in the fund again, and the payment waits for another account.
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, system_only
from songbai.core.ledger.actions import Posting, post_many
from songbai.core.ledger.rules import AccountSpec, transfer_id
from songbai.core.sql import run
from songbai.domain.benefits import money
from songbai.domain.benefits.actions.correcting.recovering import release_what_came_back
from songbai.domain.benefits.bank import Bank
from songbai.domain.benefits.bank.format import (
    GIVEN_BACK,
    PAID,
    REASONS,
    Result,
    ResultFile,
    WrongBankFile,
    digest,
    read_results,
)
from songbai.domain.benefits.models import BankAnswer, Payment, PaymentBatch, PaymentLine
from songbai.domain.benefits.rules.paying import BatchState, LineState
from songbai.domain.elders.actions.turning import look_again
from songbai.domain.elders.queries.turns import left_of

from .running import close_when_settled


class TooEarly(Exception):
    """An answer to a file that is not booked as sent yet: it waits."""


def take_answers(actor: Actor, bank: Bank) -> int:
    """Take in every file of results that waits; returns how many were used.

    A file that cannot be used at all goes back with the reason. Raises NotAllowed, TryAgain.
    """
    system_only(actor)
    taken = 0
    for incoming in bank.results():
        try:
            take_answer(actor, incoming.name, incoming.content)
        except TooEarly:
            continue
        except WrongBankFile as error:
            publish(
                "bank.file_refused",
                actor,
                subject=("batch", 0),
                region="".ljust(12, "0"),
                name=incoming.name[:80],
                why=str(error)[:200],
            )
            bank.refuse(incoming.name, str(error))
            continue
        bank.keep(incoming.name)
        taken += 1
    return taken


@transaction.atomic
def take_answer(actor: Actor, name: str, content: bytes) -> BankAnswer:
    """Use one file of results; the same content again changes nothing.

    Lines that do not fit are refused one by one, with the line and the reason. Raises
    WrongBankFile, TooEarly, NotAllowed.
    """
    system_only(actor)
    mark = digest(content)
    file = read_results(content)
    batch = (
        PaymentBatch.objects.select_for_update(of=("self",))
        .select_related("cycle")
        .filter(reference=file.reference)
        .first()
    )
    if batch is None:
        raise WrongBankFile(f"第 1 行：没有批次 {file.reference[:40]}。")
    if batch.state == BatchState.BUILT:
        raise TooEarly
    earlier = BankAnswer.objects.filter(digest=mark).first()
    if earlier is not None:
        return earlier
    usable, refused = _sorted(batch, file)
    _write(actor, batch, usable)
    failed = [line.payment_id for line, result in usable if result.code != PAID]
    returned = [line.payment_id for line, _ in usable if line.state == LineState.PAID]
    rows = Payment.objects.filter(pk__in=returned).select_related("elder")
    for payment in rows.order_by("pk"):
        release_what_came_back(actor, payment)
    dead = Payment.objects.filter(pk__in=failed, elder__died_on__isnull=False)
    back = Payment.objects.filter(pk__in=failed).values("elder_id")
    # What is not owed any more is not sent again.
    look_again({*dead.values_list("elder_id", flat=True), *left_of(back)})
    answer = BankAnswer.objects.create(
        batch=batch,
        region_id=batch.region_id,
        name=name[:120],
        digest=mark,
        rows=len(file.results),
        used=len(usable),
        refused=refused,
        received_at=clock.now(),
    )
    _count(actor, batch)
    return answer


def _sorted(
    batch: PaymentBatch, file: ResultFile
) -> tuple[list[tuple[PaymentLine, Result]], list[dict[str, object]]]:
    """The results that change something, and those that do not fit with the reason."""
    rows = PaymentLine.objects.filter(batch=batch).defer("account", "account_index")
    known = {row.number: row for row in rows}
    codes: defaultdict[int, set[str]] = defaultdict(set)
    for result in file.results:
        codes[result.number].add(result.code)
    usable: dict[int, tuple[PaymentLine, Result]] = {}
    refused: list[dict[str, object]] = []
    for result in file.results:
        line = known.get(result.number)
        why = _wrong(line, result, codes[result.number])
        if why:
            refused.append({"line": result.at, "number": result.number, "why": why})
        elif line is not None and _said(line) != result.code:
            usable[result.number] = (line, result)
    return list(usable.values()), refused


def _wrong(line: PaymentLine | None, result: Result, codes: set[str]) -> str:
    if line is None:
        return "这个批次里没有这个序号"
    if line.amount != result.fen:
        return f"金额是 {result.fen}，批次里是 {line.amount}"
    if result.code != PAID and result.code not in REASONS:
        return f"不认识的代码“{result.code[:8]}”"
    if len(codes) > 1:
        return f"同一个文件里有两种结果：{'、'.join(sorted(codes))}"
    said = _said(line)
    given_back = line.state == LineState.PAID and result.code in GIVEN_BACK
    if said and said != result.code and not given_back:
        return f"和已经收到的结果不一样：先前是 {said}"
    return ""


def _said(line: PaymentLine) -> str:
    """What the bank said of a line before; "" for nothing."""
    return PAID if line.state == LineState.PAID else line.reason


_ANSWERED = """
UPDATE benefits_paymentline l SET state = u.state, reason = u.reason, answered_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS u(id, state, reason) WHERE l.id = u.id
"""
_BECAME = """
UPDATE benefits_payment p SET state = u.state,
  paid_at = CASE WHEN u.state = 'paid' THEN %s::timestamptz END
FROM unnest(%s::bigint[], %s::text[]) AS u(id, state) WHERE p.id = u.id
"""


def _write(actor: Actor, batch: PaymentBatch, usable: Sequence[tuple[PaymentLine, Result]]) -> None:
    states = [LineState.PAID if r.code == PAID else LineState.FAILED for _, r in usable]
    reasons = ["" if result.code == PAID else result.code for _, result in usable]
    now = clock.now()
    run(_ANSWERED, [now, [line.id for line, _ in usable], states, reasons])
    run(_BECAME, [now, [line.payment_id for line, _ in usable], states])
    cycle = batch.cycle
    place = (cycle.region_id, cycle.policy, cycle.month)
    accounts = money.with_bank(cycle.region_id), money.fund(*place), money.paid_out(*place)
    post_many(actor, [_posting(batch, accounts, line, result) for line, result in usable])
    for line, result in usable:
        if result.code != PAID:
            publish(
                "payment.returned" if line.state == LineState.PAID else "payment.failed",
                actor,
                subject=("payment", line.payment_id),
                region=line.region_id,
                person_id=line.elder_id,
                reason=REASONS[result.code],
            )


def _posting(
    batch: PaymentBatch,
    accounts: tuple[AccountSpec, AccountSpec, AccountSpec],
    line: PaymentLine,
    result: Result,
) -> Posting:
    paid, returned = result.code == PAID, line.state == LineState.PAID
    with_bank, fund, paid_out = accounts
    return Posting(
        id=transfer_id("returned" if returned else "answered", line.id),
        debit=paid_out if returned else with_bank,
        credit=paid_out if paid else fund,
        amount=line.amount,
        kind="paid" if paid else "returned" if returned else "bounced",
        month=batch.cycle.month,
        subject=("payment", line.payment_id),
        memo=f"批次 {batch.reference}" + ("" if paid else f"：{REASONS[result.code]}"),
        region=line.region_id,
        person_id=line.elder_id,
    )


_TOTALS = """
UPDATE benefits_paymentbatch b SET paid_rows = t.paid_rows, paid_fen = t.paid_fen,
  failed_rows = t.failed_rows, failed_fen = t.failed_fen
FROM (SELECT count(*) FILTER (WHERE state = 'paid') AS paid_rows,
    coalesce(sum(amount) FILTER (WHERE state = 'paid'), 0) AS paid_fen,
    count(*) FILTER (WHERE state = 'failed') AS failed_rows,
    coalesce(sum(amount) FILTER (WHERE state = 'failed'), 0) AS failed_fen
  FROM benefits_paymentline WHERE batch_id = %s) t
WHERE b.id = %s
"""


def _count(actor: Actor, batch: PaymentBatch) -> None:
    run(_TOTALS, [batch.pk, batch.pk])
    batch.refresh_from_db()
    if batch.state == BatchState.SENT and batch.rows == batch.paid_rows + batch.failed_rows:
        PaymentBatch.objects.filter(pk=batch.pk, state=BatchState.SENT).update(
            state=BatchState.SETTLED, settled_at=clock.now()
        )
        publish(
            "batch.settled",
            actor,
            **on("batch", batch),
            reference=batch.reference,
            paid=batch.paid_rows,
            failed=batch.failed_rows,
        )
        close_when_settled(actor, batch.cycle)
