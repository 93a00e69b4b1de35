"""Closing the books of a cycle, once every payment of it is paid, kept back or called off."""

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, require, system_only
from songbai.core.errors import Refused
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.declares import BENEFIT_PROPOSE
from songbai.domain.benefits.models import Arrears, Cycle, CycleException, Payment
from songbai.domain.benefits.queries.cycles import payable, policy_of, to_give
from songbai.domain.benefits.rules.cycle import ExceptionState, State
from songbai.domain.benefits.rules.paying import SETTLED
from songbai.domain.benefits.rules.policy import TO_ACCOUNT

from . import steps


class StillUnpaid(Refused):
    """这个批次的钱还没有发完，不能办结。"""


@transaction.atomic
def close(actor: Actor, cycle: Cycle) -> None:
    """End a cycle: what is still open goes to a later one, and nothing of it changes any more.

    Raises NotAllowed, WrongState, StillUnpaid.
    """
    require(actor, BENEFIT_PROPOSE, Reach(cycle.region_id))
    if cycle.state == State.IN_TOWNS:
        raise steps.WrongState
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
    steps.advance(actor, cycle, State.CLOSED, closed_at=now)


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
