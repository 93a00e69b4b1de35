"""A cycle ends when nothing of it is on its way any more."""

from django.db import transaction

from songbai.core.accounts.rules import Actor
from songbai.domain.benefits.actions.cycles import close
from songbai.domain.benefits.models import Cycle, Payment
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.paying import SETTLED


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
