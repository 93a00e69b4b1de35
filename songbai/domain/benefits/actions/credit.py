"""Giving money that orders spend: the monthly credit, and the consumption voucher."""

from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.ledger.actions import Posting, post
from songbai.core.ledger.registry import money_came
from songbai.core.ledger.rules import transfer_id
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.queries import fund_account, spending_account
from songbai.domain.benefits.queries.explain import register_sheet
from songbai.domain.benefits.rules import (
    Decision,
    Month,
    Policy,
    credit_decision,
    decide,
    spending_policy,
)
from songbai.domain.benefits.rules.credit import Setting, month_ends, rate_of
from songbai.domain.benefits.rules.policy import Channel, Lapse
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts import of_person


@transaction.atomic
def grant_credit(actor: Actor, elder: Elder, month: str) -> CreditGrant | None:
    """Give an elder the home-service credit of a month, once; None when not entitled.

    Raises NotAllowed.
    """
    system_only(actor)
    try:
        decision = credit_decision(
            elder.birth_date, elder.hardship, elder.living, elder.region_id, month, elder.died_on
        )
    except LookupError:
        return None
    if decision.decision != "yes" or not decision.amount:
        return None
    return _give(actor, elder, decision, decision.amount)


@transaction.atomic
def grant_voucher(actor: Actor, elder: Elder, month: str) -> CreditGrant | None:
    """Let an elder use consumption vouchers in a month; None when not entitled.

    What is given is the most of a month: each order takes its share of what the elder would pay.
    Somebody of whom a fact is missing gets none: the decision says which one. Raises NotAllowed.
    """
    system_only(actor)
    try:
        policy = spending_policy(Channel.VOUCHER, month, elder.region_id)
    except LookupError:
        return None
    held = Month.parse(month)
    decision = decide(policy, register_sheet(elder, of_person(actor, elder), [policy], held), held)
    if decision.decision != "yes" or not decision.amount:
        return None
    rates = {
        "home_rate": rate_of(decision, Setting.HOME),
        "institution_rate": rate_of(decision, Setting.INSTITUTION),
    }
    return _give(actor, elder, decision, decision.amount, **rates)


def _give(actor: Actor, elder: Elder, decision: Decision, amount: int, **rates: int) -> CreditGrant:
    policy, month = decision.policy, decision.month.text
    values = values_of(elder.region_id, policy, month, decision.group, amount, **rates)
    grant, _ = CreditGrant.objects.get_or_create(
        elder=elder, policy=policy.code, month=month, defaults=values
    )
    post(actor, [given(policy, elder.pk, elder.region_id, month, grant.amount)])
    money_came(actor, [elder.pk], month)
    return grant


def values_of(
    region: str, policy: Policy, month: str, group: str, amount: int, **rates: int
) -> dict[str, Any]:
    """What a grant given now says, besides whose it is and of which policy and month."""
    return {
        "region_id": region,
        "channel": policy.pay,
        "group_name": group[:40],
        "amount": amount,
        "granted_at": clock.now(),
        "lapses_at": month_ends(month) if policy.lapses is Lapse.MONTH_END else None,
        **rates,
    }


def given(policy: Policy, elder: int, region: str, month: str, amount: int) -> Posting:
    """The money of a grant, from the fund to its account."""
    return Posting(
        id=transfer_id(policy.pay, policy.code, elder, month),
        debit=fund_account(region, month, policy.pay),
        credit=spending_account(elder, region, month, policy.pay),
        amount=amount,
        kind=policy.pay,
        month=month,
        subject=("elder", elder),
        memo=f"{policy.name}，{clock.month_words(month)}",
        region=region,
        person_id=elder,
    )
