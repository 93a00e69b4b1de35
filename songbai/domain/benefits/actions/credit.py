"""Giving credits."""

from __future__ import annotations

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed
from songbai.core.ledger.actions import Posting, post
from songbai.core.ledger.rules import transfer_id
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.queries import credit_account, fund_account
from songbai.domain.benefits.rules import home_service_decision
from songbai.domain.elders.models import Elder


@transaction.atomic
def grant_credit(actor: Actor, elder: Elder, month: str) -> CreditGrant | None:
    """Give an elder the home-service credit of a month, once; None when not entitled.

    Raises NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
    decision = home_service_decision(
        elder.birth_date, elder.hardship, elder.living, elder.region_id, month, elder.died_on
    )
    if decision.decision != "yes" or not decision.amount:
        return None
    policy = decision.policy
    grant, _ = CreditGrant.objects.get_or_create(
        elder=elder,
        policy=policy.code,
        month=month,
        defaults={
            "region_id": elder.region_id,
            "group_name": decision.group,
            "amount": decision.amount,
            "granted_at": clock.now(),
        },
    )
    post(
        actor,
        [
            Posting(
                id=transfer_id("credit", policy.code, elder.pk, month),
                debit=fund_account(elder.region_id, month),
                credit=credit_account(elder.pk, elder.region_id, month),
                amount=grant.amount,
                kind="credit",
                month=month,
                subject=("elder", elder.pk),
                memo=f"{policy.name} {month}",
                region=elder.region_id,
                person_id=elder.pk,
            )
        ],
    )
    return grant
