"""Forgetting what is over its time."""

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only

from .models import RetentionRun
from .registry import forget_of
from .rules import retention_rules


def run(actor: Actor) -> dict[str, int]:
    """Apply every rule once; returns how many things each forgot.

    Each rule forgets in its own transactions, so a killed run is simply run again.
    Raises NotAllowed.
    """
    system_only(actor)
    now, done = clock.now(), {}
    for rule in retention_rules():
        before, forget = rule.before(now), forget_of(rule.code)
        if before is not None and forget is not None:
            done[rule.code] = forget(before)
            RetentionRun.objects.create(
                code=rule.code, at=now, before=before, count=done[rule.code]
            )
    return done
