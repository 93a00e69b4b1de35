"""Giving money that orders spend: the monthly credit, and the consumption voucher."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed
from songbai.core.ledger.actions import Posting, post
from songbai.core.ledger.rules import transfer_id
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.queries import fund_account, spending_account
from songbai.domain.benefits.queries.explain import register_sheet
from songbai.domain.benefits.rules import Decision, Month, credit_decision, decide, spending_policy
from songbai.domain.benefits.rules.credit import Setting, month_ends, rate_of
from songbai.domain.benefits.rules.policy import Channel, Lapse
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts import of_person


@transaction.atomic
def grant_credit(actor: Actor, elder: Elder, month: str) -> CreditGrant | None:
    """Give an elder the home-service credit of a month, once; None when not entitled.

    Raises NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
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
    """Let an elder use consumption vouchers in a month up to the cap; None when not entitled.

    What is given is the most of a month; each order takes its share of what the elder would pay.
    Somebody of whom a fact is missing gets none: the decision says which one. Raises NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
    try:
        policy = spending_policy(Channel.VOUCHER, month, elder.region_id)
    except LookupError:
        return None
    held = Month.parse(month)
    decision = decide(policy, register_sheet(elder, of_person(actor, elder), [policy], held), held)
    if decision.decision != "yes" or not policy.cap:
        return None
    rates = {
        "home_rate": rate_of(decision, Setting.HOME),
        "institution_rate": rate_of(decision, Setting.INSTITUTION),
    }
    return _give(actor, elder, decision, policy.cap, **rates)


def _give(actor: Actor, elder: Elder, decision: Decision, amount: int, **rates: int) -> CreditGrant:
    policy, month = decision.policy, decision.month.text
    values: dict[str, Any] = {
        "region_id": elder.region_id,
        "channel": policy.pay,
        "group_name": decision.group[:40],
        "amount": amount,
        "granted_at": clock.now(),
        "lapses_at": month_ends(month) if policy.lapses is Lapse.MONTH_END else None,
        **rates,
    }
    grant, _ = CreditGrant.objects.get_or_create(
        elder=elder, policy=policy.code, month=month, defaults=values
    )
    post(
        actor,
        [
            Posting(
                id=transfer_id(policy.pay, policy.code, elder.pk, month),
                debit=fund_account(elder.region_id, month, policy.pay),
                credit=spending_account(elder.pk, elder.region_id, month, policy.pay),
                amount=grant.amount,
                kind=policy.pay,
                month=month,
                subject=("elder", elder.pk),
                memo=f"{policy.name} {month}",
                region=elder.region_id,
                person_id=elder.pk,
            )
        ],
    )
    return grant
