"""What one past month is worth by now: asked before money of it that nobody has goes out again."""

from songbai.core import clock, scope
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.models import Payment, Recovery
from songbai.domain.benefits.queries.explain import received_before
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.register import keys_by_kind
from songbai.domain.elders.models import Fact
from songbai.domain.elders.queries import person_of_records

from .finding import past_of, should_be


def worth_less(payment: Payment) -> bool:
    """Whether what was learnt since its list was frozen, or was asked back of its month already,
    leaves less of the month than a payment would pay. Who cannot be decided now keeps what the list
    said.
    """
    past, elder = past_of(payment.cycle), payment.elder
    facts = list(scope.visible(Fact, SYSTEM).filter(elder=elder))
    known, keys = past.cycle.snapshot.known_at, keys_by_kind(past.policies)
    asked_back = Recovery.objects.filter(
        elder__in=person_of_records([elder.pk]), policy=payment.policy, month=payment.month
    )
    learnt = any(fact.recorded_at > known and fact.kind in keys for fact in facts)
    if not learnt and not asked_back.exists():
        return False
    received = received_before([elder.pk], past.month, past.policies, [past.cycle.region_id])
    until = Month(clock.month_of(clock.today()))
    should = should_be(past, elder, facts, received[elder.pk], until)
    return should is not None and should < payment.entitled
