"""Closing the books of a cycle."""

from __future__ import annotations

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor, Reach
from songbai.domain.benefits.declares import BENEFIT_PROPOSE
from songbai.domain.benefits.models import Cycle, CycleException
from songbai.domain.benefits.rules.cycle import ExceptionState, State

from . import steps


@transaction.atomic
def close(actor: Actor, cycle: Cycle) -> None:
    """End a cycle: what is still open goes to a later one, and nothing of it changes any more.

    Raises NotAllowed, WrongState.
    """
    require(actor, BENEFIT_PROPOSE, Reach(cycle.region_id))
    now = clock.now()
    CycleException.objects.filter(cycle=cycle, state=ExceptionState.OPEN).update(
        state=ExceptionState.CARRIED,
        settled_at=now,
        settled_by_id=actor.account_id,
        settled_by=actor.name,
    )
    steps.advance(actor, cycle, State.CLOSED, closed_at=now)
