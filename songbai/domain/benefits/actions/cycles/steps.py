"""From state to state."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish
from songbai.core.errors import Refused
from songbai.domain.benefits.models import Cycle, CycleStep
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.rules.credit import too_late
from songbai.domain.benefits.rules.cycle import TRANSITIONS, State


class WrongState(Refused):
    """这个批次现在不在这一步，可能别人已经办过了。请刷新再看。"""


class TooLateToSpend(Refused):
    """这个月已经过去，这笔钱月底作废，现在给了也不能用，所以不再往下办。以后的月份照常。"""


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
    now = clock.now()
    CycleStep.objects.bulk_create(
        CycleStep(cycle=c, state=state, at=now, by_id=actor.account_id, by_name=actor.name)
        for c in cycles
    )
    for cycle in cycles:
        publish(
            f"cycle.{state}", actor, **on("cycle", cycle), policy=cycle.policy, month=cycle.month
        )
