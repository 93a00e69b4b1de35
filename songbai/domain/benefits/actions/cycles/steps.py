"""From state to state, and the end: the books are closed once every payment is paid, kept back or
called off.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, on, publish, require, system_only
from songbai.core.errors import Refused
from songbai.core.regions.rules import bounds
from songbai.core.signing import asked
from songbai.domain.benefits.declares import BENEFIT_PROPOSE
from songbai.domain.benefits.models import Arrears, Cycle, CycleException, Payment
from songbai.domain.benefits.queries.cycles import payable, policy_of, to_give
from songbai.domain.benefits.rules.credit import too_late
from songbai.domain.benefits.rules.cycle import TRANSITIONS, ExceptionState, State
from songbai.domain.benefits.rules.paying import SETTLED
from songbai.domain.benefits.rules.policy import TO_ACCOUNT


class WrongState(Refused):
    """这个批次现在不在这一步，可能别人已经办过了。请刷新再看。"""


class TooLateToSpend(Refused):
    """这个月已经过去，这笔钱月底作废，现在给了也不能用，所以不再往下办。以后的月份照常。"""


class StillUnpaid(Refused):
    """这个批次的钱还没有发完，不能办结。"""


#: Steps towards money: not gone when it could not be spent any more.
_TOWARDS_MONEY = frozenset({State.NOTICED, State.PROPOSED, State.APPROVED, State.PAYING})


@transaction.atomic
def advance(actor: Actor, cycle: Cycle, to: State, **changes: Any) -> None:
    """Bring a cycle into its next state, with who did it and when; the caller asked for the right.

    Raises WrongState, TooLateToSpend.
    """
    if to in _TOWARDS_MONEY and too_late(policy_of(cycle), cycle.month, clock.now()):
        raise TooLateToSpend
    before = [old for old, new in TRANSITIONS if new is to]
    moved = Cycle.objects.filter(pk=cycle.pk, state__in=before).update(state=to, **changes)
    if moved != 1:
        raise WrongState
    cycle.state = to
    for name, value in changes.items():
        setattr(cycle, name, value)
    note(actor, [cycle], to)


def note(actor: Actor, cycles: Sequence[Cycle], state: State) -> None:
    """Write down that cycles came into a state."""
    by = actor.account_id, actor.name
    asked("benefits_note", [c.pk for c in cycles], state.value, clock.now(), *by)
    for cycle in cycles:
        publish(
            f"cycle.{state}", actor, **on("cycle", cycle), policy=cycle.policy, month=cycle.month
        )


@transaction.atomic
def close(actor: Actor, cycle: Cycle) -> None:
    """End a cycle: what is still open goes to a later one, and nothing of it changes any more.

    Raises NotAllowed, WrongState, StillUnpaid.
    """
    require(actor, BENEFIT_PROPOSE, Reach(cycle.region_id))
    if cycle.state == State.IN_TOWNS:
        raise WrongState
    if not _done(cycle):
        raise StillUnpaid
    _end(actor, cycle)


@transaction.atomic
def close_empty(actor: Actor, cycle: Cycle) -> bool:
    """End a cycle by itself that pays nobody, changes nothing, puts nothing right and asks nobody
    anything; whether it was one. Raises NotAllowed.
    """
    system_only(actor)
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    low, high = bounds(held.region_id[:6])
    coming = Arrears.objects.filter(
        policy=held.policy, payment=None, withdrawn_at=None, region_id__range=(low, high)
    )
    asked = CycleException.objects.filter(cycle=held, state=ExceptionState.OPEN)
    if held.state != State.IN_TOWNS or not held.empty or coming.exists() or asked.exists():
        return False
    _end(actor, held)
    return True


def _end(actor: Actor, cycle: Cycle) -> None:
    now = clock.now()
    CycleException.objects.filter(cycle=cycle, state=ExceptionState.OPEN).update(
        state=ExceptionState.CARRIED,
        settled_at=now,
        settled_by_id=actor.account_id,
        settled_by=actor.name,
    )
    advance(actor, cycle, State.CLOSED, closed_at=now)


def _done(cycle: Cycle) -> bool:
    """Whether nothing of it is to be paid, or all of it is; what is not paid to an account is done
    when it was given.
    """
    if policy_of(cycle).pay not in TO_ACCOUNT:
        return cycle.state == State.PAYING or not to_give(cycle).exists()
    payments = Payment.objects.filter(cycle=cycle)
    if payments.exists():
        return not payments.exclude(state__in=SETTLED).exists()
    return not payable(cycle).exists()
