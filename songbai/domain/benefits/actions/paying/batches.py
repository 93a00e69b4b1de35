"""Files for the bank: which payments go into one, what stands in it, and handing it over."""

from django.db import transaction
from django.db.models import Max

from songbai.core import clock, sql
from songbai.core.acting import Actor, on, publish, system_only
from songbai.core.crypto import decrypt
from songbai.core.ledger.actions import Posting, post
from songbai.core.ledger.rules import transfer_id
from songbai.core.sql import run
from songbai.domain.benefits import money
from songbai.domain.benefits.bank import Bank
from songbai.domain.benefits.bank.format import Line, PaymentFile, digest, write_payments
from songbai.domain.benefits.models import Cycle, PaymentBatch
from songbai.domain.benefits.queries.cycles import policy_of, texts_paying_dead
from songbai.domain.benefits.queries.sendable import SENDABLE, SOURCE
from songbai.domain.benefits.rules.cycle import PAYABLE
from songbai.domain.benefits.rules.paying import MOST_LINES, BatchState

#: Each with the account that stands now.
_READY = f"""
CREATE TEMP TABLE ready ON COMMIT DROP AS
SELECT p.id, p.elder_id, p.region_id, p.amount, f.secret AS account, f.value_index,
  (row_number() OVER (ORDER BY p.region_id, p.elder_id) - 1) AS place
{SOURCE} WHERE p.cycle_id = %s AND {SENDABLE}
"""
_LINES = """
INSERT INTO benefits_paymentline (batch_id, payment_id, elder_id, region_id, number, account,
  account_index, amount, state, reason)
SELECT b.id, r.id, r.elder_id, r.region_id, r.place %% %s + 1, r.account, r.value_index, r.amount,
  'sent', ''
FROM ready r JOIN unnest(%s::bigint[], %s::bigint[]) AS b(part, id) ON b.part = r.place / %s
"""
#: How many payments were written a moment ago the planner does not know: without it each is
#: compared with each.
_FOUND = "CREATE UNIQUE INDEX ON ready (id); ANALYZE ready"
_SENT = """
UPDATE benefits_payment p SET state = 'sent', retry = false FROM ready r WHERE r.id = p.id
"""


@transaction.atomic
def build(actor: Actor, cycle: Cycle, most: int = MOST_LINES) -> list[PaymentBatch]:
    """Put everything that can be paid now into files of at most so many lines; none when nothing.

    Two workers at once: the second waits and finds nothing left. Raises NotAllowed.
    """
    system_only(actor)
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.state not in PAYABLE:
        return []
    run("DROP TABLE IF EXISTS ready")
    run(_READY, [held.pk, texts_paying_dead()])
    run(_FOUND)
    parts = sql.rows(
        "SELECT place / %s, count(*), sum(amount)::bigint FROM ready GROUP BY 1 ORDER BY 1", [most]
    )
    batches = [_batch(held, rows, fen) for _, rows, fen in parts]
    if batches:
        marks = [[part for part, _, _ in parts], [batch.pk for batch in batches]]
        run(_LINES, [most, *marks, most])
        run(_SENT)
    return batches


def _batch(cycle: Cycle, rows: int, fen: int) -> PaymentBatch:
    last = PaymentBatch.objects.filter(cycle=cycle).aggregate(n=Max("number"))["n"] or 0
    return PaymentBatch.objects.create(
        cycle=cycle,
        region_id=cycle.region_id,
        number=last + 1,
        reference=f"SB{cycle.region_id[:6]}-{cycle.pk}-{last + 1}",
        rows=rows,
        fen=fen,
        built_at=clock.now(),
    )


def file_name(batch: PaymentBatch) -> str:
    """Under which name a batch goes to the bank, every time."""
    return f"pay-{batch.reference}.csv"


@transaction.atomic
def send(actor: Actor, bank: Bank, batch_id: int) -> bool:
    """Hand a built file to the bank and book what it was told to pay; False when it is not ours.

    The file is written before the books are, so a killed sender is followed by one that writes the
    very same file again. Raises NotAllowed, TryAgain.
    """
    system_only(actor)
    found = PaymentBatch.objects.select_for_update(skip_locked=True, of=("self",))
    batch = found.select_related("cycle").filter(pk=batch_id, state=BatchState.BUILT).first()
    if batch is None:
        return False
    content = write_payments(_file(batch))
    bank.send(file_name(batch), content)
    cycle = batch.cycle
    post(
        actor,
        [
            Posting(
                id=transfer_id("sent", batch.pk),
                debit=money.fund(cycle.region_id, cycle.policy, cycle.month),
                credit=money.with_bank(cycle.region_id),
                amount=batch.fen,
                kind="sent",
                month=cycle.month,
                subject=("batch", batch.pk),
                memo=f"批次 {batch.reference} 交银行",
                region=cycle.region_id,
            )
        ],
    )
    PaymentBatch.objects.filter(pk=batch.pk).update(
        state=BatchState.SENT, sent_at=clock.now(), digest=digest(content)
    )
    publish(
        "batch.sent",
        actor,
        **on("batch", batch),
        rows=batch.rows,
        fen=batch.fen,
        reference=batch.reference,
    )
    return True


def _file(batch: PaymentBatch) -> PaymentFile:
    memo = f"{policy_of(batch.cycle).name} {batch.cycle.month}"
    rows = batch.lines.order_by("number").values_list("number", "elder__name", "account", "amount")
    lines = tuple(
        Line(number, name, decrypt(account), fen, memo) for number, name, account, fen in rows
    )
    made = batch.built_at.astimezone(clock.SHANGHAI)
    return PaymentFile(batch.reference, batch.region_id[:6], f"{made:%Y%m%d}", lines)
