"""Paying a cycle from approval to the bank, and going on where somebody was killed.

A cycle ends when nothing of it is on its way any more.
"""

from django.db import transaction
from django.db.models import Q

from songbai.core.acting import Actor, Reach, require, system_only
from songbai.domain.benefits.actions.cycles import advance, close
from songbai.domain.benefits.bank import Bank
from songbai.domain.benefits.declares import BENEFIT_PAY
from songbai.domain.benefits.models import Cycle, Payment, PaymentBatch
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.rules.cycle import PAYABLE, State
from songbai.domain.benefits.rules.paying import MOST_LINES, SETTLED, BatchState, PaymentState
from songbai.domain.benefits.rules.policy import SPENT, TO_ACCOUNT

from .accounts import end_unowed, tell_held_accounts
from .batches import build, send
from .giving import give
from .making import make_payments


def unfinished() -> list[int]:
    """Cycles that may have something to send: being paid, or closed with money given back."""
    rows = Cycle.objects.filter(Q(state=State.PAYING) | Q(payments__state=PaymentState.FAILED))
    return list(rows.order_by("pk").distinct().values_list("pk", flat=True))


def start(actor: Actor, cycle: Cycle) -> None:
    """Let an approved cycle be paid; the program does the rest. Raises NotAllowed, WrongState."""
    require(actor, BENEFIT_PAY, Reach(cycle.region_id))
    advance(actor, cycle, State.PAYING)


def pay(actor: Actor, bank: Bank, cycle_id: int, most: int = MOST_LINES) -> Cycle:
    """Do all of a cycle that can be done now: payments, files, handing over; close what is settled.
    What the bank gave back of a closed cycle goes to the bank again once its account is mended.

    Each step is whole or not done, so it can be killed and run again, also twice at once. Raises
    NotAllowed, TryAgain.
    """
    system_only(actor)
    cycle = Cycle.objects.get(pk=cycle_id)
    if cycle.state not in PAYABLE:
        return cycle
    channel = policy_of(cycle).pay
    if cycle.state == State.CLOSED:
        _send(actor, bank, cycle, most)
    elif channel in SPENT:
        give(actor, cycle)
        close(actor, cycle)
    elif channel in TO_ACCOUNT:
        make_payments(actor, cycle)
        _send(actor, bank, cycle, most)
        close_when_settled(actor, cycle)
    else:
        close(actor, cycle)
    cycle.refresh_from_db()
    return cycle


def _send(actor: Actor, bank: Bank, cycle: Cycle, most: int) -> None:
    end_unowed(actor, cycle)
    build(actor, cycle, most)
    tell_held_accounts(actor, cycle)
    waiting = PaymentBatch.objects.filter(cycle=cycle, state=BatchState.BUILT)
    for batch_id in list(waiting.order_by("number").values_list("pk", flat=True)):
        send(actor, bank, batch_id)


@transaction.atomic
def close_when_settled(actor: Actor, cycle: Cycle) -> bool:
    """Close a cycle whose every payment is paid, suspended or nothing; whether it is closed now."""
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.state != State.PAYING:
        return held.state == State.CLOSED
    if Payment.objects.filter(cycle=held).exclude(state__in=SETTLED).exists():
        return False
    close(actor, held)
    return True
