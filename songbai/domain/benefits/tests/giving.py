"""One person's credit or voucher of a month by itself, without a cycle's way to it."""

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.ledger.actions import post
from songbai.core.ledger.queries import balance
from songbai.core.ledger.registry import money_came
from songbai.domain.benefits.actions.paying.giving import given, rates_of
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.queries import spending_account
from songbai.domain.benefits.queries.explain import register_sheet
from songbai.domain.benefits.rules import (
    Decision,
    Month,
    credit_decision,
    decide,
    spending_policy,
)
from songbai.domain.benefits.rules.credit import ends_at
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts import of_person


def credit_left(elder: Elder, month: str) -> int:
    """Fen of monthly credit not yet spent or held."""
    return balance(spending_account(elder.pk, elder.region_id, month, Channel.CREDIT).code)


def grant_credit(actor: Actor, elder: Elder, month: str) -> CreditGrant | None:
    """The home-service credit of a month, once; None when not entitled."""
    try:
        decision = credit_decision(
            elder.birth_date, elder.hardship, elder.living, elder.region_id, month, elder.died_on
        )
    except LookupError:
        return None
    return _give(actor, elder, decision)


def grant_voucher(actor: Actor, elder: Elder, month: str) -> CreditGrant | None:
    """The most of a month's vouchers, once; None when not entitled or a fact is missing."""
    try:
        policy = spending_policy(Channel.VOUCHER, month, elder.region_id)
    except LookupError:
        return None
    held = Month.parse(month)
    sheet = register_sheet(elder, of_person(actor, elder), [policy], held)
    return _give(actor, elder, decide(policy, sheet, held))


@transaction.atomic
def _give(actor: Actor, elder: Elder, decision: Decision) -> CreditGrant | None:
    if decision.decision != "yes" or not decision.amount:
        return None
    policy, month = decision.policy, decision.month.text
    home, institution = rates_of(policy)
    grant, _ = CreditGrant.objects.get_or_create(
        elder=elder,
        policy=policy.code,
        month=month,
        defaults={
            "region_id": elder.region_id,
            "channel": policy.pay,
            "group_name": decision.group[:40],
            "amount": decision.amount,
            "home_rate": home,
            "institution_rate": institution,
            "granted_at": clock.now(),
            "lapses_at": ends_at(policy, month),
        },
    )
    post(actor, [given(policy, elder.pk, elder.region_id, month, grant.amount)])
    money_came(actor, [elder.pk], month)
    return grant
