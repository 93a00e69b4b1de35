"""What one past month is worth by now: asked before money of it that nobody has goes out again."""

from django.db.models import Exists, OuterRef, QuerySet

from songbai.core import clock, scope
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.models import Cycle, Payment, Recovery
from songbai.domain.benefits.queries.explain import received_before
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.register import keys_by_kind
from songbai.domain.elders.models import Fact

from .finding import past_of, should_be


def doubtful(cycle: Cycle) -> QuerySet[Payment]:
    """A cycle's payments of whose people something was learnt since the list was frozen, or of
    whose month something was asked back.
    """
    past = past_of(cycle)
    learnt = scope.visible(Fact, SYSTEM).filter(
        elder_id=OuterRef("elder_id"),
        kind__in=keys_by_kind(past.policies),
        recorded_at__gt=cycle.snapshot.known_at,
    )
    asked_back = Recovery.objects.filter(
        elder_id=OuterRef("elder_id"), policy=cycle.policy, month=cycle.month
    )
    return Payment.objects.filter(Exists(learnt) | Exists(asked_back), cycle=cycle)


def worth_less(payment: Payment) -> bool:
    """Whether less is left of a month, by what is known now, than its payment would pay."""
    return worth_now(payment) < payment.entitled


def worth_now(payment: Payment) -> int:
    """What a payment's month is worth by what is known now, fen. Who cannot be decided now keeps
    what the list said.
    """
    if not doubtful(payment.cycle).filter(pk=payment.pk).exists():
        return payment.entitled
    past, elder = past_of(payment.cycle), payment.elder
    facts = list(scope.visible(Fact, SYSTEM).filter(elder=elder))
    received = received_before([elder.pk], past.month, past.policies, [past.cycle.region_id])
    until = Month(clock.month_of(clock.today()))
    should = should_be(past, elder, facts, received[elder.pk], until)
    return payment.entitled if should is None else should
